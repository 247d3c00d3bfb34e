"""What a step wants of the desk -> one document of the StaffAPI page, as values; `wire.py` writes them as XML.

Each class but ClientPost is one element of "StaffAPI - Updating Tickets"; each field names its section where that says more. What can
never be valid is refused here, with a sentence, so that a stored plan cannot hold it. Every class survives JSON by
`pydantic.TypeAdapter`; `kind` tells the members of a union apart.
"""

from dataclasses import dataclass
from typing import Literal

from gateway.mail.message import Span
from gateway.staffapi.values import (
    FLAGS,
    NOTE_COLOURS,
    Flag,
    NoteColour,
    need_colour,
    need_flag,
    need_id,
    need_person,
    need_recipients,
    need_text,
    need_ticket,
    need_times,
)

__all__ = [
    "FLAGS",
    "MOST_FILES",
    "NOTE_COLOURS",
    "Billing",
    "ByAddress",
    "ByPhone",
    "ByStaff",
    "ByUser",
    "ClientPost",
    "Create",
    "Delete",
    "File",
    "Flag",
    "Modify",
    "Note",
    "NoteColour",
    "NoteType",
    "Push",
    "Reply",
    "Requester",
]

NoteType = Literal["ticket", "user", "userorganization"]
#: Files in one post by REST: the field's number is empty or one digit, and the first has none.
MOST_FILES = 10


@dataclass(frozen=True, slots=True)
class File:
    """`<attachment>` of a reply, page "Replying to tickets". The bytes stay in the raw mail until the push."""

    #: A base name, made safe; the desk stores it as given. Cut to 255 characters on the wire.
    filename: str
    #: Of the decoded content, in bytes.
    size: int
    #: Of the decoded content, hexadecimal, lower case. Goes out as the attribute `md5`, which no desk verifies.
    md5: str
    #: Of the decoded content, hexadecimal, lower case. Stays here.
    sha256: str
    #: Where the content lies in the raw mail.
    span: Span

    def __post_init__(self) -> None:
        need_text("a file's name", self.filename)
        if any(mark in self.filename for mark in "/\\\0"):
            raise ValueError(f"the file name {self.filename!r} holds a path separator; give a base name")
        if self.size < 0:
            raise ValueError(f"the size of {self.filename!r} is {self.size}; it counts bytes, from 0")


@dataclass(frozen=True, slots=True)
class Reply:
    """`<reply>`: the first post of a new ticket, or a post by the session's staff user on a known one."""

    #: Plain text, lines ended by LF; never empty (the desk dies on it).
    contents: str
    files: tuple[File, ...] = ()
    #: True: the desk mails nobody about this reply. Not on the page; not looked at when a ticket is created.
    ignore_email: bool = False

    def __post_init__(self) -> None:
        need_text("the contents of a reply", self.contents)


@dataclass(frozen=True, slots=True)
class Note:
    """`<note>`, page "Adding notes to a ticket": staff see it, customers do not."""

    #: Plain text, lines ended by LF; the desk silently drops an empty note.
    text: str
    #: Who sees it: this ticket, any ticket of the same user, any ticket of the same organisation.
    type: NoteType = "ticket"
    #: 1 to 5, see `NoteColour`.
    colour: int = 1

    def __post_init__(self) -> None:
        need_text("a note", self.text)
        need_colour(self.colour)


@dataclass(frozen=True, slots=True)
class Billing:
    """`<billing>`, page "Adding billing information to a ticket"."""

    #: The note that goes with the entry; may be empty.
    text: str
    #: Seconds spent.
    time_worked: int
    #: Seconds the client pays for.
    time_billable: int
    #: Unix time at which the client was billed; None: the desk takes the work date.
    bill_date: int | None = None
    #: Unix time at which the work began; None: the desk takes now.
    work_date: int | None = None
    #: Id of the staff user who worked (the page says "name"; desks take the id); None: the session's user.
    worker: int | None = None
    #: 1 to 5, see `NoteColour`.
    colour: int = 1

    def __post_init__(self) -> None:
        for what, seconds in (("worked", self.time_worked), ("billable", self.time_billable)):
            if seconds < 0:
                raise ValueError(f"time {what} is {seconds}; it counts seconds, from 0")
        need_times(self.bill_date, self.work_date)
        if self.worker is not None:
            need_id("worker", self.worker)
        need_colour(self.colour)


@dataclass(frozen=True, slots=True)
class ByAddress:
    """The usual requester: `creator` is user, and the desk finds or makes the user by address (`userid` 0)."""

    #: Cut to 225 characters on the wire.
    fullname: str
    #: An addr-spec; the desk lower-cases it.
    email: str
    kind: Literal["address"] = "address"

    def __post_init__(self) -> None:
        need_person(self.fullname, self.email)


@dataclass(frozen=True, slots=True)
class ByUser:
    """A user the desk knows. If it does not, it falls back on the address; so both texts are needed all the same."""

    user_id: int
    fullname: str
    email: str
    kind: Literal["user"] = "user"

    def __post_init__(self) -> None:
        need_id("user id", self.user_id)
        need_person(self.fullname, self.email)


@dataclass(frozen=True, slots=True)
class ByPhone:
    """A caller: the ticket's `type` is phone. The page lets the address go; desks in the field do not."""

    fullname: str
    phonenumber: str
    email: str
    kind: Literal["phone"] = "phone"

    def __post_init__(self) -> None:
        need_text("a phone number", self.phonenumber)
        need_person(self.fullname, self.email)


