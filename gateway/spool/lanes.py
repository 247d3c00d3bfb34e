"""Message-IDs in, lane out: mails that share an id share a lane, and one of a lane is worked at a time, oldest first,
but a mail before the answers to it.
"""

import hashlib
from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from gateway.mail.ids import ThreadIds
from gateway.spool.tables import deliveries, thread_index, tickets


def hash_text(text: str) -> bytes:
    """16 bytes that stand for a Message-ID or an address in an index that outlives the mail."""
    return hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=16).digest()


def hash_address(address: str) -> bytes:
    return hash_text(address.strip().lower())


def index_hashes(ids: ThreadIds) -> dict[bytes, bool]:
    """The ids of a mail, hashed; True marks its own."""
    hashes = {hash_text(other): False for other in (*ids.references, *ids.in_reply_to)}
    if ids.message_id is not None:
        hashes[hash_text(ids.message_id)] = True
    return hashes


# Statements of the hot path are made once: building one costs several times as much as running it.
_LANES = (
    sa.select(thread_index.c.lane).where(thread_index.c.id_hash.in_(sa.bindparam("known", expanding=True))).distinct()
)
_BUSY = (
    sa.select(deliveries.c.id)
    .where(deliveries.c.lane == sa.bindparam("b_lane"), sa.or_(deliveries.c.head, deliveries.c.state == "claimed"))
    .limit(1)
)
_waiting, _mine, _theirs = deliveries.alias("waiting"), thread_index.alias("mine"), thread_index.alias("theirs")
_other = deliveries.alias("other")
#: Whether a mail that this one refers to is queued in the same lane.
_BEHIND = (
    sa.select(_other.c.id)
    .select_from(_mine)
    .join(
        _theirs,
        sa.and_(_theirs.c.id_hash == _mine.c.id_hash, _theirs.c.own, _theirs.c.delivery_id != _mine.c.delivery_id),
    )
    .join(_other, sa.and_(_other.c.id == _theirs.c.delivery_id, _other.c.state == "queued"))
    .where(_mine.c.delivery_id == _waiting.c.id, sa.not_(_mine.c.own))
    .correlate(_waiting)
    .exists()
)
#: So many of the oldest are looked at; in a longer queue the order among conversations of people is no question any more.
_OLDEST = 20
_next = deliveries.alias("next")
_oldest = (
    sa.select(_next.c.id)
    .where(_next.c.lane == sa.bindparam("b_lane"), _next.c.state == "queued")
    .order_by(_next.c.id)
    .limit(_OLDEST)
    .scalar_subquery()
)
_QUEUED_HERE = (_waiting.c.id.in_(_oldest),)
_PROMOTE = (
    sa.update(deliveries)
    .where(
        deliveries.c.id
        == sa.func.coalesce(
            sa.select(sa.func.min(_waiting.c.id)).where(*_QUEUED_HERE, sa.not_(_BEHIND)).scalar_subquery(),
            # Mails that refer to each other in a circle: the oldest.
            sa.select(sa.func.min(_waiting.c.id)).where(*_QUEUED_HERE).scalar_subquery(),
        )
    )
    .values(head=True)
)
_HEAD_ANSWERS = (
    sa.select(deliveries.c.id)
    .join(thread_index, thread_index.c.delivery_id == deliveries.c.id)
    .where(
        deliveries.c.lane == sa.bindparam("b_lane"),
        deliveries.c.head,
        thread_index.c.id_hash == sa.bindparam("b_own"),
        sa.not_(thread_index.c.own),
    )
)
_DEMOTE = sa.update(deliveries).where(deliveries.c.lane == sa.bindparam("b_lane"), deliveries.c.head).values(head=False)


def find_lanes(connection: sa.Connection, hashes: Iterable[bytes]) -> list[int]:
    """The lanes that know one of these ids, smallest first."""
    known = list(hashes)
    if not known:
        return []
    _lock(connection, known)
    return sorted(connection.scalars(_LANES, {"known": known}))


def merge(connection: sa.Connection, into: int, others: Sequence[int]) -> None:
    """Make one lane of several, for a mail that names ids of all of them."""
    connection.execute(sa.update(deliveries).where(deliveries.c.lane.in_(others)).values(head=False))
    for table in (deliveries, thread_index, tickets):
        connection.execute(sa.update(table).where(table.c.lane.in_(others)).values(lane=into))
    reconsider(connection, into)


def reconsider(connection: sa.Connection, lane: int) -> None:
    """Choose the head of a lane anew: a mail may have come that others in it answer."""
    lock_lane(connection, lane)
    connection.execute(_DEMOTE, {"b_lane": lane})
    promote(connection, lane)


def overtake(connection: sa.Connection, lane: int, newcomer: int, own: bytes | None) -> None:
    """Let a newcomer go before the head of its lane where that answers it, else leave the lane as it is."""
    lock_lane(connection, lane)
    if own is not None and connection.scalar(_HEAD_ANSWERS, {"b_lane": lane, "b_own": own}) is not None:
        connection.execute(_DEMOTE, {"b_lane": lane})
        connection.execute(sa.update(deliveries).where(deliveries.c.id == newcomer).values(head=True))
    else:
        promote(connection, lane)


def promote(connection: sa.Connection, lane: int) -> None:
    """Let the next queued delivery of a lane be claimed, unless one is being worked on or already may be.

    The oldest goes first, but a mail goes before the answers to it that arrived earlier: the ticket is then made of the
    question, and whom the question names may write to it.
    """
    lock_lane(connection, lane)
    if connection.scalar(_BUSY, {"b_lane": lane}) is None:
        connection.execute(_PROMOTE, {"b_lane": lane})


def lock_lane(connection: sa.Connection, lane: int) -> None:
    """Keep other nodes away from a lane until this transaction ends; on SQLite the transaction itself does."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(lane)))


def _lock(connection: sa.Connection, hashes: Sequence[bytes]) -> None:
    # Two nodes may accept a mail and its answer in the same moment: whoever is second must see the first one's lane.
    if connection.dialect.name == "postgresql":
        for key in sorted(int.from_bytes(each[:8], "big", signed=True) for each in hashes):
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))
