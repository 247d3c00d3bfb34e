"""A step whose answer was lost, or did not show our ticket, in -> what became of it out, looked up with care.

Fence, settle, look up twice: what another session still sends is shut out first, what is under way gets time to end, and
only what two look-ups do not show is sent again, where a look-up is known to show what is there.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from gateway import maillog
from gateway.delivery.breaker import DeskState
from gateway.delivery.doubts import Doubts
from gateway.delivery.fence import Fence
from gateway.delivery.lookup import Found, NotFound, Tried, Unknowable, find_marked, look_up
from gateway.delivery.names import Names
from gateway.delivery.plan import Step
from gateway.delivery.sight import Sight
from gateway.spool.records import Attempt, Claimed, Ticket
from gateway.spool.spool import Spool
from gateway.spool.states import Held, Requeued
from gateway.staffapi.client import Desk, DeskUnavailable
from gateway.staffapi.documents import ClientPost, Create

#: How long a doubt waits for the proof that look-ups show what is there, before a person has to look (seconds).
_PROOF = 600.0
#: A push that ended without an answer after this long may still wait for its turn at the desk (seconds).
_LONG = 10.0


@dataclass(frozen=True, slots=True)
class Timing:
    """Settings of the walk, in seconds."""

    settle: float = 120.0
    lookup_gap: float = 30.0
    retry: float = 60.0
    lease: float = 300.0


@dataclass(frozen=True, slots=True)
class SendAgain:
    """Nothing of it is on the desk."""

    reason: str


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Not found; to be looked up once more after `due_at` before that is believed."""

    again: Requeued


Resolution = Found | SendAgain | LookAgain | Requeued | Held


