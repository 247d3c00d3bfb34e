"""A step whose answer was lost in, what the desk knows of it out. Nothing is sent again before this has said None."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.delivery.plan import Step, push_for
from gateway.spool.records import Ticket
from gateway.staffapi import outcome
from gateway.staffapi.client import Desk, TooLong
from gateway.staffapi.directory import Directory
from gateway.staffapi.documents import Create, Delete
from gateway.staffapi.outcome import Conversation, Post
from gateway.staffapi.wire import SUBJECT_WIDTH, cut_address, xml_safe

#: StaffAPI page "Server response", `creationmode`.
_STAFFAPI = 7
#: By how much the desk's clock may differ from ours where its answers do not say (seconds), and where they do.
_CLOCKS_DIFFER, _CLOCKS_KNOWN = 600.0, 2.0
#: Posts of a ticket that are looked through, and how many are asked for at once.
_MOST_POSTS, _PAGE = 100, 10
#: Tickets that are read to see whether they hold our text.
_MOST_CANDIDATES = 10
_MARKER = re.compile("gw-[a-z2-7]{16}")


@dataclass(frozen=True, slots=True)
class Found:
    """The desk has it. `written` is all that is on the ticket, None where it is in Trash: whoever put it there has seen it."""

    ticket: Ticket
    written: Conversation | None
    #: False: recognised by what it says, without its marker.
    marked: bool = True
    #: More than one ticket carries the marker.
    several: bool = False
    #: The search for markers has shown it, and not only the one by address.
    searched: bool = True


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
    #: Whether `since` and `until` are by this node's clock.
    our_clock: bool = True


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
    if isinstance(push, Delete):
        return NotFound()
    try:
        if isinstance(push, Create):
            return await _look_up_create(desk, departments, push, step.marker, tried, taken)
        return await _look_up_words(desk, departments, step, int(push.ticket), tried)
    except TooLong:
        return Unknowable(f"a ticket holds more than can be looked through here; look on the desk for {step.marker}")


async def _look_up_words(
    desk: Desk, departments: Sequence[int], step: Step, ticket_id: int, tried: Tried
) -> Found | NotFound | Unknowable:
    """A reply, note or entry by the marker in its text."""
    shown = await _words(desk, step, ticket_id, tried)
    if shown is None:
        # It may have been merged into another meanwhile.
        now = await desk.ticket(ticket_id, departments)
        shown = await _words(desk, step, now.id, tried) if now is not None else None
    if shown is None:
        return Unknowable(
            f"the desk does not show ticket {ticket_id}, so it cannot be seen whether the {step.what} is there"
        )
    texts = [*(post.contents for post in shown.posts), *shown.notes, *shown.billing]
    if any(step.marker in text for text in texts):
        return Found(_ticket(shown.ticket), shown)
    return NotFound()


async def _words(desk: Desk, step: Step, ticket_id: int, tried: Tried) -> Conversation | None:
    """What was written on a ticket since the step was sent; None where the desk does not show the ticket."""
    if step.what == "note":
        return await desk.beside(ticket_id)
    posts: list[Post] = []
    page = _PAGE
    while len(posts) < _MOST_POSTS:
        try:
            further = await desk.posts(ticket_id, start=len(posts), limit=page)
        except TooLong:
            if page == 1:
                raise
            page = 1
            continue
        if further is None:
            return None
        posts += further
        since = tried.since + (tried.clock_skew or 0.0) - _CLOCKS_DIFFER
        if len(further) < page or (further[-1].creation_time or since) < since:
            break
    return Conversation(outcome.Ticket(ticket_id), tuple(posts))


async def find_marked(desk: Desk, departments: Sequence[int], push: Create, marker: str) -> list[outcome.Ticket]:
    """The tickets that carry the marker, the oldest first; one, if all is well. Raises DeskUnavailable."""
    # Trash too: a ticket that was deleted meanwhile was made all the same.
    if marker in push.tags:
        return sorted(await desk.find_tag(marker, departments), key=lambda ticket: ticket.id)
    found = []
    # Some full-text searches split words at the hyphen, or take it for "not".
    for ticket in (await desk.search_text(marker.rpartition("-")[2], departments))[:_MOST_CANDIDATES]:
        opening = await desk.opening(ticket.id)
        if opening is not None and any(marker in post.contents for post in opening.posts):
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
    also = [ticket for ticket in by_address if marker in ticket.tags]
    if tickets or also:
        return await _found(desk, (tickets or also)[0], several=len(tickets) > 1, searched=bool(tickets))
    like_ours = [ticket for ticket in by_address if _is_like(ticket, push, tried) and not taken(ticket.id)]
    if len(like_ours) > 1:
        # A push that is carried out late makes its ticket after its doubt was noticed; most do not.
        in_time = [ticket for ticket in like_ours if _made_in(ticket, tried, until=tried.until)]
        like_ours = in_time if len(in_time) == 1 else like_ours
    candidates = []
    for ticket in like_ours[:_MOST_CANDIDATES]:
        conversation = await desk.opening(ticket.id)
        if conversation is None or _is_ours(conversation, push, marker):
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


async def _found(desk: Desk, ticket: outcome.Ticket, *, several: bool, searched: bool) -> Found:
    in_trash = ticket.department_id == 0
    try:
        written = None if in_trash else await desk.opening(ticket.id)
    except TooLong:
        written = None  # it is there; what is missing of so much nobody can tell
    return Found(_ticket(ticket), written, several=several, searched=searched)


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
    margin = _CLOCKS_KNOWN if tried.clock_skew is not None and tried.our_clock else _CLOCKS_DIFFER
    made = ticket.creation_time - (tried.clock_skew or 0.0)
    return made >= tried.since - margin and (until is None or made <= until + margin)


def _cleaned(subject: str) -> str:
    return " ".join(xml_safe(subject).split())[:SUBJECT_WIDTH].rstrip().casefold()


def _is_ours(conversation: Conversation, push: Create, marker: str) -> bool:
    """Whether the first post is our text, and bears nobody else's marker."""
    first = min(conversation.posts, key=lambda post: post.id, default=None)
    if first is None or any(other != marker for other in _MARKER.findall(first.contents)):
        return False
    sent, stored = _letters(push.reply.contents), _letters(first.contents)
    # Databases without four-byte characters cut a text at the first of them.
    cut = any(ord(mark) > 0xFFFF for mark in push.reply.contents) and sent.startswith(stored)
    return sent in stored or cut


def _letters(text: str) -> str:
    """What is left of a text whatever the desk does to its line ends, marks and emoji."""
    return "".join(mark for mark in text.casefold() if mark.isalnum() and ord(mark) < 0x10000)


def _ticket(ticket: outcome.Ticket) -> Ticket:
    return Ticket(ticket.id, ticket.display_id or "")
