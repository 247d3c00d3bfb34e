"""A step whose answer was lost in, what the desk knows of it out. Nothing is sent again before this has said None."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.delivery.plan import Step, push_for
from gateway.spool.records import Ticket
from gateway.staffapi import outcome
from gateway.staffapi.client import Desk
from gateway.staffapi.directory import Directory
from gateway.staffapi.documents import Create, Delete
from gateway.staffapi.outcome import Conversation
from gateway.staffapi.wire import SUBJECT_WIDTH, cut_address, xml_safe

#: StaffAPI page "Server response", `creationmode`.
_STAFFAPI = 7
#: By how much the desk's clock may differ from ours where its answers do not say (seconds), and where they do.
_CLOCKS_DIFFER, _CLOCKS_KNOWN = 600.0, 2.0
#: Tickets that are read to see whether they hold our text.
_MOST_CANDIDATES = 10
#: Characters of a text that are compared: the desk may rewrite line ends, markup and what comes last.
_COMPARED = 200


@dataclass(frozen=True, slots=True)
class Found:
    """The desk has it. `written` is all that is on the ticket, None where it is in Trash: whoever put it there has seen it."""

    ticket: Ticket
    written: Conversation | None
    #: False: recognised by what it says, without its marker.
    marked: bool = True
    #: More than one ticket carries the marker.
    several: bool = False


@dataclass(frozen=True, slots=True)
class NotFound:
    """The desk answered, could have shown it, and did not."""


@dataclass(frozen=True, slots=True)
class Unknowable:
    """No look-up can tell; a person has to."""

    reason: str


@dataclass(frozen=True, slots=True)
class Tried:
    """When the step was sent and its doubt noticed (seconds since the epoch), and by how much the desk's clock is ahead."""

    since: float
    until: float
    clock_skew: float | None = None


async def look_up(
    desk: Desk,
    directory: Directory,
    step: Step,
    ticket_id: int | None,
    tried: Tried,
    taken: Callable[[int], bool] = lambda _ticket: False,
) -> Found | NotFound | Unknowable:
    """What became of `step`. `ticket_id` is the ticket that earlier steps of the plan have made.

    `taken` says whether a ticket belongs to another mail. Raises DeskUnavailable where the desk gives no answer that can
    be trusted.
    """
    departments = (*directory.assigned, 0)
    push = push_for(step, ticket_id)
    if isinstance(push, Create):
        return await _look_up_create(desk, departments, push, step.marker, tried, taken)
    if isinstance(push, Delete):
        return NotFound()
    conversation = await desk.conversation(int(push.ticket))
    if conversation is None:
        # It may have been merged into another meanwhile.
        now = await desk.ticket(push.ticket, departments)
        conversation = await desk.conversation(now.id) if now is not None else None
    if conversation is None:
        return Unknowable(
            f"the desk does not show ticket {push.ticket}, so it cannot be seen whether the {step.what} is there"
        )
    texts = [*(post.contents for post in conversation.posts), *conversation.notes, *conversation.billing]
    if any(step.marker in text for text in texts):
        return Found(_ticket(conversation.ticket), conversation)
    return NotFound()


async def find_marked(desk: Desk, departments: Sequence[int], push: Create, marker: str) -> list[outcome.Ticket]:
    """The tickets that carry the marker, the oldest first; one, if all is well. Raises DeskUnavailable."""
    # Trash too: a ticket that was deleted meanwhile was made all the same.
    if marker in push.tags:
        return sorted(await desk.find_tag(marker, departments), key=lambda ticket: ticket.id)
    found = []
    # Some full-text searches split words at the hyphen, or take it for "not".
    for ticket in (await desk.search_text(marker.rpartition("-")[2], departments))[:_MOST_CANDIDATES]:
        conversation = await desk.conversation(ticket.id)
        if conversation is not None and any(marker in post.contents for post in conversation.posts):
            found.append(ticket)
    return sorted(found, key=lambda ticket: ticket.id)


async def _look_up_create(
    desk: Desk,
    departments: tuple[int, ...],
    push: Create,
    marker: str,
    tried: Tried,
    taken: Callable[[int], bool],
) -> Found | NotFound | Unknowable:
    tickets = await find_marked(desk, departments, push, marker)
    # A desk that dies between a ticket's row and its tags leaves a ticket that no marker finds.
    by_address = [] if tickets else await desk.search_email(cut_address(push.requester.email), departments)
    # And one whose tag search is blind shows it here all the same.
    tickets = tickets or [ticket for ticket in by_address if marker in ticket.tags]
    if tickets:
        return await _found(desk, tickets[0], several=len(tickets) > 1)
    like_ours = [ticket for ticket in by_address if _is_like(ticket, push, tried) and not taken(ticket.id)]
    if len(like_ours) > 1:
        # A push that is carried out late makes its ticket after its doubt was noticed; most do not.
        in_time = [ticket for ticket in like_ours if _made_in(ticket, tried, until=tried.until)]
        like_ours = in_time if len(in_time) == 1 else like_ours
    candidates = []
    for ticket in like_ours[:_MOST_CANDIDATES]:
        conversation = await desk.conversation(ticket.id)
        if conversation is None or _holds_text(conversation, push):
            candidates.append((ticket, conversation))
    if not candidates:
        return NotFound()
    if len(candidates) == 1 and candidates[0][1] is not None:
        ticket, conversation = candidates[0]
        return Found(_ticket(ticket), conversation, marked=False)
    names = ", ".join(ticket.display_id or str(ticket.id) for ticket, _ in candidates)
    return Unknowable(
        f"the desk has {names} of the same requester and subject without a marker, perhaps a part of this mail; look there, "
        "then drop this mail, or delete that ticket and release this mail"
    )


async def _found(desk: Desk, ticket: outcome.Ticket, *, several: bool) -> Found:
    in_trash = ticket.department_id == 0
    written = None if in_trash else await desk.conversation(ticket.id)
    return Found(_ticket(ticket), written, several=several)


def _is_like(ticket: outcome.Ticket, push: Create, tried: Tried) -> bool:
    """All but the text: same subject as the desk cleans it, made by StaffAPI since it was sent, marked by nobody."""
    return (
        _cleaned(ticket.subject or "") == _cleaned(push.subject)
        and (ticket.creation_mode or _STAFFAPI) == _STAFFAPI
        and _made_in(ticket, tried, until=None)
        and not any(tag.startswith("gw-") for tag in ticket.tags)
        # Whoever put it into Trash has seen to it.
        and ticket.department_id != 0
    )


def _made_in(ticket: outcome.Ticket, tried: Tried, *, until: float | None) -> bool:
    if ticket.creation_time is None:
        return until is None
    margin = _CLOCKS_DIFFER if tried.clock_skew is None else _CLOCKS_KNOWN
    made = ticket.creation_time - (tried.clock_skew or 0.0)
    return made >= tried.since - margin and (until is None or made <= until + margin)


def _cleaned(subject: str) -> str:
    return " ".join(xml_safe(subject).split())[:SUBJECT_WIDTH].rstrip().casefold()


def _holds_text(conversation: Conversation, push: Create) -> bool:
    first = min(conversation.posts, key=lambda post: post.id, default=None)
    return first is not None and _letters(push.reply.contents)[:_COMPARED] in _letters(first.contents)


def _letters(text: str) -> str:
    """What is left of a text whatever the desk does to its line ends, marks and emoji."""
    return "".join(mark for mark in text.casefold() if mark.isalnum() and ord(mark) < 0x10000)


def _ticket(ticket: outcome.Ticket) -> Ticket:
    return Ticket(ticket.id, ticket.display_id or "")
