"""A step whose answer was lost in, what the desk knows of it out. Nothing is sent again before this has said None."""

from dataclasses import dataclass

from gateway.delivery.plan import Step, push_for
from gateway.spool.records import Ticket
from gateway.staffapi.client import Desk
from gateway.staffapi.directory import Directory
from gateway.staffapi.documents import ByAddress, Create, Delete, Modify

#: StaffAPI page "Server response", `creationmode`.
_STAFFAPI = 7
#: By how much the desk's clock may be behind ours (seconds).
_CLOCKS_DIFFER = 600.0


@dataclass(frozen=True, slots=True)
class Found:
    """The desk has it."""

    ticket: Ticket


@dataclass(frozen=True, slots=True)
class NotFound:
    """The desk answered, could have shown it, and did not."""


@dataclass(frozen=True, slots=True)
class Unknowable:
    """No look-up can tell; a person has to."""

    reason: str


async def look_up(
    desk: Desk, directory: Directory, step: Step, ticket_id: int | None, *, since: float
) -> Found | NotFound | Unknowable:
    """What became of `step`. `ticket_id` is the ticket that earlier steps of the plan have made.

    `since` is when the step was first sent (seconds since the epoch).

    Raises DeskUnavailable where the desk gives no answer that can be trusted.
    """
    push = push_for(step, ticket_id)
    match push:
        case Create():
            return await _look_up_create(desk, directory, push, step.marker, since)
        case Modify():
            conversation = await desk.conversation(int(push.ticket))
            if conversation is None:
                return Unknowable(
                    f"the desk does not show ticket {push.ticket}, so it cannot be seen whether the {step.what} is there"
                )
            texts = [*(post.contents for post in conversation.posts), *conversation.notes, *conversation.billing]
            if any(step.marker in text for text in texts):
                return Found(Ticket(conversation.ticket.id, conversation.ticket.display_id or ""))
            return NotFound()
        case Delete():
            return NotFound()


async def _look_up_create(
    desk: Desk, directory: Directory, push: Create, marker: str, since: float
) -> Found | NotFound | Unknowable:
    if marker not in push.tags:
        return Unknowable(
            "new tickets carry their marker in the text (GATEWAY_DESK__MARKER=line), where the desk cannot search for it; "
            f"look for {marker} there"
        )
    # Trash too: a ticket that was deleted meanwhile was made all the same.
    departments = [*(each.id for each in directory.departments if each.assigned), 0]
    tickets = await desk.find_tag(marker, departments)
    if not tickets:
        return await _look_up_by_address(desk, departments, push, marker, since)
    first = min(tickets, key=lambda ticket: ticket.id)
    return Found(Ticket(first.id, first.display_id or ""))


async def _look_up_by_address(
    desk: Desk, departments: list[int], push: Create, marker: str, since: float
) -> Found | NotFound | Unknowable:
    """A desk that dies between a ticket's row and its tags leaves a ticket that no marker finds."""
    if not isinstance(push.requester, ByAddress):
        return NotFound()
    tickets = await desk.search_email(push.requester.email, departments)
    # A desk whose tag search is blind shows it here all the same.
    for ticket in tickets:
        if marker in ticket.tags:
            return Found(Ticket(ticket.id, ticket.display_id or ""))
    subject = " ".join(push.subject.split()).casefold()
    candidates = [
        ticket.display_id or str(ticket.id)
        for ticket in tickets
        if " ".join((ticket.subject or "").split()).casefold() == subject
        and (ticket.creation_mode or _STAFFAPI) == _STAFFAPI
        and (ticket.creation_time or since) >= since - _CLOCKS_DIFFER
        and not any(tag.startswith("gw-") for tag in ticket.tags)
        # Whoever put it into Trash has seen to it.
        and ticket.department_id != 0
    ]
    if not candidates:
        return NotFound()
    return Unknowable(
        f"the desk has {', '.join(candidates)} of the same requester and subject without a marker, perhaps a part of this "
        "mail; look there, then drop this mail, or delete that ticket and release this mail"
    )
