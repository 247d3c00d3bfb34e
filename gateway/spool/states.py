"""Every change of a Delivery's state. No other file writes `deliveries.state` or `deliveries.head`.

    --         accept                                        -> QUEUED (HELD behind a held head of its lane)
    QUEUED     claim: due, and head of its lane              -> CLAIMED
    CLAIMED    settle Delivered                              -> DELIVERED
    CLAIMED    settle Requeued                               -> QUEUED, due later or in doubt
    CLAIMED    settle Held / Discarded                       -> HELD / DISCARDED
    CLAIMED    take_back: lease over, or its node is new     -> QUEUED; an attempt left open counts as in doubt
    HELD       release, retry                                -> QUEUED
    QUEUED     retry                                         -> QUEUED, due now
    QUEUED     hold                                          -> HELD
    QUEUED, HELD  drop                                       -> DISCARDED
    CLAIMED    hold, drop                                    a wish, honoured when it is settled

When the head of a lane becomes HELD its followers wait with it; when it is released they are, and when it is dropped
they are queued and decided anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

import sqlalchemy as sa

from gateway.mail.envelope import Envelope
from gateway.problems import GatewayError
from gateway.spool import lanes
from gateway.spool.attempts import OURS, UPDATE_OURS, LeaseLost, claim_of, close_open, may_decide_anew, release_doubts
from gateway.spool.records import Claimed, State
from gateway.spool.rows import Row
from gateway.spool.stored import Stored
from gateway.spool.tables import deliveries, raw_chunks, thread_index

#: Raw mail is kept in pieces, so that no single value grows with the mail (bytes).
CHUNK = 256 * 1024
#: How long an identical mail counts as the relay's second try (seconds).
DUPLICATE_WINDOW = 7 * 86400


class WrongState(GatewayError):
    """The verb does not fit the state the delivery is in."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """Every step was accepted."""


@dataclass(frozen=True, slots=True)
class Requeued:
    """To be worked on again, not before `due_at`."""

    due_at: float
    reason: str
    in_doubt: bool = False
    #: The desk has failed it, perhaps because of the mail.
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """A person has to look at it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Discarded:
    """Nothing is to be pushed."""

    reason: str


Settlement = Delivered | Requeued | Held | Discarded


# Statements of the hot path are made once: building one costs several times as much as running it.
_INSERT = sa.insert(deliveries).returning(deliveries.c.id)
_INSERT_CHUNKS = sa.insert(raw_chunks)
_INSERT_INDEX = sa.insert(thread_index)
_UPDATE = sa.update(deliveries).where(deliveries.c.id == sa.bindparam("b_id"))
_SELECT_OURS = sa.select(deliveries.c.wish, deliveries.c.lane).where(*OURS).with_for_update()
_FIRST_WITH = sa.select(deliveries.c.id, deliveries.c.lane, deliveries.c.accepted_at).where(
    deliveries.c.fingerprint == sa.bindparam("fingerprint")
)


