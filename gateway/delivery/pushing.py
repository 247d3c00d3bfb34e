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
from gateway.delivery.completing import Missing, missing_from_create, missing_from_reply
from gateway.delivery.doubts import Doubts
from gateway.delivery.lookup import Found
from gateway.delivery.names import Names
from gateway.delivery.plan import PLAN, Plan, Step, push_for
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
from gateway.staffapi.outcome import Accepted, Conversation, Receipt, Unseen
from gateway.staffapi.wire import clean_tag

#: A ticket recognised as ours was just taken by another mail: until it is looked up once more (seconds).
_TAKEN = 1.0


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
            carried = await self._carry_out(claimed, plan, step, tries, ticket, stored)
            if carried is None:
                return
            stored = None
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
            if carried.fresh:
                await self._resolver.try_sight(step)
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
                        resolution.ticket,
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
        if (obstacle := await self._obstacle(claimed, step)) is not None:
            await self._settler.settle(claimed, obstacle)
            return None
        return await self._push(claimed, step, stored, ticket, plan)

    async def _obstacle(self, claimed: Claimed, step: Step) -> Held | Requeued | None:
        """What speaks against making a ticket in that department now."""
        if not isinstance(step.push, Create) or claimed.delivery.released:
            return None
        department = step.push.department_id
        if department not in (await self._names.current()).assigned:
            return Held(
                f"the account is not assigned to department {department} any more; assign it there, or change the rule, then "
                "retry this mail"
            )
        closed = self._sight.closed(department)
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
    ) -> _Done | None:
        ticket_id = ticket.ticket_id if ticket is not None else None
        push: Push | None = push_for(step, ticket_id)
        if isinstance(push, Modify) and step.add_tags:
            push = await self._with_tags(push, step.add_tags)
        attempt_id = await asyncio.wrap_future(
            self._spool.begin(claimed, step.n, plan=stored, lease_seconds=self._lease)
        )
        if push is None:
            return _Done(Ended(attempt_id, "accepted", "the ticket has these tags already"))
        maillog.push_started(id=claimed.delivery.id, step=step.n, attempt=attempt_id)
        began = time.monotonic()
        started_at = self._clock()
        said = await self._desk.push(push, _opener(claimed.raw))
        if isinstance(said, Unseen):
            self._state.answered()
            return await self._unseen(claimed, step, attempt_id, said.reason, ticket, plan, started_at)
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
        ended = Ended(attempt_id, "accepted", receipt.complaint, _ticket(receipt, plan), plan.participants)
        return _Done(ended, receipt.ticket, fresh=True)

    async def _with_tags(self, push: Modify, wanted: Iterable[str]) -> Modify | None:
        """The push with the ticket's present tags beside those to be added, since a desk replaces all; None: no change.

        Raises DeskUnavailable.
        """
        directory = await self._names.current()
        now = await self._desk.ticket(push.ticket, (*directory.assigned, 0))
        missing = [tag for tag in map(clean_tag, wanted) if tag and (now is None or tag not in now.tags)]
        # A ticket whose tags cannot be seen keeps them.
        if missing and now is not None:
            return replace(push, tags=(*now.tags, *dict.fromkeys(missing)))
        return push if push != Modify(push.ticket) else None

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
        later = plan.steps[plan.steps.index(step) + 1 :]
        replies_follow = any(each.what == "reply" for each in later)
        missing = self._missing(step, done, first=plan.steps[-1].n + 1, replies_follow=replies_follow)
        shown = done.ended.ticket.display_id if done.ended.ticket is not None else ""
        for remark in missing.remarks:
            maillog.push_incomplete(id=claimed.delivery.id, step=step.n, ticket=shown, text=remark)
        if not missing.steps:
            return None
        if not missing.lost:
            return replace(plan, steps=(*plan.steps, *missing.steps))
        self._doubts.completed += 1
        sent = ", ".join(each.what for each in missing.steps)
        maillog.push_incomplete(id=claimed.delivery.id, step=step.n, ticket=shown, text=f"followed by: {sent}")
        return replace(plan, steps=(*plan.steps, *missing.steps))

    def _missing(self, step: Step, done: _Done, *, first: int, replies_follow: bool) -> Missing:
        if done.shown is None:
            return Missing()
        complaint = done.ended.reason if done.fresh else ""
        match step.push:
            case Create() as create:
                return missing_from_create(
                    create,
                    done.shown,
                    done.written,
                    complaint=complaint,
                    replies_follow=replies_follow,
                    first=first,
                    random_bytes=self._random_bytes,
                )
            case Modify() as modify:
                return missing_from_reply(
                    modify,
                    step.marker,
                    done.shown,
                    done.written,
                    complaint=complaint,
                    first=first,
                    random_bytes=self._random_bytes,
                )
        return Missing()

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


def _ticket(receipt: Receipt, plan: Plan) -> Ticket:
    """The ticket of an answer; the answer to a reply need not show the display id."""
    joined = plan.joins.display_id if plan.joins is not None and plan.joins.ticket_id == receipt.ticket_id else ""
    return Ticket(receipt.ticket_id, receipt.display_id or joined)


def _opener(raw: bytes) -> Callable[[File], Iterable[bytes]]:
    return lambda file: content_blocks(raw, file.span)
