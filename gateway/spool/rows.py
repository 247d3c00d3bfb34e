"""Rows in, records out; and the one question that needs several of them: which ticket does a mail belong to."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from gateway.mail.envelope import Envelope
from gateway.mail.ids import ThreadIds
from gateway.spool import lanes
from gateway.spool.records import Attempt, Claimed, Delivery, KnownThread, State, Ticket
from gateway.spool.tables import attempts, deliveries, plans, raw_chunks, thread_index, tickets

Row = sa.Row[*tuple[Any, ...]]


#: More than any conversation of people has; a mail that names so many ids is not read on.
_MOST = 200
#: By how much an answer may be quicker than the mail it answers (seconds). Only for so long is a mail awaited: whoever
#: sends a mail under an id that was named on a ticket long ago is a stranger like any other.
_QUICKER = 600.0
_THREAD_TICKETS = (
    sa.select(thread_index.c.id_hash, thread_index.c.own, tickets.c.ticket_id, tickets.c.display_id, tickets.c.made_at)
    .join(tickets, tickets.c.delivery_id == thread_index.c.delivery_id)
    .where(
        thread_index.c.id_hash.in_(sa.bindparam("wanted", expanding=True)),
        thread_index.c.delivery_id != sa.bindparam("delivery_id"),
    )
    .order_by(tickets.c.made_at, tickets.c.ticket_id)
    .limit(_MOST)
)
_LANE_TICKETS = (
    sa.select(tickets.c.ticket_id, tickets.c.display_id)
    .where(tickets.c.lane == sa.bindparam("lane"))
    .order_by(tickets.c.made_at.desc())
    .limit(_MOST)
)


def load_claimed(connection: sa.Connection, delivery_id: int) -> Claimed:
    row = connection.execute(sa.select(deliveries).where(deliveries.c.id == delivery_id)).one()
    delivery = to_delivery(row)
    plan = plan_row(connection, delivery)
    return Claimed(
        delivery,
        row.epoch,
        load_raw(connection, delivery_id),
        plan.plan if plan is not None else None,
        load_attempts(connection, delivery),
    )


def load_raw(connection: sa.Connection, delivery_id: int) -> bytes:
    pieces = sa.select(raw_chunks.c.data).where(raw_chunks.c.delivery_id == delivery_id).order_by(raw_chunks.c.n)
    return b"".join(connection.scalars(pieces))


def plan_row(connection: sa.Connection, delivery: Delivery) -> Row | None:
    mine = (plans.c.delivery_id == delivery.id, plans.c.generation == delivery.generation)
    return connection.execute(sa.select(plans.c.decision, plans.c.plan).where(*mine)).first()


def load_attempts(connection: sa.Connection, delivery: Delivery) -> tuple[Attempt, ...]:
    mine = (attempts.c.delivery_id == delivery.id, attempts.c.generation == delivery.generation)
    rows = connection.execute(sa.select(attempts).where(*mine).order_by(attempts.c.id))
    return tuple(
        Attempt(
            row.id,
            row.generation,
            row.step,
            row.node,
            row.started_at,
            row.ended_at,
            row.outcome,
            row.reason,
            row.looked_up_at,
            row.released_at,
            Ticket(row.ticket_id, row.display_id or "") if row.ticket_id is not None else None,
        )
        for row in rows
    )


def load_tickets(connection: sa.Connection, delivery_id: int) -> tuple[Ticket, ...]:
    rows = connection.execute(
        sa.select(tickets.c.ticket_id, tickets.c.display_id)
        .where(tickets.c.delivery_id == delivery_id)
        .order_by(tickets.c.made_at)
    )
    return tuple(Ticket(row.ticket_id, row.display_id) for row in rows)


def to_delivery(row: Row) -> Delivery:
    received_at = datetime.fromtimestamp(row.accepted_at, UTC)
    envelope = Envelope(row.mail_from, tuple(row.rcpt_to), row.peer, row.helo, row.tls, received_at)
    return Delivery(
        row.id,
        State(row.state),
        row.in_doubt,
        row.lane,
        row.due_at,
        row.accepted_at,
        row.changed_at,
        row.generation,
        row.released,
        row.failures,
        row.reason,
        row.waits_for,
        row.duplicate_of,
        envelope,
        row.size,
        row.message_id,
        row.subject,
        row.sender,
    )


def find_threads(
    connection: sa.Connection, ids: ThreadIds, delivery_id: int | None, lane: int | None, *, now: float
) -> list[KnownThread]:
    """The tickets a mail may belong to, the most likely first."""
    # The nearest relative first: the mail it answers, then its references from the newest back.
    nearest = dict.fromkeys((*ids.in_reply_to, *reversed(ids.references)))
    by_hash = {lanes.hash_text(each): each for each in nearest}
    own = lanes.hash_text(ids.message_id) if ids.message_id is not None else None
    wanted = [*by_hash, own] if own is not None and own not in by_hash else [*by_hash]
    fresh: set[int] = set()
    tickets_of: dict[tuple[bytes, bool], list[Ticket]] = {}
    if wanted:
        for row in connection.execute(
            _THREAD_TICKETS, {"wanted": wanted, "delivery_id": delivery_id if delivery_id is not None else 0}
        ):
            tickets_of.setdefault((row.id_hash, row.own), []).append(Ticket(row.ticket_id, row.display_id))
            if row.made_at > now - _QUICKER:
                fresh.add(row.ticket_id)
    found: list[KnownThread] = []
    if own is not None:
        awaited = (own, True) not in tickets_of
        evidence = "an answer to it arrived earlier and is on the ticket"
        answered = [
            KnownThread(ticket, evidence, awaited and ticket.ticket_id in fresh)
            for ticket in tickets_of.get((own, False), [])
        ]
        found += answered if awaited else []
    for each, text in by_hash.items():
        found += [
            KnownThread(ticket, f"it answers <{text}>, a mail of the ticket")
            for ticket in tickets_of.get((each, True), [])
        ]
    if own is not None:
        evidence = "it has the same Message-ID as another mail of the ticket"
        found += [KnownThread(ticket, evidence) for ticket in tickets_of.get((own, True), [])]
    for each, text in by_hash.items():
        evidence = f"it names <{text}>, as another mail of the ticket does"
        found += [KnownThread(ticket, evidence) for ticket in tickets_of.get((each, False), [])]
    if lane is not None:
        evidence = "it belongs to the same conversation"
        latest = connection.execute(_LANE_TICKETS, {"lane": lane})
        found += [KnownThread(Ticket(row.ticket_id, row.display_id), evidence) for row in latest]
    unique: dict[int, KnownThread] = {}
    for each_known in found:
        unique.setdefault(each_known.ticket.ticket_id, each_known)
    return list(unique.values())
