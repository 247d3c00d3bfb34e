"""What the desk answered -> what became of a push: five outcomes, and the ticket as the desk shows it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An attachment as the desk keeps it."""

    id: int
    filename: str
    #: In bytes; None where the desk does not say.
    size: int | None


@dataclass(frozen=True, slots=True)
class Ticket:
    """`<ticket>` of an answer, page "Server response". Only `id` is always there; None: the desk did not say.

    The answer to a modify holds what was changed and no more: for a note alone that is nothing but the id.
    Times are Unix times, 0 for "never".
    """

    id: int
    staffapiid: int | None = None
    display_id: str | None = None
    #: 0 is Trash.
    department_id: int | None = None
    department_title: str | None = None
    status_id: int | None = None
    status_title: str | None = None
    priority_id: int | None = None
    priority_title: str | None = None
    flag: int | None = None
    type_id: int | None = None
    type_title: str | None = None
    user_id: int | None = None
    user_organization: str | None = None
    user_organization_id: int | None = None
    #: 0 is nobody.
    owner_id: int | None = None
    owner_name: str | None = None
    fullname: str | None = None
    email: str | None = None
    last_replier: str | None = None
    subject: str | None = None
    creation_time: int | None = None
    last_activity: int | None = None
    last_staff_reply: int | None = None
    last_user_reply: int | None = None
    sla_plan_id: int | None = None
    next_reply_due: int | None = None
    resolution_due: int | None = None
    replies: int | None = None
    ip_address: str | None = None
    #: 1 staff, 2 user.
    creator: int | None = None
    #: 7 is the StaffAPI, 3 e-mail.
    creation_mode: int | None = None
    #: 1 default, 2 phone.
    creation_type: int | None = None
    is_escalated: bool | None = None
    escalation_rule_id: int | None = None
    has_attachments: bool | None = None
    has_notes: bool | None = None
    has_billing: bool | None = None
    has_follow_up: bool | None = None
    has_draft: bool | None = None
    tags: tuple[str, ...] = ()
    #: Of all posts in the answer, in its order.
    attachments: tuple[StoredFile, ...] = ()
    #: Contents of the first post in the answer; None where the answer shows no post.
    text: str | None = field(default=None, repr=False)
    #: Notes in the answer.
    notes: int = 0


@dataclass(frozen=True, slots=True)
class Post:
    """One post of a ticket, as the desk stores it: signature appended, line breaks and emoji perhaps rewritten."""

    id: int
    contents: str
    fullname: str = ""
    email: str = ""
    #: 1 staff, 2 user, 3 CC, 4 BCC, 5 third party.
    creator: int | None = None
    #: Unix time.
    creation_time: int | None = None
    creation_mode: int | None = None
    attachments: tuple[StoredFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversation:
    """A ticket with some of its posts, and the texts of all its notes and billing entries."""

    ticket: Ticket
    posts: tuple[Post, ...] = ()
    notes: tuple[str, ...] = ()
    billing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """The desk's word that a ticket was made or changed."""

    ticket_id: int
    #: "" where the answer does not show it.
    display_id: str
    ticket: Ticket
    #: What the desk complained about while it did it ("Unable to insert note"), else "". A part is then missing.
    complaint: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """Done. `receipt` is None for a delete, whose answer names no ticket."""

    receipt: Receipt | None


@dataclass(frozen=True, slots=True)
class Deferred:
    """Nothing was made; sending again later is safe."""

    reason: str
    #: True: the desk failed, not this mail; every other push would fail alike.
    desk: bool
    #: Seconds to wait at least, where something says so.
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The desk understood and said no; nothing was made, and the same again is refused again."""

    reason: str


@dataclass(frozen=True, slots=True)
class InDoubt:
    """The request may have been carried out, wholly or in part. To be looked up before anything is sent again."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unseen:
    """A whole answer without our ticket: not allowed, or made where this account cannot see. Never sent again alone."""

    reason: str


Outcome = Accepted | Deferred | Refused | InDoubt | Unseen
