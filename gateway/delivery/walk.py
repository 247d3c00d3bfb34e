"""One claimed Delivery in; read, decided on, planned, and handed to the pusher; its end written down."""

import asyncio
import time
from collections.abc import Callable

from gateway import maillog
from gateway.delivery.authors import standing_of
from gateway.delivery.breaker import DeskState
from gateway.delivery.deciding import DECISION, decide_on, plan_on, see_ticket
from gateway.delivery.facts import gather
from gateway.delivery.fallback import unreadable
from gateway.delivery.names import Names
from gateway.delivery.plan import PLAN, Plan
from gateway.delivery.policy import Policy
from gateway.delivery.pushing import Pusher
from gateway.delivery.readers import NoReader, Readers, Unreadable
from gateway.delivery.settling import Settler
from gateway.delivery.words import requester_of
from gateway.mail.message import Message
from gateway.routing.rulebook import RuleBook
from gateway.spool.records import Claimed
from gateway.spool.spool import Spool
from gateway.spool.states import Discarded, Held, Requeued
from gateway.staffapi.client import Desk, DeskUnavailable
from gateway.staffapi.directory import UnknownName
from gateway.staffapi.outcome import Ticket


class Walker:
    """Everything a delivery needs before its plan is pushed."""

    def __init__(
        self,
        *,
        spool: Spool,
        desk: Desk,
        pusher: Pusher,
        settler: Settler,
        names: Names,
        state: DeskState,
        readers: Readers,
        book: RuleBook,
        policy: Policy,
        shadow: bool,
        clock: Callable[[], float],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        self._spool = spool
        self._desk = desk
        self._pusher = pusher
        self._settler = settler
        self._names = names
        self._state = state
        self._readers = readers
        self._book = book
        self._policy = policy
        self._shadow = shadow
        self._clock = clock
        self._random_bytes = random_bytes

    async def walk(self, claimed: Claimed) -> None:
        """Bring one delivery as far as it goes now. Raises LeaseLost and SpoolError; all else becomes its state."""
        try:
            await self._walk(claimed)
        except DeskUnavailable as error:
            self._state.failed(str(error), question=True)
            await self._settler.settle(claimed, self._settler.wait_for_desk(claimed, str(error)))
        except NoReader as error:
            await self._settler.settle(claimed, Requeued(self._clock() + self._settler.delay(claimed), str(error)))

    async def _walk(self, claimed: Claimed) -> None:
        if claimed.plan is not None:
            await self._pusher.push_all(claimed, PLAN.validate_json(claimed.plan), None)
        elif (decided := await self._decide(claimed)) is not None:
            plan, stored = decided
            await self._pusher.push_all(claimed, plan, stored)

    async def _decide(self, claimed: Claimed) -> tuple[Plan, tuple[str, str]] | None:
        """The plan, and decision and plan as JSON; None where the mail has come to its end."""
        message = await self._read(claimed)
        delivery = claimed.delivery
        directory = await self._names.current()
        standing = standing_of(delivery.envelope, message, claimed.raw, directory, self._policy)
        facts = await asyncio.to_thread(
            gather,
            self._spool,
            message,
            delivery_id=delivery.id,
            lane=delivery.lane,
            released=delivery.released,
            staff=standing == "staff",
        )
        decision = decide_on(
            self._book, delivery.envelope, message, claimed.raw, facts, policy=self._policy, standing=standing
        )
        current: Ticket | None = None
        if decision.action == "follow_up" and decision.thread is not None:
            current = await self._desk.ticket(decision.thread.ticket.ticket_id, directory.assigned)
            decision = see_ticket(decision, current, released=delivery.released)
        for attempt in (1, 2):
            try:
                decision, plan = plan_on(
                    decision,
                    delivery.envelope,
                    message,
                    claimed.raw,
                    delivery_id=delivery.id,
                    directory=directory,
                    policy=self._policy,
                    random_bytes=self._random_bytes,
                    standing=standing,
                    current=current,
                )
                break
            except UnknownName as error:
                if attempt == 2:
                    await self._settler.settle(claimed, Held(str(error)))
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
        kept = DECISION.dump_json(decision).decode()
        if plan is None or self._shadow:
            settlement: Held | Discarded
            if plan is not None:
                settlement = Discarded("shadow: decided and kept, nothing pushed")
            else:
                settlement = Held(reason) if decision.action == "hold" else Discarded(reason)
            await self._settler.settle(claimed, settlement, decision=kept)
            return None
        stored = (kept, PLAN.dump_json(plan).decode())
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
