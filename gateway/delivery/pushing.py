"""A plan in, its steps pushed one by one; what became of each written down before the next is begun.

An attempt is committed before its POST. A step whose answer was lost is looked up before anything is sent again, and what
the desk has done in part is completed by further steps.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from gateway import maillog
from gateway.delivery.breaker import DeskState
from gateway.delivery.completing import missing_from
from gateway.delivery.doubts import Doubts
from gateway.delivery.lookup import Found
from gateway.delivery.names import Names
from gateway.delivery.plan import PLAN, Plan, Step, push_for
from gateway.delivery.readying import leave_to_staff, with_tags
from gateway.delivery.resolving import LookAgain, Resolver, SendAgain
from gateway.delivery.settling import Settler
from gateway.delivery.sight import Sight
from gateway.mail.decode import content_blocks
from gateway.spool.attempts import Ended, TicketTaken
from gateway.spool.records import Attempt, Claimed, Ticket
from gateway.spool.spool import Spool
from gateway.spool.states import Delivered, Held, Requeued
from gateway.staffapi import outcome
from gateway.staffapi.client import Desk
from gateway.staffapi.documents import Create, File, Modify, Push
from gateway.staffapi.outcome import Accepted, Conversation, Receipt, Refused, Unseen

#: A ticket recognised as ours was just taken by another mail: until it is looked up once more (seconds).
_TAKEN = 1.0
#: A step is sent no more than this often without ever having arrived.
_MOST_TIMES = 5
#: `Ticket.department_id` of a ticket in Trash.
_TRASH = 0


@dataclass(frozen=True, slots=True)
class _Done:
    """A step that is on the desk. `shown` and `written` are what the desk shows of the ticket, if it does."""

    ended: Ended
    shown: outcome.Ticket | None = None
    written: Conversation | None = None
    #: Just accepted: the answer is the desk's own.
    fresh: bool = False


class Pusher:
    """The way of a plan to the desk. `clock` gives seconds since the epoch, `random_bytes` what new markers are made of; `lease` is in seconds."""

    def __init__(
        self,
        *,
        spool: Spool,
        desk: Desk,
        names: Names,
        state: DeskState,
        sight: Sight,
        resolver: Resolver,
        settler: Settler,
        doubts: Doubts,
        lease: float,
        clock: Callable[[], float],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self._spool = spool
        self._desk = desk
        self._names = names
        self._state = state
        self._sight = sight
        self._resolver = resolver
        self._settler = settler
        self._doubts = doubts
        self._lease = lease
        self._clock = clock
        self._random_bytes = random_bytes

    async def push_all(self, claimed: Claimed, plan: Plan, stored: tuple[str, str] | None) -> None:
        """Carry the plan on from where it stands; `stored` is decision and plan as JSON before the first attempt.

        Raises DeskUnavailable where the desk cannot be asked, LeaseLost, SpoolError.
        """
        ticket: Ticket | None = None
        in_one_go = False
        sent = 0
        # The plan may grow while it is carried out.
        while sent < len(plan.steps):
            step = plan.steps[sent]
            sent += 1
            tries = [attempt for attempt in claimed.attempts if attempt.step == step.n]
            done = next((attempt for attempt in tries if attempt.done), None)
            if done is not None:
                ticket = ticket or done.ticket
                continue
            carried = await self._carry_out(claimed, plan, step, tries, ticket, stored, in_one_go=in_one_go)
            if carried is None:
                return
            stored, in_one_go = None, carried.fresh
            longer = self._complete(claimed, plan, step, carried)
            if longer is not None:
                plan = longer
            settlement = Delivered() if sent == len(plan.steps) else None
            as_json = PLAN.dump_json(plan).decode() if longer is not None else None
            try:
                await asyncio.wrap_future(self._spool.end(claimed, carried.ended, settlement, plan=as_json))
            except TicketTaken as error:
                # Looked up again: what is another mail's is no candidate then.
                due = self._clock() + _TAKEN
                await self._settler.settle(claimed, Requeued(due, f"in doubt: {error}", in_doubt=True))
                return
            ticket = ticket or carried.ended.ticket
            if carried.fresh and isinstance(step.push, Create):
                await self._look_after(claimed, step, carried.ended.ticket)
        self._log_delivered(claimed, plan, ticket)
        if plan.steps[-1].n in {attempt.step for attempt in claimed.attempts if attempt.done}:
            # Every step had been accepted before this claim; only the last word was missing.
            await self._settler.settle(claimed, Delivered())

    async def _carry_out(
        self,
        claimed: Claimed,
        plan: Plan,
        step: Step,
        tries: list[Attempt],
        ticket: Ticket | None,
        stored: tuple[str, str] | None,
        *,
        in_one_go: bool,
    ) -> _Done | None:
        """Find the step on the desk or send it; None where the delivery has been settled without success."""
        # "Unseen" may have been made where nobody could see it; an operator has let it go on, not said that it is not.
        if tries and step.marker and (tries[-1].doubtful or tries[-1].outcome == "unseen"):
            resolution = await self._resolver.resolve(claimed, step, tries[-1], ticket)
            match resolution:
                case Found():
                    self._log_resolved(claimed, step, resolution)
                    ended = Ended(
                        tries[-1].id,
                        "adopted",
                        "found on the desk" if resolution.marked else "recognised on the desk, which had not marked it",
                        _named(resolution.ticket, plan),
                        plan.participants,
                        alone=not resolution.marked,
                    )
                    shown = resolution.written.ticket if resolution.written is not None else None
                    return _Done(ended, shown, resolution.written)
                case SendAgain(reason):
                    maillog.push_resolved(id=claimed.delivery.id, step=step.n, how="sent again", ticket="")
                    await asyncio.wrap_future(self._spool.end(claimed, Ended(tries[-1].id, "absent", reason)))
                case LookAgain(again):
                    await asyncio.wrap_future(self._spool.looked_up(claimed, tries[-1].id, again))
                    return None
                case Requeued() | Held():
                    await self._settler.settle(claimed, resolution)
                    return None
        if (obstacle := await self._obstacle(step, tries)) is not None:
            await self._settler.settle(claimed, obstacle)
            return None
        return await self._push(claimed, step, stored, ticket, plan, in_one_go=in_one_go)

    async def _obstacle(self, step: Step, tries: list[Attempt]) -> Held | Requeued | None:
        """What speaks against sending the step now."""
        released = bool(tries) and tries[-1].released_at is not None
        if not released and sum(attempt.outcome == "absent" for attempt in tries) >= _MOST_TIMES:
            return Held(
                f"sent {len(tries)} times, and each time the answer was lost and nothing was there: {tries[-1].reason}. Look at "
                "the desk's error log, then release it to have it sent once more"
            )
        if not isinstance(step.push, Create):
            return None
        department = step.push.department_id
        if department not in (await self._names.current()).assigned:
            return Held(
                f"the account is not assigned to department {department} any more; assign it there, or change the rule, then "
                "retry this mail"
            )
        closed = None if released else self._sight.closed(department)
        return (
            Requeued(closed[0], f"nothing is made in department {department} for now: {closed[1]}") if closed else None
        )

    async def _push(
        self,
        claimed: Claimed,
        step: Step,
        stored: tuple[str, str] | None,
        ticket: Ticket | None,
        plan: Plan,
        *,
        in_one_go: bool,
    ) -> _Done | None:
        ticket_id = ticket.ticket_id if ticket is not None else None
        push: Push | None = push_for(step, ticket_id)
        if isinstance(push, Modify) and step.what == "properties":
            if not in_one_go:
                push = await leave_to_staff(self._desk, claimed, plan, push)
            push = await with_tags(self._desk, (await self._names.current()).assigned, push, step.add_tags)
        attempt_id = await asyncio.wrap_future(
            self._spool.begin(claimed, step.n, plan=stored, lease_seconds=self._lease)
        )
        if push is None:
            return _Done(Ended(attempt_id, "accepted", "nothing is left to change"))
        maillog.push_started(id=claimed.delivery.id, step=step.n, attempt=attempt_id)
        began = time.monotonic()
        started_at = self._clock()
        said = await self._desk.push(push, _opener(claimed.raw))
        if isinstance(said, Unseen):
            self._state.answered()
            return await self._unseen(claimed, step, attempt_id, said.reason, ticket, plan, started_at)
        if isinstance(said, Refused) and (not step.marker or step.completes):
            # The mail itself is on the desk: what goes with it must not hold it, nor what comes after it, for ever.
            self._state.answered()
            shown = ticket.display_id if ticket is not None else ""
            maillog.push_incomplete(id=claimed.delivery.id, step=step.n, ticket=shown, text=f"refused: {said.reason}")
            return _Done(Ended(attempt_id, "accepted", f"the desk refused this change: {said.reason}"))
        if not isinstance(said, Accepted):
            ms = (time.monotonic() - began) * 1000
            await self._settler.fail(claimed, step.n, attempt_id, said, marked=bool(step.marker), ms=ms)
            return None
        self._state.accepted()
        if said.receipt is None:
            return _Done(Ended(attempt_id, "accepted"))
        if isinstance(step.push, Create):
            self._sight.open(step.push.department_id)
        receipt = said.receipt
        if plan.joins is not None and receipt.ticket.department_id == _TRASH:
            text = "the ticket has been put into Trash"
            maillog.push_incomplete(id=claimed.delivery.id, step=step.n, ticket=receipt.display_id, text=text)
        ended = Ended(attempt_id, "accepted", receipt.complaint, _ticket(receipt, plan), plan.participants)
        return _Done(ended, receipt.ticket, fresh=True)

    async def _look_after(self, claimed: Claimed, step: Step, ticket: Ticket | None) -> None:
        """What is worth knowing of a ticket that was just made."""
        if ticket is not None and await asyncio.to_thread(self._spool.taken, ticket.ticket_id, claimed.delivery.id):
            maillog.ticket_shared(id=claimed.delivery.id, ticket=ticket.display_id)
        await self._resolver.try_sight(step)

    async def _unseen(
        self,
        claimed: Claimed,
        step: Step,
        attempt_id: int,
        reason: str,
        ticket: Ticket | None,
        plan: Plan,
        started_at: float,
    ) -> _Done | None:
        """A whole answer without our ticket: one look-up, then a person; never sent again by itself."""
        if not step.marker:
            # A property change on a ticket that is gone or out of sight: nothing is lost by letting it be.
            return _Done(Ended(attempt_id, "accepted", reason))
        found = await self._resolver.look_once(claimed, step, ticket, started_at)
        if found is not None:
            ended = Ended(attempt_id, "adopted", reason, found.ticket, plan.participants)
            return _Done(ended, found.written.ticket if found.written is not None else None, found.written)
        if isinstance(step.push, Create):
            self._sight.close(step.push.department_id, reason)
        settlement = Held(f"{reason} Marker: {step.marker}")
        await self._settler.end(claimed, Ended(attempt_id, "unseen", reason), settlement)
        return None

    def _complete(self, claimed: Claimed, plan: Plan, step: Step, done: _Done) -> Plan | None:
        """The plan with further steps for what the desk left out of this one; None where nothing is missing."""
        if step.completes:
            # What the desk leaves out of that as well is not sent without end.
            return None
        later = plan.steps[plan.steps.index(step) + 1 :]
        replies_follow = any(each.what == "reply" for each in later)
        missing = missing_from(
            step,
            done.shown,
            done.written,
            complaint=done.ended.reason if done.fresh else "",
            replies_follow=replies_follow,
            first=plan.steps[-1].n + 1,
            random_bytes=self._random_bytes,
        )
        shown = done.ended.ticket.display_id if done.ended.ticket is not None else ""
        for remark in missing.remarks:
            maillog.push_incomplete(id=claimed.delivery.id, step=step.n, ticket=shown, text=remark)
        if not missing.steps:
            return None
        if not missing.lost:
            return replace(plan, steps=(*plan.steps, *missing.steps))
        self._doubts.completed += 1
        parts = ", ".join(each.what for each in missing.steps)
        maillog.push_incomplete(id=claimed.delivery.id, step=step.n, ticket=shown, text=f"followed by: {parts}")
        return replace(plan, steps=(*plan.steps, *missing.steps))

    def _log_resolved(self, claimed: Claimed, step: Step, found: Found) -> None:
        how = "several" if found.several else "found" if found.marked else "recognised"
        maillog.push_resolved(id=claimed.delivery.id, step=step.n, how=how, ticket=found.ticket.display_id)

    def _log_delivered(self, claimed: Claimed, plan: Plan, ticket: Ticket | None) -> None:
        shown = (ticket.display_id or str(ticket.ticket_id)) if ticket is not None else ""
        maillog.mail_delivered(
            id=claimed.delivery.id,
            ticket=shown,
            action=plan.steps[0].what,
            attempts=len(claimed.attempts) + len(plan.steps),
            delay=self._clock() - claimed.delivery.accepted_at,
        )


def _named(ticket: Ticket, plan: Plan) -> Ticket:
    """With the display id that the plan knows, where a look-up does not show it."""
    joins = plan.joins
    known = joins.display_id if joins is not None and joins.ticket_id == ticket.ticket_id else ""
    return Ticket(ticket.ticket_id, ticket.display_id or known)


def _ticket(receipt: Receipt, plan: Plan) -> Ticket:
    """The ticket of an answer; the answer to a reply need not show the display id."""
    return _named(Ticket(receipt.ticket_id, receipt.display_id), plan)


def _opener(raw: bytes) -> Callable[[File], Iterable[bytes]]:
    return lambda file: content_blocks(raw, file.span)