def accept(
    connection: sa.Connection,
    envelope: Envelope,
    raw: bytes,
    *,
    hashes: Mapping[bytes, bool],
    message_id: str | None,
    fingerprint: bytes | None,
    new_lane: int,
    now: float,
) -> Stored:
    """Keep a mail. `fingerprint` recognises the relay's second try after a lost 250; it is kept as a discarded row."""
    row: dict[str, Any] = {
        "accepted_at": now,
        "changed_at": now,
        "due_at": now,
        "mail_from": envelope.mail_from,
        "rcpt_to": list(envelope.rcpt_to),
        "peer": envelope.peer,
        "helo": envelope.helo,
        "tls": envelope.tls,
        "size": len(raw),
        "message_id": message_id,
    }
    if fingerprint is not None and (first := _first_with(connection, fingerprint, now)) is not None:
        row |= {"state": State.DISCARDED, "head": False, "lane": first.lane, "duplicate_of": first.id}
        row["reason"] = f"duplicate of {first.id}: the same mail with the same envelope, sent again"
        return Stored(_insert(connection, row), first.id)
    known = lanes.find_lanes(connection, hashes)
    lane = known[0] if known else new_lane
    if len(known) > 1:
        lanes.merge(connection, lane, known[1:])
    state, head, waits_for = _place_in(connection, lane) if known else (State.QUEUED, True, None)
    row |= {"state": state, "head": head, "lane": lane, "waits_for": waits_for, "fingerprint": fingerprint}
    row["reason"] = f"waits for {waits_for}" if waits_for else ""
    delivery_id = _insert(connection, row)
    pieces = range(0, len(raw), CHUNK) or range(1)
    connection.execute(
        _INSERT_CHUNKS,
        [{"delivery_id": delivery_id, "n": n, "data": raw[start : start + CHUNK]} for n, start in enumerate(pieces)],
    )
    if hashes:
        connection.execute(
            _INSERT_INDEX,
            [{"id_hash": each, "delivery_id": delivery_id, "lane": lane, "own": own} for each, own in hashes.items()],
        )
    if known and state == State.QUEUED and not head:
        lanes.overtake(connection, lane, delivery_id, next((each for each, own in hashes.items() if own), None))
    return Stored(delivery_id, None)


def _insert(connection: sa.Connection, row: Mapping[str, Any]) -> int:
    return int(connection.execute(_INSERT, row).scalar_one())


def _first_with(connection: sa.Connection, fingerprint: bytes, now: float) -> Row | None:
    first = connection.execute(_FIRST_WITH, {"fingerprint": fingerprint}).first()
    if first is not None and first.accepted_at <= now - DUPLICATE_WINDOW:
        _set(connection, first.id, {"fingerprint": None})
        return None
    return first


def _place_in(connection: sa.Connection, lane: int) -> tuple[State, bool, int | None]:
    """How a newcomer enters a lane that others are in: state, head, and whom it waits for."""
    lanes.lock_lane(connection, lane)
    others = connection.execute(
        sa.select(deliveries.c.id, deliveries.c.state, deliveries.c.waits_for)
        .where(deliveries.c.lane == lane, deliveries.c.state.in_(("queued", "claimed", "held")))
        .order_by(deliveries.c.id)
    ).all()
    if any(other.state != State.HELD for other in others):
        return State.QUEUED, False, None
    held = [other.id for other in others if other.waits_for is None]
    return (State.HELD, False, held[0]) if held else (State.QUEUED, not others, None)