class Resolver:
    """What the gateway knows of its doubts. `clock` gives seconds since the epoch."""

    def __init__(
        self,
        *,
        spool: Spool,
        desk: Desk,
        names: Names,
        state: DeskState,
        fence: Fence,
        sight: Sight,
        doubts: Doubts,
        timing: Timing,
        clock: Callable[[], float],
    ) -> None:
        self._spool = spool
        self._desk = desk
        self._names = names
        self._state = state
        self._fence = fence
        self._sight = sight
        self._doubts = doubts
        self._timing = timing
        self._clock = clock
        self._own_shut_at = 0.0

    async def resolve(self, claimed: Claimed, step: Step, attempt: Attempt, ticket: Ticket | None) -> Resolution:
        """What became of `attempt`, the last one at `step`. Raises DeskUnavailable."""
        now = self._clock()
        noticed_at = attempt.ended_at or now
        answered_at = self._state.first_answer_after(noticed_at)
        if answered_at is None:
            await self._names.refresh()
            answered_at = self._state.answered_after(noticed_at)
        # At once, so that all that was let in before has the time to settle. A request ends within a third of the lease:
        # a session opened a lease later, by the same node's clock, cannot have carried it.
        await self._fence.shut(attempt.node, opened_until=attempt.started_at + self._timing.lease)
        settled_at = max(noticed_at, answered_at) + self._timing.settle
        ask_at = max(settled_at, (attempt.looked_up_at or 0.0) + self._timing.lookup_gap)
        if now < ask_at:
            return Requeued(ask_at, claimed.delivery.reason or "in doubt", in_doubt=True)
        found = await self._look_up(claimed, step, ticket, noticed_at)
        match found:
            case Found(marked=False) if attempt.looked_up_at is None:
                # Whoever made it may yet mark it as theirs.
                return LookAgain(self._once_more(now, "in doubt: one like it is on the desk, which is asked once more"))
            case Found():
                self._doubts.resolve("several" if found.several else "found" if found.marked else "recognised")
                return found
            case Unknowable() if attempt.released_at is not None:
                return self._send_again("an operator has looked and released it")
            case Unknowable(reason):
                return self._hold(f"in doubt: {reason}. Release it to have it sent again")
            case NotFound() if attempt.looked_up_at is None:
                return LookAgain(self._once_more(now, "in doubt: not on the desk, which is asked once more"))
            case NotFound() if await self._shut_own(attempt, step):
                return LookAgain(self._once_more(now, "in doubt: not on the desk, where it may have waited until now"))
            case NotFound():
                return await self._believe(step, attempt, settled_at)

    async def look_once(self, claimed: Claimed, step: Step, ticket: Ticket | None, since: float) -> Found | None:
        """For an answer that did not show our ticket: whether the desk has it all the same."""
        found: Found | NotFound | Unknowable
        try:
            await self._names.refresh()
            found = await self._look_up(claimed, step, ticket, since)
        except DeskUnavailable:
            found = NotFound()
        ours = found if isinstance(found, Found) and found.marked else None
        self._doubts.resolve("found" if ours is not None else "unseen")
        return ours

    async def try_sight(self, step: Step) -> None:
        """The canary: whether a ticket that was just accepted is found by its marker."""
        create = step.push
        if not isinstance(create, Create) or not await self._sight.wants_trial(create.department_id):
            return
        try:
            directory = await self._names.current()
            found = await find_marked(self._desk, (*directory.assigned, 0), create, step.marker)
        except DeskUnavailable:
            return  # tried again with the next one
        if found:
            await self._sight.found(create.department_id)
        else:
            await self._sight.missed(create.department_id, step.marker)

    async def _shut_own(self, attempt: Attempt, step: Step) -> bool:
        """Whether the session of this process was ended just now, because the push may still wait for its turn there.

        A desk with more requests than it can work on keeps those whose sender has given up. Others that are under way get
        -2 and log in once for all. Nothing can be done so for posts over the REST API, which have no session.
        """
        lasted = (attempt.ended_at or self._clock()) - attempt.started_at
        if (
            attempt.node != self._spool.node
            or lasted < _LONG
            or self._own_shut_at > (attempt.ended_at or 0.0)
            or isinstance(step.push, ClientPost)
        ):
            return False
        await self._desk.renew_session()
        self._own_shut_at = self._clock()
        return True

    def _once_more(self, now: float, reason: str) -> Requeued:
        return Requeued(now + self._timing.lookup_gap, reason, in_doubt=True)

    async def _look_up(
        self, claimed: Claimed, step: Step, ticket: Ticket | None, noticed_at: float
    ) -> Found | NotFound | Unknowable:
        directory = await self._names.current()
        tries = [each for each in claimed.attempts if each.step == step.n]
        since = min((each.started_at for each in tries), default=noticed_at)
        ticket_id = ticket.ticket_id if ticket is not None else None
        our_clock = all(each.node == self._spool.node for each in tries)
        tried = Tried(since, noticed_at, self._desk.clock_skew, our_clock)
        taken = await asyncio.to_thread(self._taken_by_others, claimed.delivery.id)
        found = await look_up(self._desk, directory, step, ticket_id, tried, taken)
        self._state.answered()
        shown = found.ticket.display_id if isinstance(found, Found) else ""
        maillog.push_looked_up(id=claimed.delivery.id, step=step.n, result=type(found).__name__, ticket=shown)
        if isinstance(found, Found) and found.marked and found.searched and isinstance(step.push, Create):
            await self._sight.found(step.push.department_id)
        return found

    def _taken_by_others(self, delivery_id: int) -> Callable[[int], bool]:
        return lambda ticket_id: self._spool.taken(ticket_id, delivery_id)

    async def _believe(self, step: Step, attempt: Attempt, settled_at: float) -> Resolution:
        """Twice not found. That a create is not there counts where a look-up has been seen to find one."""
        if attempt.released_at is not None:
            return self._send_again("an operator has looked and released it")
        if attempt.outcome == "unseen":
            return self._hold(f"{attempt.reason} It is not found. Release it to have it sent again")
        if not isinstance(step.push, Create):
            return self._send_again("looked up twice, not on the desk")
        department = step.push.department_id
        sight = await self._sight.of(department)
        if sight == "proven":
            return self._send_again("looked up twice, not on the desk")
        if sight == "untried" and self._clock() < settled_at + _PROOF:
            return Requeued(
                self._clock() + max(self._timing.lookup_gap, 1.0),
                "in doubt: not on the desk; sent again once another mail has shown that look-ups find what is there",
                in_doubt=True,
            )
        why = "do not find what is there" if sight == "blind" else "have never been seen to find anything"
        return self._hold(
            f"in doubt: not found, but look-ups in department {department} {why}. Look on the desk for {step.marker}: "
            "if it is there, drop this mail; if not, release it to have it sent again"
        )

    def _send_again(self, reason: str) -> SendAgain:
        self._doubts.resolve("sent_again")
        return SendAgain(reason)

    def _hold(self, reason: str) -> Held:
        self._doubts.resolve("held")
        return Held(reason)
