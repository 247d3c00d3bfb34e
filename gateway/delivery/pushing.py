"""A plan in, its steps pushed one by one; what became of each written down before the next is begun.

An attempt is committed before its POST. A step whose answer was lost is looked up before anything is sent again.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from gateway import maillog
from gateway.delivery.breaker import DeskState
from gateway.delivery.lookup import Found, NotFound, Unknowable, look_up
from gateway.delivery.names import Names
from gateway.delivery.plan import Plan, Step, push_for
from gateway.mail.decode import content
from gateway.spool.attempts import Ended
from gateway.spool.records import Attempt, Claimed, Ticket
from gateway.spool.spool import Spool
from gateway.spool.states import Delivered, Discarded, Held, Requeued, Settlement
from gateway.staffapi.client import Desk, DeskUnavailable
from gateway.staffapi.documents import File
from gateway.staffapi.outcome import Accepted, Deferred, InDoubt, Receipt, Refused, Unseen

#: A mail is tried again at the latest after this long (seconds).
_LONGEST_DELAY = 3600.0


@dataclass(frozen=True, slots=True)
class Timing:
    """Settings of the walk, in seconds."""

    settle: float = 120.0
    lookup_gap: float = 30.0
    retry: float = 60.0


class Pusher:
    """The way of a plan to the desk. `clock` gives seconds since the epoch, `dice` a number in [0, 1)."""

    def __init__(
        self,
        *,
        spool: Spool,
        desk: Desk,
        names: Names,
        state: DeskState,
        timing: Timing,
        clock: Callable[[], float],
        dice: Callable[[], float],
    ) -> None:
        self._spool = spool
        self._desk = desk
        self._names = names
        self._state = state
        self._timing = timing
        self._clock = clock
        self._dice = dice

    async def push_all(self, claimed: Claimed, plan: Plan, stored: tuple[str, str] | None) -> None:
        """Carry the plan on from where it stands; `stored` is decision and plan as JSON before the first attempt.

        Raises DeskUnavailable where the desk cannot be asked, LeaseLost, SpoolError.
        """
        ticket: Ticket | None = None
        last = plan.steps[-1].n
        for step in plan.steps:
            tries = [attempt for attempt in claimed.attempts if attempt.step == step.n]
            done = next((attempt for attempt in tries if attempt.done), None)
            if done is not None:
                ticket = ticket or done.ticket
                continue
            ended: Ended | None = None
            # "Unseen" may have been made where nobody could see it; an operator has let it go on, not said that it is not.
            if tries and step.marker and (tries[-1].doubtful or tries[-1].outcome == "unseen"):
                ended = await self._resolve(claimed, step, tries[-1], ticket, plan)
                if ended is None:
                    return
            if ended is None or ended.outcome == "absent":
                if ended is not None:
                    await asyncio.wrap_future(self._spool.end(claimed, ended))
                ended = await self._push(claimed, step, stored, ticket, plan)
                stored = None
                if ended is None:
                    return
            ticket = ticket or ended.ticket
            settlement = Delivered() if step.n == last else None
            await asyncio.wrap_future(self._spool.end(claimed, ended, settlement))
        self._log_delivered(claimed, plan, ticket)
        if last in {attempt.step for attempt in claimed.attempts if attempt.done}:
            # Every step had been accepted before this claim; only the last word was missing.
            await self.settle(claimed, Delivered())

    async def _push(
        self,
        claimed: Claimed,
        step: Step,
        stored: tuple[str, str] | None,
        ticket: Ticket | None,
        plan: Plan,
    ) -> Ended | None:
        """Send one step; how it ended, or None where the delivery has been settled without success."""
        attempt_id = await asyncio.wrap_future(self._spool.begin(claimed, step.n, plan=stored))
        maillog.push_started(id=claimed.delivery.id, step=step.n, attempt=attempt_id)
        began = time.monotonic()
        ticket_id = ticket.ticket_id if ticket is not None else None
        outcome = await self._desk.push(push_for(step, ticket_id), _opener(claimed.raw))
        if isinstance(outcome, Unseen):
            self._state.answered()
            return await self._unseen(claimed, step, attempt_id, outcome.reason, ticket_id, plan)
        return await self._judge(claimed, step, attempt_id, outcome, plan, (time.monotonic() - began) * 1000)

    async def _judge(
        self,
        claimed: Claimed,
        step: Step,
        attempt_id: int,
        outcome: Accepted | Deferred | Refused | InDoubt,
        plan: Plan,
        ms: float,
    ) -> Ended | None:
        delivery = claimed.delivery
        settlement: Settlement
        match outcome:
            case Accepted(receipt):
                self._state.accepted()
                ticket = _ticket(receipt, plan) if receipt is not None else None
                complaint = receipt.complaint if receipt is not None else ""
                return Ended(attempt_id, "accepted", complaint, ticket, plan.participants)
            case Deferred(reason, True):
                self._state.failed(reason)
                ended, settlement = Ended(attempt_id, "deferred", reason), self.wait_for_desk(claimed, reason)
                maillog.push_deferred(
                    id=delivery.id, step=step.n, reason=reason, next_try="when the desk answers", ms=ms
                )
            case Deferred(reason, False, retry_after):
                due = self._clock() + max(self.delay(claimed), retry_after or 0.0)
                ended, settlement = Ended(attempt_id, "deferred", reason), Requeued(due, reason)
                maillog.push_deferred(id=delivery.id, step=step.n, reason=reason, next_try=_utc(due), ms=ms)
            case Refused(reason):
                self._state.answered()
                ended, settlement = Ended(attempt_id, "refused", reason), Held(f"the desk refused it: {reason}")
                maillog.push_refused(id=delivery.id, step=step.n, reason=reason)
            case InDoubt(reason) if not step.marker:
                # Saying it again changes nothing, so there is nothing to look up.
                self._state.failed(reason)
                due = self._clock() + self.delay(claimed)
                ended, settlement = Ended(attempt_id, "in_doubt", reason), Requeued(due, reason)
                maillog.push_deferred(id=delivery.id, step=step.n, reason=reason, next_try=_utc(due), ms=ms)
            case InDoubt(reason):
                # Settled from now on, or from when the desk answers again.
                self._state.failed(reason)
                due = self._clock() + self._timing.settle
                ended = Ended(attempt_id, "in_doubt", reason)
                settlement = Requeued(due, f"in doubt: {reason}", in_doubt=True)
                maillog.push_in_doubt(id=delivery.id, step=step.n, reason=reason, ask_at=_utc(due))
        await asyncio.wrap_future(self._spool.end(claimed, ended, settlement))
        self._log_settled(claimed, settlement)
        return None

    async def _unseen(
        self, claimed: Claimed, step: Step, attempt_id: int, reason: str, ticket_id: int | None, plan: Plan
    ) -> Ended | None:
        """A whole answer without our ticket: one look-up, then a person; never sent again by itself."""
        if not step.marker:
            # A property change on a ticket that is gone or out of sight: nothing is lost by letting it be.
            return Ended(attempt_id, "accepted", reason)
        found: Found | NotFound | Unknowable
        try:
            directory = await self._names.current()
            found = await look_up(self._desk, directory, step, ticket_id, since=self._clock())
        except DeskUnavailable as error:
            found = Unknowable(str(error))
        maillog.push_looked_up(id=claimed.delivery.id, step=step.n, result=type(found).__name__, ticket="")
        if isinstance(found, Found):
            return Ended(attempt_id, "adopted", reason, found.ticket, plan.participants)
        settlement = Held(f"{reason} Marker: {step.marker}")
        await asyncio.wrap_future(self._spool.end(claimed, Ended(attempt_id, "unseen", reason), settlement))
        self._log_settled(claimed, settlement)
        return None

    async def _resolve(
        self, claimed: Claimed, step: Step, attempt: Attempt, ticket: Ticket | None, plan: Plan
    ) -> Ended | None:
        """What became of a step whose answer was lost; None where that is not known yet and the delivery was settled."""
        now = self._clock()
        noticed_at = attempt.ended_at or now
        answered_at = self._state.first_answer_after(noticed_at)
        if answered_at is None:
            await self._names.refresh()
            answered_at = self._state.answered_after(noticed_at)
        settled_at = max(noticed_at, answered_at) + self._timing.settle
        ask_at = max(settled_at, (attempt.looked_up_at or 0.0) + self._timing.lookup_gap)
        if now < ask_at:
            await self.settle(claimed, Requeued(ask_at, claimed.delivery.reason or "in doubt", in_doubt=True))
            return None
        directory = await self._names.current()
        since = min(each.started_at for each in claimed.attempts if each.step == step.n)
        found = await look_up(
            self._desk, directory, step, ticket.ticket_id if ticket is not None else None, since=since
        )
        self._state.answered()
        shown = found.ticket.display_id if isinstance(found, Found) else ""
        maillog.push_looked_up(id=claimed.delivery.id, step=step.n, result=type(found).__name__, ticket=shown)
        match found:
            case Found(adopted):
                return Ended(attempt.id, "adopted", "found on the desk", adopted, plan.participants)
            case NotFound() if attempt.looked_up_at is None:
                due = self._clock() + self._timing.lookup_gap
                again = Requeued(due, "in doubt: not on the desk, which is asked once more", in_doubt=True)
                await asyncio.wrap_future(self._spool.looked_up(claimed, attempt.id, again))
                return None
            case NotFound():
                return Ended(attempt.id, "absent", "looked up twice, not on the desk")
            case Unknowable(_) if claimed.delivery.released:
                return Ended(attempt.id, "absent", "an operator has looked and released it")
            case Unknowable(reason):
                await self.settle(claimed, Held(f"in doubt: {reason}. Release it to have it sent again"))
                return None

    def wait_for_desk(self, claimed: Claimed, reason: str) -> Requeued:
        # The due date stays: once the desk is back the oldest goes first.
        doubtful = any(attempt.doubtful for attempt in claimed.attempts)
        failed = [
            each.ended_at for each in claimed.attempts if each.outcome == "deferred" and each.ended_at is not None
        ]
        # A desk that has answered since it failed this mail before fails because of the mail. That one steps aside, or
        # as the oldest it would be sent first after every pause, and nothing else ever.
        alone = bool(failed) and self._state.first_answer_after(failed[-1]) is not None
        due_at = self._clock() + self.delay(claimed) if alone or doubtful else claimed.delivery.due_at
        return Requeued(due_at, f"the desk does not take it: {reason}", in_doubt=doubtful)

    def delay(self, claimed: Claimed) -> float:
        age = self._clock() - claimed.delivery.accepted_at
        return max(self._timing.retry, min(age, _LONGEST_DELAY)) * (1 + self._dice() / 10)

    async def settle(self, claimed: Claimed, settlement: Settlement, *, decision: str | None = None) -> None:
        """Write down where the delivery has come to; `decision` as JSON where nothing was pushed."""
        await asyncio.wrap_future(self._spool.settle(claimed, settlement, decision=decision))
        self._log_settled(claimed, settlement)

    def _log_settled(self, claimed: Claimed, settlement: Settlement) -> None:
        match settlement:
            case Held(reason):
                maillog.mail_held(id=claimed.delivery.id, reason=reason)
            case Discarded(reason):
                maillog.mail_discarded(id=claimed.delivery.id, reason=reason)

    def _log_delivered(self, claimed: Claimed, plan: Plan, ticket: Ticket | None) -> None:
        shown = (ticket.display_id or str(ticket.ticket_id)) if ticket is not None else ""
        maillog.mail_delivered(
            id=claimed.delivery.id,
            ticket=shown,
            action=plan.steps[0].what,
            attempts=len(claimed.attempts) + len(plan.steps),
            delay=self._clock() - claimed.delivery.accepted_at,
        )


def _ticket(receipt: Receipt, plan: Plan) -> Ticket:
    """The ticket of an answer; the answer to a reply need not show the display id."""
    joined = plan.joins.display_id if plan.joins is not None and plan.joins.ticket_id == receipt.ticket_id else ""
    return Ticket(receipt.ticket_id, receipt.display_id or joined)


def _opener(raw: bytes) -> Callable[[File], bytes]:
    return lambda file: content(raw, file.span)


def _utc(seconds: float) -> str:
    return time.strftime("%H:%M:%SZ", time.gmtime(seconds))
