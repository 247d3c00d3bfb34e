"""A step whose answer was lost in, what the desk knows of it out. Nothing is sent again before this has said None."""

from dataclasses import dataclass

from gateway.delivery.plan import Step, push_for
from gateway.spool.records import Ticket
from gateway.staffapi.client import Desk
from gateway.staffapi.directory import Directory
from gateway.staffapi.documents import Create, Delete, Modify


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


async def look_up(desk: Desk, directory: Directory, step: Step, ticket_id: int | None) -> Found | NotFound | Unknowable:
    """What became of `step`. `ticket_id` is the ticket that earlier steps of the plan have made.

    Raises DeskUnavailable where the desk gives no answer that can be trusted.
    """
    push = push_for(step, ticket_id)
    match push:
        case Create():
            return await _look_up_create(desk, directory, push, step.marker)
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


async def _look_up_create(desk: Desk, directory: Directory, push: Create, marker: str) -> Found | NotFound | Unknowable:
    if marker not in push.tags:
        return Unknowable(
            "new tickets carry their marker in the text (GATEWAY_DESK__MARKER=line), where the desk cannot search for it; "
            f"look for {marker} there"
        )
    # Trash too: a ticket that was deleted meanwhile was made all the same.
    departments = [*(each.id for each in directory.departments if each.assigned), 0]
    tickets = await desk.find_tag(marker, departments)
    if not tickets:
        return NotFound()
    first = min(tickets, key=lambda ticket: ticket.id)
    return Found(Ticket(first.id, first.display_id or ""))
