"""What is written about a claimed delivery that does not change its state: attempts, how they ended, tickets they led to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from gateway.problems import GatewayError
from gateway.spool import lanes
from gateway.spool.records import Claimed, Ticket
from gateway.spool.tables import attempts, deliveries, participants, plans, tickets


class LeaseLost(GatewayError):
    """Somebody else has claimed this delivery since; what was to be written is theirs to decide."""


class TicketTaken(GatewayError):
    """Another delivery has made or joined this ticket, so it cannot be what became of ours."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How an attempt ended, and what is known from it."""

    attempt_id: int
    #: accepted, adopted, deferred, refused, unseen, in_doubt or absent.
    outcome: str
    reason: str = ""
    ticket: Ticket | None = None
    #: Addresses that may write to the ticket from now on.
    participants: tuple[str, ...] = ()
    #: The ticket was recognised without its marker: it is ours only as long as it is nobody else's.
    alone: bool = False


OURS = (
    deliveries.c.id == sa.bindparam("b_id"),
    deliveries.c.epoch == sa.bindparam("b_epoch"),
    deliveries.c.state == sa.literal("claimed"),
)
UPDATE_OURS = sa.update(deliveries).where(*OURS)


def claim_of(claimed: Claimed) -> dict[str, int]:
    return {"b_id": claimed.delivery.id, "b_epoch": claimed.epoch}


def touch(connection: sa.Connection, claimed: Claimed, values: Mapping[str, Any]) -> None:
    if connection.execute(UPDATE_OURS, {**claim_of(claimed), **values}).rowcount == 0:
        raise LeaseLost(f"the claim on {claimed.delivery.id} has passed to another worker")


def begin(
    connection: sa.Connection,
    claimed: Claimed,
    step: int,
    *,
    node: str,
    now: float,
    lease_until: float,
    plan: tuple[str, str] | None = None,
) -> int:
    """Write down that a push is about to be sent; `plan` (decision and plan as JSON) with the first one.

    The lease begins anew, so that it lasts three times as long as the push may. Returns the attempt's id. Raises LeaseLost.
    """
    touch(connection, claimed, {"changed_at": now, "lease_until": lease_until})
    key = {"delivery_id": claimed.delivery.id, "generation": claimed.delivery.generation}
    if plan is not None:
        keep_decision(connection, claimed, *plan, now=now)
    row = sa.insert(attempts).values(**key, step=step, node=node, started_at=now).returning(attempts.c.id)
    return int(connection.execute(row).scalar_one())


def keep_decision(connection: sa.Connection, claimed: Claimed, decision: str, plan: str | None, *, now: float) -> None:
    """Keep what was decided, as JSON, in place of an earlier decision of which nothing was pushed."""
    key = {"delivery_id": claimed.delivery.id, "generation": claimed.delivery.generation}
    connection.execute(sa.delete(plans).where(*(plans.c[name] == value for name, value in key.items())))
    connection.execute(sa.insert(plans).values(**key, made_at=now, decision=decision, plan=plan))


def extend(connection: sa.Connection, claimed: Claimed, plan: str) -> None:
    """Put a longer plan (JSON) in the place of the stored one: what is missing on the desk is sent as further steps."""
    key = {"delivery_id": claimed.delivery.id, "generation": claimed.delivery.generation}
    connection.execute(
        sa.update(plans).where(*(plans.c[name] == value for name, value in key.items())).values(plan=plan)
    )


def taken(connection: sa.Connection, ticket_id: int, delivery_id: int) -> bool:
    """Whether another delivery has made or joined this ticket."""
    others = sa.select(tickets.c.delivery_id).where(
        tickets.c.ticket_id == ticket_id, tickets.c.delivery_id != delivery_id
    )
    return connection.scalar(others.limit(1)) is not None


