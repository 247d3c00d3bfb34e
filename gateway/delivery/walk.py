"""One claimed Delivery in; read, decided, planned, pushed step by step; its end written down.

An attempt is committed before its POST. A step whose answer was lost is looked up before anything is sent again.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from gateway import maillog
from gateway.delivery.breaker import DeskState
from gateway.delivery.deciding import DECISION, decide_and_plan
from gateway.delivery.facts import gather
from gateway.delivery.fallback import unreadable
from gateway.delivery.lookup import Found, NotFound, Unknowable, look_up
from gateway.delivery.names import Names
from gateway.delivery.plan import PLAN, Plan, Policy, Step, push_for
from gateway.delivery.readers import NoReader, Readers, Unreadable
from gateway.delivery.words import requester_of
from gateway.mail.decode import content
from gateway.mail.message import Message
from gateway.routing.rulebook import RuleBook
from gateway.spool.records import Attempt, Claimed, Ticket
from gateway.spool.spool import Spool
from gateway.spool.states import Delivered, Discarded, Ended, Held, Requeued, Settlement
from gateway.staffapi.client import Desk, DeskUnavailable
from gateway.staffapi.directory import UnknownName
from gateway.staffapi.documents import File
from gateway.staffapi.outcome import Accepted, Deferred, InDoubt, Outcome, Receipt, Refused, Unseen

#: A mail is tried again at the latest after this long (seconds).
_LONGEST_DELAY = 3600.0


@dataclass(frozen=True, slots=True)
class Timing:
    """Settings of the walk, in seconds."""

    settle: float = 120.0
    lookup_gap: float = 30.0
    retry: float = 60.0


class Walker:
    """Everything one delivery needs on its way. `clock` gives seconds since the epoch, `dice` a number in [0, 1)."""

    def __init__(
        self,
        *,
        spool: Spool,
        desk: Desk,
        names: Names,
        state: DeskState,
        readers: Readers,
        book: RuleBook,
        policy: Policy,
        timing: Timing,
        shadow: bool,
        clock: Callable[[], float],
        dice: Callable[[], float],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self._spool = spool
        self._desk = desk
        self._names = names
        self._state = state
        self._readers = readers
        self.book = book
        self._policy = policy
        self._timing = timing
        self._shadow = shadow
        self._clock = clock
        self._dice = dice
        self._random_bytes = random_bytes

    async def walk(self, claimed: Claimed) -> None:
        """Bring one delivery as far as it goes now. Raises LeaseLost and SpoolError; all else becomes its state."""
        try:
            await self._walk(claimed)
        except DeskUnavailable as error:
            self._state.failed(str(error))
            await self._settle(claimed, self._wait_for_desk(claimed, str(error)))
        except NoReader as error:
            await self._settle(claimed, Requeued(self._clock() + self._delay(claimed), str(error)))

    async def _walk(self, claimed: Claimed) -> None:
        if claimed.plan is not None:
            await self._push_all(claimed, PLAN.validate_json(claimed.plan), None)
        elif (decided := await self._decide(claimed)) is not None:
            plan, stored = decided
            await self._push_all(claimed, plan, stored)

    # -- before the first attempt ------------------------------------------------------------------------------

    async def _decide(self, claimed: Claimed) -> tuple[Plan, tuple[str, str]] | None:
        """The plan, and decision and plan as JSON; None where the mail has come to its end."""
        message = await self._read(claimed)
        delivery = claimed.delivery
        facts = await asyncio.to_thread(
            gather,
            self._spool,
            message,
            delivery_id=delivery.id,
            lane=delivery.lane,
            released=delivery.released,
        )
        directory = await self._names.current()
        for attempt in (1, 2):
            try:
                decision, plan = decide_and_plan(
                    self.book,
                    delivery.envelope,
                    message,
                    claimed.raw,
                    facts,
                    delivery_id=delivery.id,
                    directory=directory,
                    policy=self._policy,
                    random_bytes=self._random_bytes,
                )
                break
            except UnknownName as error:
                if attempt == 2:
                    await self._settle(claimed, Held(str(error)))
                    return None
                # It may have been added on the desk since the directory was fetched.
                directory = await self._names.current(not_older_than=10.0)
        evidence = decision.thread.evidence if decision.thread is not None else ""
        ticket = decision.thread.ticket.display_id if decision.thread is not None else ""
        rules = ",".join(decision.rules_hit)
        maillog.mail_decided(id=delivery.id, action=decision.action, rules=rules, ticket=ticket, evidence=evidence)
        # Not awaited: it goes into the same commit as what follows.
        self._spool.describe(
            claimed, subject=message.subject[:500], sender=requester_of(message, delivery.envelope, "from")[1]
        )
        reason = decision.reasons[0] if decision.reasons else ""
        if plan is None:
            await self._settle(claimed, Held(reason) if decision.action == "hold" else Discarded(reason))
            return None
        if self._shadow:
            await self._settle(claimed, Discarded("shadow: decided and kept, nothing pushed"))
            return None
        stored = (DECISION.dump_json(decision).decode(), PLAN.dump_json(plan).decode())
        return plan, stored

    async def _read(self, claimed: Claimed) -> Message:
        delivery, began = claimed.delivery, time.monotonic()
        try:
            message = await self._readers.read(claimed.raw)
        except Unreadable as error:
            maillog.mail_unreadable(id=delivery.id, reason=error.reason, ms=(time.monotonic() - began) * 1000)
            return unreadable(claimed.raw, delivery.envelope, error.reason)
        maillog.mail_read(
            id=delivery.id,
            kind=message.kind,
            attachments=len(message.attachments),
            defects=len(message.defects),
            ms=(time.monotonic() - began) * 1000,
        )
        return message

    # -- step by step ------------------------------------------------------------------------------------------

    async def _push_all(self, claimed: Claimed, plan: Plan, stored: tuple[str, str] | None) -> None:
        ticket: Ticket | None = None
        last = plan.steps[-1].n
        for step in plan.steps:
            tries = [attempt for attempt in claimed.attempts if attempt.step == step.n]
            done = next((attempt for attempt in tries if attempt.done), None)
            if done is not None:
                ticket = ticket or done.ticket
                continue
            ended: Ended | None = None
            if tries and tries[-1].doubtful and step.marker:
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
            await self._settle(claimed, Delivered())

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
        outcome = await self._desk.push(
            push_for(step, ticket.ticket_id if ticket is not None else None), _opener(claimed.raw)
        )
        return await self._judge(claimed, step, attempt_id, outcome, plan, (time.monotonic() - began) * 1000)

    async def _judge(
        self, claimed: Claimed, step: Step, attempt_id: int, outcome: Outcome, plan: Plan, ms: float
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
                ended, settlement = Ended(attempt_id, "deferred", reason), self._wait_for_desk(claimed, reason)
                maillog.push_deferred(
                    id=delivery.id, step=step.n, reason=reason, next_try="when the desk answers", ms=ms
                )
            case Deferred(reason, False, retry_after):
                due = self._clock() + max(self._delay(claimed), retry_after or 0.0)
                ended, settlement = Ended(attempt_id, "deferred", reason), Requeued(due, reason)
                maillog.push_deferred(id=delivery.id, step=step.n, reason=reason, next_try=_utc(due), ms=ms)
            case Refused(reason):
                self._state.answered()
                ended, settlement = Ended(attempt_id, "refused", reason), Held(f"the desk refused it: {reason}")
                maillog.push_refused(id=delivery.id, step=step.n, reason=reason)
            case InDoubt(reason) if not step.marker:
                # Saying it again changes nothing, so there is nothing to look up.
                self._state.failed(reason)
                due = self._clock() + self._delay(claimed)
                ended, settlement = Ended(attempt_id, "in_doubt", reason), Requeued(due, reason)
                maillog.push_deferred(id=delivery.id, step=step.n, reason=reason, next_try=_utc(due), ms=ms)
            case InDoubt(reason):
                # Settled from now on, or from when the desk answers again.
                self._state.failed(reason)
                due = self._clock() + self._timing.settle
                ended = Ended(attempt_id, "in_doubt", reason)
                settlement = Requeued(due, f"in doubt: {reason}", in_doubt=True)
                maillog.push_in_doubt(id=delivery.id, step=step.n, reason=reason, ask_at=_utc(due))
            case Unseen(reason):
                self._state.answered()
                return await self._unseen(claimed, step, attempt_id, reason, plan)
        await asyncio.wrap_future(self._spool.end(claimed, ended, settlement))
        self._log_settled(claimed, settlement)
        return None

    async def _unseen(self, claimed: Claimed, step: Step, attempt_id: int, reason: str, plan: Plan) -> Ended | None:
        """A whole answer without our ticket: one look-up, then a person; never sent again by itself."""
        if not step.marker:
            # A property change on a ticket that is gone or out of sight: nothing is lost by letting it be.
            return Ended(attempt_id, "accepted", reason)
        directory = await self._names.current()
        ticket_id = next((a.ticket.ticket_id for a in claimed.attempts if a.done and a.ticket is not None), None)
        found = await look_up(self._desk, directory, step, ticket_id, since=self._clock())
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
            await self._settle(claimed, Requeued(ask_at, claimed.delivery.reason or "in doubt", in_doubt=True))
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
            case Unknowable(reason):
                await self._settle(claimed, Held(f"in doubt: {reason}"))
                return None

    # -- ends --------------------------------------------------------------------------------------------------

    def _wait_for_desk(self, claimed: Claimed, reason: str) -> Requeued:
        # The due date stays: once the desk is back the oldest goes first.
        doubtful = any(attempt.doubtful for attempt in claimed.attempts)
        return Requeued(claimed.delivery.due_at, f"the desk does not take it: {reason}", in_doubt=doubtful)

    def _delay(self, claimed: Claimed) -> float:
        age = self._clock() - claimed.delivery.accepted_at
        return max(self._timing.retry, min(age, _LONGEST_DELAY)) * (1 + self._dice() / 10)

    async def _settle(self, claimed: Claimed, settlement: Settlement) -> None:
        await asyncio.wrap_future(self._spool.settle(claimed, settlement))
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