@dataclass(frozen=True, slots=True)
class ByStaff:
    """A ticket opened by staff (`creator` is staff); `email` is still whom the desk writes to."""

    staff_id: int
    fullname: str
    email: str
    kind: Literal["staff"] = "staff"

    def __post_init__(self) -> None:
        need_id("staff id", self.staff_id)
        need_person(self.fullname, self.email)


Requester = ByAddress | ByUser | ByPhone | ByStaff


@dataclass(frozen=True, slots=True)
class Create:
    """`<create>`, page "Creating a new ticket". One ticket."""

    #: Ours; the answer's ticket echoes it, and nothing keeps it.
    staffapiid: int
    #: Cut to 255 characters on the wire.
    subject: str
    requester: Requester
    department_id: int
    status_id: int
    priority_id: int
    type_id: int
    reply: Reply
    #: 0: nobody. The desk resets an owner who is not assigned to the department to 0, and says nothing.
    owner_id: int = 0
    #: 0: no email queue.
    queue_id: int = 0
    #: Always sent: a desk that misses it takes 1.
    send_autoresponder: bool = False
    #: 0 to 6, see `Flag`.
    flag: int = 0
    #: Cleaned on the wire by `clean_tag`.
    tags: tuple[str, ...] = ()
    #: One address each.
    ccto: tuple[str, ...] = ()
    bccto: tuple[str, ...] = ()
    #: Unix time; None: the desk's own.
    resolution_due: int | None = None
    reply_due: int | None = None
    #: True: the session's staff user watches the ticket.
    watch: bool = False
    notes: tuple[Note, ...] = ()
    billing: tuple[Billing, ...] = ()
    kind: Literal["create"] = "create"

    def __post_init__(self) -> None:
        need_text("the subject", self.subject)
        for what, value in (
            ("staffapiid", self.staffapiid),
            ("department id", self.department_id),
            ("status id", self.status_id),
            ("priority id", self.priority_id),
            ("type id", self.type_id),
        ):
            need_id(what, value)
        need_id("owner id", self.owner_id, least=0)
        need_id("queue id", self.queue_id, least=0)
        need_flag(self.flag)
        need_recipients(self.ccto, self.bccto)
        need_times(self.resolution_due, self.reply_due)


@dataclass(frozen=True, slots=True)
class Modify:
    """`<modify>`, page "Modifying tickets" and all below it. None: left as it is.

    A desk runs the parts one after the other and keeps what it has done when a later one fails: a reply and property
    changes belong into two pushes.
    """

    #: The number, or a display id such as "ABC-123-45678".
    ticket: int | str
    department_id: int | None = None
    status_id: int | None = None
    priority_id: int | None = None
    type_id: int | None = None
    #: 0 takes the owner away.
    owner_id: int | None = None
    #: 0 clears it.
    flag: int | None = None
    #: Replaces all the ticket's tags; an empty tuple changes nothing.
    tags: tuple[str, ...] | None = None
    #: Added; nothing takes a recipient away.
    ccto: tuple[str, ...] = ()
    bccto: tuple[str, ...] = ()
    #: Unix time; 0 clears it.
    resolution_due: int | None = None
    reply_due: int | None = None
    watch: bool | None = None
    reply: Reply | None = None
    notes: tuple[Note, ...] = ()
    billing: tuple[Billing, ...] = ()
    kind: Literal["modify"] = "modify"

    def __post_init__(self) -> None:
        need_ticket(self.ticket)
        for what, value in (
            ("department id", self.department_id),
            ("status id", self.status_id),
            ("priority id", self.priority_id),
            ("type id", self.type_id),
        ):
            if value is not None:
                need_id(what, value)
        if self.owner_id is not None:
            need_id("owner id", self.owner_id, least=0)
        if self.flag is not None:
            need_flag(self.flag)
        need_recipients(self.ccto, self.bccto)
        need_times(self.resolution_due, self.reply_due)

    @property
    def adds(self) -> bool:
        """True: sent twice it leaves two of something. False: saying it again changes nothing."""
        return self.reply is not None or bool(self.notes or self.billing)


@dataclass(frozen=True, slots=True)
class Delete:
    """`<delete>`, page "Deleting tickets": the ticket goes to the desk's Trash."""

    #: The number, or a display id.
    ticket: int | str
    kind: Literal["delete"] = "delete"

    def __post_init__(self) -> None:
        need_ticket(self.ticket)


@dataclass(frozen=True, slots=True)
class ClientPost:
    """A post by a user of the desk on a known ticket. Not on the page: it goes to the desk's REST API, and is the one way
    in which a post becomes the customer's own. The desk then sets the status it has for answers of customers.
    """

    ticket: int
    #: Whose post it becomes.
    user_id: int
    #: Plain text, lines ended by LF; never empty.
    contents: str
    #: At most `MOST_FILES`.
    files: tuple[File, ...] = ()
    kind: Literal["client_post"] = "client_post"

    def __post_init__(self) -> None:
        need_id("ticket id", self.ticket)
        need_id("user id", self.user_id)
        need_text("the contents of a post", self.contents)
        if len(self.files) > MOST_FILES:
            raise ValueError(
                f"a post has {len(self.files)} files; the desk's REST API takes {MOST_FILES}, send the rest alone"
            )

    @property
    def adds(self) -> bool:
        """True: sent twice it leaves two of it."""
        return True


#: One POST each; of the StaffAPI, one top-level element.
Push = Create | Modify | Delete | ClientPost