def end(connection: sa.Connection, claimed: Claimed, ended: Ended, *, now: float) -> None:
    """Write down how an attempt ended, and the ticket it led to. Raises LeaseLost, TicketTaken."""
    touch(connection, claimed, {"changed_at": now})
    if ended.ticket is not None and ended.alone:
        _lock_ticket(connection, ended.ticket.ticket_id)
        if taken(connection, ended.ticket.ticket_id, claimed.delivery.id):
            raise TicketTaken(f"ticket {ended.ticket.display_id or ended.ticket.ticket_id} is that of another mail")
    values: dict[str, Any] = {"outcome": ended.outcome, "reason": ended.reason}
    # When a doubt was noticed stays: the time to settle counts from then.
    values["ended_at"] = sa.func.coalesce(attempts.c.ended_at, now)
    if ended.ticket is not None:
        values |= {"ticket_id": ended.ticket.ticket_id, "display_id": ended.ticket.display_id}
    connection.execute(sa.update(attempts).where(attempts.c.id == ended.attempt_id).values(values))
    if ended.ticket is not None:
        _remember_ticket(connection, claimed, ended.ticket, ended.participants, now)


def looked_up(connection: sa.Connection, claimed: Claimed, attempt_id: int, *, now: float) -> None:
    """Write down that a look-up has found nothing. Raises LeaseLost."""
    touch(connection, claimed, {"changed_at": now})
    connection.execute(sa.update(attempts).where(attempts.c.id == attempt_id).values(looked_up_at=now))


def describe(connection: sa.Connection, claimed: Claimed, subject: str, sender: str) -> None:
    """Write down what the mail said of itself, for lists. Raises LeaseLost."""
    touch(connection, claimed, {"subject": subject, "sender": sender})


def _remember_ticket(
    connection: sa.Connection, claimed: Claimed, ticket: Ticket, addresses: Sequence[str], now: float
) -> None:
    delivery_id = claimed.delivery.id
    known = sa.select(tickets.c.ticket_id).where(
        tickets.c.delivery_id == delivery_id, tickets.c.ticket_id == ticket.ticket_id
    )
    if connection.scalar(known) is None:
        lane = sa.select(deliveries.c.lane).where(deliveries.c.id == delivery_id).scalar_subquery()
        connection.execute(
            sa.insert(tickets).values(
                delivery_id=delivery_id,
                ticket_id=ticket.ticket_id,
                lane=lane,
                display_id=ticket.display_id,
                made_at=now,
            )
        )
    wanted = {lanes.hash_address(address) for address in addresses if address}
    present = set(
        connection.scalars(sa.select(participants.c.address_hash).where(participants.c.ticket_id == ticket.ticket_id))
    )
    if missing := wanted - present:
        rows = [{"ticket_id": ticket.ticket_id, "address_hash": each} for each in sorted(missing)]
        connection.execute(sa.insert(participants), rows)


def _lock_ticket(connection: sa.Connection, ticket_id: int) -> None:
    # Two nodes may recognise the same ticket at once; on SQLite the transaction itself keeps others away.
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(f"ticket {ticket_id}", 0))))


def close_open(connection: sa.Connection, delivery_id: int, reason: str, *, now: float) -> int:
    """Whoever left an attempt open does not know how it ended. Returns how many there were."""
    statement = sa.update(attempts).where(attempts.c.delivery_id == delivery_id, attempts.c.outcome.is_(None))
    return connection.execute(statement.values(outcome="in_doubt", ended_at=now, reason=reason)).rowcount


def release_doubts(connection: sa.Connection, delivery_id: int, generation: int, *, now: float) -> None:
    """An operator has looked on the desk. This speaks of the pushes sent so far, never of one sent later."""
    connection.execute(
        sa.update(attempts)
        .where(
            attempts.c.delivery_id == delivery_id,
            attempts.c.generation == generation,
            attempts.c.outcome.in_(("in_doubt", "unseen", "absent")),
        )
        .values(released_at=now)
    )


def may_decide_anew(connection: sa.Connection, delivery_id: int) -> bool:
    """Whether there is a plan of which nothing can be on the desk: it was refused, or never arrived."""
    generation = sa.select(deliveries.c.generation).where(deliveries.c.id == delivery_id).scalar_subquery()
    outcomes = connection.scalars(
        sa.select(attempts.c.outcome).where(attempts.c.delivery_id == delivery_id, attempts.c.generation == generation)
    ).all()
    return bool(outcomes) and all(outcome in ("refused", "deferred", "absent") for outcome in outcomes)
