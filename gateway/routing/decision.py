"""What rules look at besides the mail, and what they say: facts in, Decision out."""

from dataclasses import dataclass
from typing import Literal

Action = Literal["create", "follow_up", "hold", "discard"]
#: A name as the desk shows it (any case) or an id.
NameOrId = str | int


@dataclass(frozen=True, slots=True)
class TicketRef:
    """A ticket on the desk: its number, and its display id such as "ABC-123-45678" ("" where unknown)."""

    ticket_id: int
    display_id: str


@dataclass(frozen=True, slots=True)
class Thread:
    """The ticket a mail belongs to, how we know, and whether its sender may write there."""

    ticket: TicketRef
    #: Such as "References <a@b>".
    evidence: str
    trusted: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """Gathered before deciding: rules look nothing up."""

    thread: Thread | None = None
    #: Bytes in the raw mail, for the condition `size`.
    size: int = 0
    #: An operator has let it go on: what would hold it does so no more.
    released: bool = False


@dataclass(frozen=True, slots=True)
class CreateFields:
    """What a new ticket looks like (StaffAPI "Creating a new ticket"). None: no rule has said anything."""

    department: NameOrId | None = None
    status: NameOrId | None = None
    priority: NameOrId | None = None
    type: NameOrId | None = None
    owner: NameOrId | None = None
    queue: NameOrId | None = None
    #: A flag's name, or its number.
    flag: NameOrId | None = None
    tags: tuple[str, ...] = ()
    ccto: tuple[str, ...] = ()
    bccto: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReplyFields:
    """What a follow-up changes on its ticket (StaffAPI "Changing ticket properties"). None: left as it is."""

    department: NameOrId | None = None
    status: NameOrId | None = None
    priority: NameOrId | None = None
    type: NameOrId | None = None
    owner: NameOrId | None = None
    flag: NameOrId | None = None


NoteType = Literal["ticket", "user", "userorganization"]
FollowUp = Literal["reply", "note", "client", "create"]
Untrusted = Literal["new", "hold", "join"]


@dataclass(frozen=True, slots=True)
class NoteField:
    """StaffAPI "Adding notes to a ticket"."""

    text: str
    type: NoteType = "ticket"
    #: 1 to 5.
    colour: int = 1


@dataclass(frozen=True, slots=True)
class Fields:
    """All that rules have set, merged: a field once set stays, lists grow, `override` replaces."""

    create: CreateFields = CreateFields()
    on_reply: ReplyFields = ReplyFields()
    notes: tuple[NoteField, ...] = ()
    #: None: the setting GATEWAY_DESK__FOLLOW_UP decides.
    follow_up: FollowUp | None = None
    requester: Literal["from", "reply_to"] = "from"
    autoresponder: bool = False
    thread: Literal["use", "ignore"] = "use"
    untrusted_thread: Untrusted = "new"


@dataclass(frozen=True, slots=True)
class ConditionResult:
    """One condition as it was tried: `path` such as "all[0].subject.contains", the value seen (cut), and how it went."""

    path: str
    wanted: str
    seen: str
    holds: bool


@dataclass(frozen=True, slots=True)
class RuleTrial:
    """One rule as it was tried, with its place ("rules/50-departments.yaml:12")."""

    name: str
    place: str
    hit: bool
    conditions: tuple[ConditionResult, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to become of a mail, and the trail that led there."""

    action: Action
    fields: Fields
    #: Set where action is follow_up.
    thread: Thread | None
    rules_tried: tuple[RuleTrial, ...]
    rules_hit: tuple[str, ...]
    #: Sentences for people; for hold and discard the first is the reason.
    reasons: tuple[str, ...]
    #: Whose text a note on an untrusted claim is about, else None.
    claimed: Thread | None = None
    #: Which rule set which field: ("create.department", "invoices"); one entry a rule for lists that grew.
    set_by: tuple[tuple[str, str], ...] = ()
