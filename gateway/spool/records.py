"""What the spool hands out: plain values, never rows."""

from dataclasses import dataclass
from enum import StrEnum

from gateway.mail.envelope import Envelope


class State(StrEnum):
    """Where a Delivery stands. Waiting is a due date and doubt a mark; neither is a state."""

    #: Kept; worked on once it is due and first in its lane.
    QUEUED = "queued"
    #: A worker has it until its lease ends.
    CLAIMED = "claimed"
    #: Every step was accepted.
    DELIVERED = "delivered"
    #: Waits for a person; never expires by itself.
    HELD = "held"
    #: Not to be pushed: a rule, an operator, or a duplicate.
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket a delivery made or joined."""

    ticket_id: int
    display_id: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to push one step; `outcome` None means that nobody knows how it ended."""

    id: int
    generation: int
    step: int
    #: The gateway that sent it.
    node: str
    started_at: float
    ended_at: float | None
    outcome: str | None
    reason: str
    looked_up_at: float | None
    #: When an operator who had looked on the desk let this doubt go on.
    released_at: float | None
    ticket: Ticket | None

    @property
    def done(self) -> bool:
        return self.outcome in ("accepted", "adopted")

    @property
    def doubtful(self) -> bool:
        return self.outcome in (None, "in_doubt")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One accepted mail's way through the spool."""

    id: int
    state: State
    in_doubt: bool
    lane: int
    due_at: float
    accepted_at: float
    changed_at: float
    generation: int
    #: An operator has let it go on after it was held.
    released: bool
    #: How often the desk has failed it.
    failures: int
    reason: str
    waits_for: int | None
    duplicate_of: int | None
    envelope: Envelope
    size: int
    message_id: str | None
    subject: str | None
    sender: str | None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery in the hands of a worker. `epoch` proves the claim: writes under an older one are refused."""

    delivery: Delivery
    epoch: int
    raw: bytes
    #: The stored plan of this generation as JSON, or None before the first attempt.
    plan: str | None
    #: Attempts of this generation, oldest first.
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True)
class KnownThread:
    """The ticket a mail belongs to as far as the thread index knows."""

    ticket: Ticket
    #: How it was found, for people: "it answers a mail of the ticket", …
    evidence: str
    #: A mail that came minutes ago answers this very one, and no other has come in its name: its sender takes part.
    awaited: bool = False


@dataclass(frozen=True, slots=True)
class Details:
    """One delivery with all that is known of it, for `spool show`."""

    delivery: Delivery
    tickets: tuple[Ticket, ...]
    attempts: tuple[Attempt, ...]
    decision: str | None
    plan: str | None