def claim(connection: sa.Connection, node: str, *, limit: int, now: float, lease_until: float) -> list[int]:
    """Take up to `limit` deliveries that are due, the longest due first. Returns their ids in that order."""
    # The partial index is used only where its condition stands literally in the statement.
    claimable = sa.text("state = 'queued' AND head")
    due = (
        sa.select(deliveries.c.id)
        .where(claimable, deliveries.c.due_at <= now)
        .order_by(deliveries.c.due_at, deliveries.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(connection.scalars(due))
    if ids:
        connection.execute(
            sa.update(deliveries)
            .where(deliveries.c.id.in_(ids))
            .values(
                state=State.CLAIMED,
                head=False,
                claimed_by=node,
                lease_until=lease_until,
                epoch=deliveries.c.epoch + 1,
                changed_at=now,
            )
        )
    return ids


def renew(connection: sa.Connection, claims: Sequence[Claimed], lease_until: float) -> list[int]:
    """Prolong these claims; returns the ids of those that somebody else has claimed meanwhile."""
    epoch = sa.select(deliveries.c.epoch).where(deliveries.c.id == sa.bindparam("b_id"))
    return [
        each.delivery.id
        for each in claims
        if connection.execute(UPDATE_OURS, {**claim_of(each), "lease_until": lease_until}).rowcount == 0
        # One that has just been settled by its own worker is not lost.
        and connection.scalar(epoch, {"b_id": each.delivery.id}) != each.epoch
    ]


def take_back(connection: sa.Connection, *, node: str | None, now: float) -> tuple[int, int]:
    """Queue what is claimed by `node`'s dead predecessor, or (None) whose lease is over.

    An attempt left open counts as in doubt: nobody knows whether its push arrived. Returns how many deliveries were
    taken back, and how many of them are in doubt.
    """
    whose = deliveries.c.claimed_by == node if node is not None else deliveries.c.lease_until < now
    rows = connection.execute(
        sa.select(deliveries.c.id, deliveries.c.lane)
        .where(sa.text("state = 'claimed'"), whose)
        .order_by(deliveries.c.id)
        .with_for_update(skip_locked=True)
    ).all()
    doubts = 0
    for row in rows:
        left_open = close_open(connection, row.id, "the gateway stopped before the answer was written down", now=now)
        doubts += left_open > 0
        values: dict[str, Any] = {
            "state": State.QUEUED,
            "head": False,
            "epoch": deliveries.c.epoch + 1,
            "changed_at": now,
        }
        if left_open:
            # Due at once, so that the sessions it may still be sent under are ended before the time to settle begins.
            values |= {"in_doubt": True, "due_at": now, "reason": "in doubt: sent, but the answer was lost"}
        connection.execute(sa.update(deliveries).where(deliveries.c.id == row.id).values(values))
        lanes.promote(connection, row.lane)
    return len(rows), doubts


def settle(connection: sa.Connection, claimed: Claimed, settlement: Settlement, *, now: float) -> State:
    """Write down what became of a claimed delivery, honour an operator's wish, and let its lane go on.

    Returns the state it is in now. Raises LeaseLost.
    """
    delivery_id = claimed.delivery.id
    # The lane is read here, not taken from the claim: a mail that names ids of two lanes makes one of them.
    row = connection.execute(_SELECT_OURS, claim_of(claimed)).first()
    if row is None:
        raise LeaseLost(f"the claim on {delivery_id} has passed to another worker")
    match settlement, row.wish:
        case Requeued(), "hold":
            settlement = Held("held by an operator")
        case ((Requeued() | Held()), "drop"):
            settlement = Discarded("dropped by an operator")
    values: dict[str, Any] = {"wish": None, "waits_for": None, "changed_at": now, "lease_until": None, "head": False}
    match settlement:
        case Delivered():
            values |= {"state": State.DELIVERED, "in_doubt": False, "reason": ""}
        case Requeued(due_at, reason, in_doubt, failed):
            values |= {"state": State.QUEUED, "due_at": due_at, "in_doubt": in_doubt, "reason": reason}
            if failed:
                values["failures"] = claimed.delivery.failures + 1
        case Held(reason):
            values |= {"state": State.HELD, "reason": reason}
        case Discarded(reason):
            values |= {"state": State.DISCARDED, "in_doubt": False, "reason": reason}
        case _:
            assert_never(settlement)
    if not isinstance(settlement, Delivered) and close_open(
        connection, delivery_id, "the answer was not written down", now=now
    ):
        values["in_doubt"] = values["state"] != State.DISCARDED
    _set(connection, delivery_id, values)
    # Before any follower is looked at: another node may be adding one.
    lanes.lock_lane(connection, row.lane)
    if isinstance(settlement, Held):
        _hold_followers(connection, delivery_id, row.lane, now)
    lanes.promote(connection, row.lane)
    return State(values["state"])


def hold(connection: sa.Connection, delivery_id: int, reason: str, *, now: float) -> str:
    """The operator's verb. Returns a sentence about what was done. Raises WrongState."""
    row = _locked(connection, delivery_id)
    match State(row.state):
        case State.CLAIMED:
            _set(connection, delivery_id, {"wish": "hold"})
            return "it is being pushed; it will be held unless that push succeeds"
        case State.QUEUED:
            _set(connection, delivery_id, {"state": State.HELD, "head": False, "reason": reason, "changed_at": now})
            # What is before it in the lane goes on; what came after it waits with it.
            _hold_followers(connection, delivery_id, row.lane, now, after=0 if row.head else delivery_id)
            lanes.promote(connection, row.lane)
            return "held"
        case State.HELD:
            return "it was held already"
        case state:
            raise WrongState(f"{delivery_id} is {state}; only queued mail can be held")


def drop(connection: sa.Connection, delivery_id: int, reason: str, *, now: float) -> str:
    """The operator's verb. Returns a sentence about what was done. Raises WrongState."""
    row = _locked(connection, delivery_id)
    match State(row.state):
        case State.CLAIMED:
            _set(connection, delivery_id, {"wish": "drop"})
            return "it is being pushed; it will be dropped unless that push succeeds"
        case State.QUEUED | State.HELD:
            values = {"state": State.DISCARDED, "head": False, "reason": reason, "waits_for": None, "changed_at": now}
            _set(connection, delivery_id, values)
            _queue_followers(connection, delivery_id, now)
            lanes.promote(connection, row.lane)
            return "dropped"
        case state:
            raise WrongState(f"{delivery_id} is {state}; only queued or held mail can be dropped")


def release(connection: sa.Connection, delivery_id: int, *, now: float) -> str:
    """The operator's verb: let held mail go on, past what has held it, and what waits for it. Raises WrongState."""
    row = _locked(connection, delivery_id)
    if row.state != State.HELD:
        raise WrongState(f"{delivery_id} is {row.state}; only held mail can be released")
    release_doubts(connection, delivery_id, row.generation, now=now)
    # What only waited for another was not held by a rule: it has yet to be decided on.
    _queue_held(connection, delivery_id, row, {"released": row.waits_for is None}, now)
    return "released"


def retry(connection: sa.Connection, delivery_id: int, *, now: float) -> str:
    """The operator's verb: now instead of later; held mail is decided on again. Raises WrongState."""
    row = _locked(connection, delivery_id)
    match State(row.state):
        case State.QUEUED:
            _set(connection, delivery_id, {"due_at": now, "changed_at": now})
            return "due now"
        case State.HELD:
            _queue_held(connection, delivery_id, row, {}, now)
            return "queued again"
        case State.CLAIMED:
            return "it is being pushed right now"
        case state:
            raise WrongState(f"{delivery_id} is {state}; only queued or held mail can be tried again")


def _queue_held(connection: sa.Connection, delivery_id: int, row: Row, more: Mapping[str, Any], now: float) -> None:
    values: dict[str, Any] = {"state": State.QUEUED, "due_at": now, "reason": "", "waits_for": None, "changed_at": now}
    if may_decide_anew(connection, delivery_id):
        # With other rules, or a desk that has been put right, the same mail may fare better; old markers stay with the
        # old plan.
        values["generation"] = row.generation + 1
    _set(connection, delivery_id, {**values, **more})
    _queue_followers(connection, delivery_id, now)
    lanes.promote(connection, row.lane)


def _hold_followers(connection: sa.Connection, delivery_id: int, lane: int, now: float, *, after: int = 0) -> None:
    connection.execute(
        sa.update(deliveries)
        .where(deliveries.c.lane == lane, deliveries.c.state == "queued", deliveries.c.id > after)
        .values(state=State.HELD, head=False, waits_for=delivery_id, reason=f"waits for {delivery_id}", changed_at=now)
    )


def _queue_followers(connection: sa.Connection, delivery_id: int, now: float) -> None:
    connection.execute(
        sa.update(deliveries)
        .where(sa.text("state = 'held'"), deliveries.c.waits_for == delivery_id)
        .values(state=State.QUEUED, waits_for=None, reason="", due_at=now, changed_at=now)
    )


def _set(connection: sa.Connection, delivery_id: int, values: Mapping[str, Any]) -> None:
    connection.execute(_UPDATE, {"b_id": delivery_id, **values})


def _locked(connection: sa.Connection, delivery_id: int) -> Row:
    statement = (
        sa.select(
            deliveries.c.state, deliveries.c.lane, deliveries.c.waits_for, deliveries.c.generation, deliveries.c.head
        )
        .where(deliveries.c.id == delivery_id)
        .with_for_update()
    )
    row = connection.execute(statement).first()
    if row is None:
        raise WrongState(f"there is no mail {delivery_id} in the spool; `gateway spool ls` lists what is")
    return row
