"""The door of the spool: what the other rooms may ask of it. Writes return futures that resolve after the commit."""

import hashlib
import secrets
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TypeVar

import sqlalchemy as sa

from gateway.mail.envelope import Envelope
from gateway.mail.ids import ThreadIds
from gateway.spool import attempts, lanes, migrate, rows, sessions, states
from gateway.spool.attempts import Ended
from gateway.spool.engine import failure, open_engine
from gateway.spool.errors import NameTaken, SpoolError
from gateway.spool.records import Claimed, Delivery, Details, KnownThread, State
from gateway.spool.sessions import KeptSession
from gateway.spool.states import Settlement
from gateway.spool.stored import Stored
from gateway.spool.tables import deliveries, memory, participants
from gateway.spool.writer import Writer

Result = TypeVar("Result")


class Spool:
    """One database, one writer thread. Safe to use from any thread.

    `node` names this gateway among those that share the database; `clock` gives seconds since the epoch, `dice` a
    random number of 63 bits for a new lane.
    """

    def __init__(
        self,
        url: str,
        *,
        node: str,
        clock: Callable[[], float] = time.time,
        dice: Callable[[], int] = lambda: secrets.randbits(63),
    ) -> None:
        self._engine = open_engine(url)
        self._reading = self._engine.execution_options(reading=True)
        self._writer = Writer(self._engine)
        self._name: sa.Connection | None = None
        self.node = node
        self._clock = clock
        self._dice = dice

    @property
    def suspect(self) -> "Future[SpoolError]":
        """Resolves once a write or sync has failed: the process has to end and be started again."""
        return self._writer.suspect

    def migrate(self) -> None:
        """Bring the tables to this release. Raises SpoolError."""
        try:
            migrate.migrate(self._engine)
        except sa.exc.SQLAlchemyError as error:
            raise failure(error) from error

    def take_name(self, *, wait: float = 5.0) -> None:
        """Make sure that no other gateway of this name works on the spool, for as long as this one is open.

        On SQLite the lock of the spool's folder does. A predecessor that has just died may keep the name for a moment,
        which `wait` seconds are given for. Raises NameTaken.
        """
        if self._engine.dialect.name != "postgresql":
            return
        try:
            self._name = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            key = int.from_bytes(
                hashlib.blake2b(f"node {self.node}".encode(), digest_size=8).digest(), "big", signed=True
            )
            deadline = time.monotonic() + wait
            while not self._name.scalar(sa.select(sa.func.pg_try_advisory_lock(key))):
                if time.monotonic() >= deadline:
                    self._name.close()
                    self._name = None
                    raise NameTaken(
                        f"another gateway named `{self.node}` works on this spool; give each node a name of its own "
                        "(GATEWAY_NODE)"
                    )
                time.sleep(0.1)
        except sa.exc.SQLAlchemyError as error:
            raise failure(error) from error

    def close(self) -> None:
        """Commit what was submitted and let go of the database."""
        self._writer.close()
        if self._name is not None:
            self._name.close()
        self._engine.dispose()

    # -- intake ------------------------------------------------------------------------------------------------

    def accept(self, envelope: Envelope, raw: bytes, ids: ThreadIds, *, trace: bytes = b"") -> "Future[Stored]":
        """Keep a mail: `raw` as received, `trace` (our Received line) in front of it.

        Two mails are the same one, sent again after a lost 250, only if every byte and the envelope agree; without
        Message-ID or Received line even that proves nothing (a device may send the same alarm twice).
        """
        recognisable = ids.message_id is not None or raw[:9].lower() == b"received:"
        now, new_lane = self._clock(), self._dice()

        def write(connection: sa.Connection) -> Stored:
            # Digests of a large mail cost milliseconds, which the accepting loop must not wait for.
            return states.accept(
                connection,
                envelope,
                trace + raw,
                hashes=lanes.index_hashes(ids),
                message_id=ids.message_id,
                fingerprint=_fingerprint(envelope, raw) if recognisable else None,
                new_lane=new_lane,
                now=now,
            )

        return self._writer.submit(write)

    # -- delivery ----------------------------------------------------------------------------------------------

    def claim(self, limit: int, *, lease_seconds: float) -> list[Claimed]:
        """Take up to `limit` deliveries that are due. Blocks until they are committed as claimed."""
        now = self._clock()
        claimable = (
            sa.select(deliveries.c.id).where(sa.text("state = 'queued' AND head"), deliveries.c.due_at <= now).limit(1)
        )
        if self.read(lambda connection: connection.scalar(claimable)) is None:
            return []

        ids = self._writer.submit(
            lambda connection: states.claim(
                connection, self.node, limit=limit, now=now, lease_until=now + lease_seconds
            )
        ).result()
        # Read outside the writing transaction: large mail must not keep others from committing.
        return self.read(lambda connection: [rows.load_claimed(connection, each) for each in ids])

    def renew(self, claims: Sequence[Claimed], *, lease_seconds: float) -> "Future[list[int]]":
        """Prolong claims; resolves to the ids of those that were lost."""
        until = self._clock() + lease_seconds
        return self._writer.submit(lambda connection: states.renew(connection, claims, until))

    def take_back(self, *, own: bool) -> "Future[tuple[int, int]]":
        """Queue again what this node's dead predecessor had claimed (`own`), or whose lease is over.

        Resolves to how many there were, and how many of them are in doubt.
        """
        node, now = (self.node if own else None), self._clock()
        return self._writer.submit(lambda connection: states.take_back(connection, node=node, now=now))

    def begin(
        self, claimed: Claimed, step: int, *, lease_seconds: float, plan: tuple[str, str] | None = None
    ) -> "Future[int]":
        """Commit that a push is about to be sent, under a lease that begins now; resolves to the attempt's id."""
        now = self._clock()
        until = now + lease_seconds
        return self._writer.submit(
            lambda connection: attempts.begin(
                connection, claimed, step, node=self.node, now=now, lease_until=until, plan=plan
            )
        )

    def end(
        self, claimed: Claimed, ended: Ended, settlement: Settlement | None = None, *, plan: str | None = None
    ) -> "Future[State | None]":
        """Commit how an attempt ended and, with it, what became of the delivery; `plan` is a longer one (JSON).

        Fails with LeaseLost and, for a ticket recognised without its marker, TicketTaken.
        """
        now = self._clock()

        def write(connection: sa.Connection) -> State | None:
            attempts.end(connection, claimed, ended, now=now)
            if plan is not None:
                attempts.extend(connection, claimed, plan)
            return states.settle(connection, claimed, settlement, now=now) if settlement is not None else None

        return self._writer.submit(write)

    def looked_up(self, claimed: Claimed, attempt_id: int, settlement: Settlement) -> "Future[State]":
        """Commit that a look-up found nothing, and when to look again."""
        now = self._clock()

        def write(connection: sa.Connection) -> State:
            attempts.looked_up(connection, claimed, attempt_id, now=now)
            return states.settle(connection, claimed, settlement, now=now)

        return self._writer.submit(write)

    def settle(self, claimed: Claimed, settlement: Settlement, *, decision: str | None = None) -> "Future[State]":
        """Commit what became of the delivery and, where nothing was pushed, the `decision` (JSON) that led there."""
        now = self._clock()

        def write(connection: sa.Connection) -> State:
            if decision is not None:
                attempts.keep_decision(connection, claimed, decision, None, now=now)
            return states.settle(connection, claimed, settlement, now=now)

        return self._writer.submit(write)

    def describe(self, claimed: Claimed, *, subject: str, sender: str) -> "Future[None]":
        return self._writer.submit(lambda connection: attempts.describe(connection, claimed, subject, sender))

    def find_threads(self, ids: ThreadIds, *, delivery_id: int | None, lane: int | None) -> "list[KnownThread]":
        """The tickets a mail may belong to: by the nearest id that leads to one first, last by its `lane`.

        `delivery_id` is its own, whose rows do not count.
        """
        now = self._clock()
        return self.read(lambda connection: rows.find_threads(connection, ids, delivery_id, lane, now=now))

    def taken(self, ticket_id: int, delivery_id: int) -> bool:
        """Whether another delivery has made or joined this ticket."""
        return self.read(lambda connection: attempts.taken(connection, ticket_id, delivery_id))

    def takes_part(self, ticket_id: int, address: str) -> bool:
        """Whether this address is the requester of the ticket or was named in its mails."""
        statement = sa.select(participants.c.ticket_id).where(
            participants.c.ticket_id == ticket_id, participants.c.address_hash == lanes.hash_address(address)
        )
        return self.read(lambda connection: connection.scalar(statement)) is not None

    def remember(self, key: str, value: str) -> "Future[None]":
        now = self._clock()

        def write(connection: sa.Connection) -> None:
            connection.execute(sa.delete(memory).where(memory.c.key == key))
            connection.execute(sa.insert(memory).values(key=key, value=value, changed_at=now))

        return self._writer.submit(write)

    def keep_session(self, node: str, sealed: bytes) -> "Future[int]":
        """Commit that `node` has opened a session on the desk, given encrypted; resolves to the row's id."""
        now = self._clock()
        return self._writer.submit(lambda connection: sessions.keep(connection, node, sealed, now=now))

    def sessions_of(self, node: str) -> "list[KeptSession]":
        return self.read(lambda connection: sessions.kept_of(connection, node))

    def forget_session(self, id: int) -> "Future[None]":
        return self._writer.submit(lambda connection: sessions.forget(connection, id))

    def recall(self, key: str) -> str | None:
        return self.read(lambda connection: connection.scalar(sa.select(memory.c.value).where(memory.c.key == key)))

    # -- operators ---------------------------------------------------------------------------------------------

    def hold(self, delivery_id: int, reason: str) -> "Future[str]":
        now = self._clock()
        return self._writer.submit(lambda connection: states.hold(connection, delivery_id, reason, now=now))

    def drop(self, delivery_id: int, reason: str) -> "Future[str]":
        now = self._clock()
        return self._writer.submit(lambda connection: states.drop(connection, delivery_id, reason, now=now))

    def release(self, delivery_id: int) -> "Future[str]":
        now = self._clock()
        return self._writer.submit(lambda connection: states.release(connection, delivery_id, now=now))

    def retry(self, delivery_id: int) -> "Future[str]":
        now = self._clock()
        return self._writer.submit(lambda connection: states.retry(connection, delivery_id, now=now))

    def list(self, state: State | None = None, *, limit: int = 100, before: int | None = None) -> "list[Delivery]":
        """The newest deliveries first; `before` continues behind the last one of an earlier list."""
        statement = sa.select(deliveries).order_by(deliveries.c.id.desc()).limit(limit)
        if state is not None:
            # Written out, so that the partial index of that state serves.
            statement = statement.where(sa.text(f"state = '{state.value}'"))
        if before is not None:
            statement = statement.where(deliveries.c.id < before)
        return self.read(lambda connection: [rows.to_delivery(row) for row in connection.execute(statement)])

    def details(self, delivery_id: int) -> Details | None:
        def look(connection: sa.Connection) -> Details | None:
            row = connection.execute(sa.select(deliveries).where(deliveries.c.id == delivery_id)).first()
            if row is None:
                return None
            delivery = rows.to_delivery(row)
            plan = rows.plan_row(connection, delivery)
            decision, steps = (plan.decision, plan.plan) if plan is not None else (None, None)
            return Details(
                delivery,
                rows.load_tickets(connection, delivery_id),
                rows.load_attempts(connection, delivery),
                decision,
                steps,
            )

        return self.read(look)

    def raw(self, delivery_id: int) -> bytes:
        """The mail, our Received line in front. Empty for a duplicate, whose bytes are its first copy's."""
        return self.read(lambda connection: rows.load_raw(connection, delivery_id))

    def counts(self) -> dict[State, int]:
        """How many deliveries are open, by state."""

        def look(connection: sa.Connection) -> dict[State, int]:
            count = sa.select(sa.func.count()).select_from(deliveries)
            return {
                state: connection.scalar(count.where(sa.text(f"state = '{state.value}'"))) or 0
                for state in (State.QUEUED, State.CLAIMED, State.HELD)
            }

        return self.read(look)

    def doubts(self) -> int:
        """How many open deliveries wait to learn what became of a push."""
        # Few are queued or held at a time, each state in an index of its own.
        count = sa.select(sa.func.count()).select_from(deliveries).where(deliveries.c.in_doubt)
        return self.read(
            lambda connection: sum(
                connection.scalar(count.where(sa.text(f"state = '{state}'"))) or 0 for state in ("queued", "held")
            )
        )

    def read(self, look: Callable[[sa.Connection], Result]) -> Result:
        """One short reading transaction: an open snapshot beside intake would let the write-ahead log grow."""
        try:
            with self._reading.begin() as connection:
                return look(connection)
        except sa.exc.SQLAlchemyError as error:
            raise failure(error) from error


def _fingerprint(envelope: Envelope, raw: bytes) -> bytes:
    digest = hashlib.sha256(raw)
    for part in (envelope.mail_from, *sorted(envelope.rcpt_to)):
        digest.update(b"\0" + part.encode("utf-8", "surrogateescape"))
    return digest.digest()
