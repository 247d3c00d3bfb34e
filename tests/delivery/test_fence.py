"""Two nodes at one desk: who takes over shuts out what the other has half sent, and nothing is made twice."""

import asyncio
import hashlib
import threading
from contextlib import asynccontextmanager

import pytest
import sqlalchemy as sa

from gateway.delivery.fence import Fence, RefusedLogins, Registry
from gateway.desk.server import SandboxDesk
from gateway.mail.message import Span
from gateway.spool.errors import SpoolUnavailable
from gateway.spool.spool import Spool
from gateway.spool.tables import desk_sessions
from gateway.staffapi.client import Desk, DeskUnavailable
from gateway.staffapi.documents import ByAddress, Create, File, Reply
from gateway.staffapi.outcome import Accepted, Deferred, InDoubt
from gateway.staffapi.seal import seal_key
from support.rig import Clock

_CONTENT = bytes(range(256)) * 2000
_FILE = File(
    "all bytes.bin",
    len(_CONTENT),
    hashlib.md5(_CONTENT).hexdigest(),
    hashlib.sha256(_CONTENT).hexdigest(),
    Span(0, 1, "identity"),
)
_PUSH = Create(
    staffapiid=7,
    subject="Printer",
    requester=ByAddress("Jane Roe", "jane.roe@example.net"),
    department_id=9,
    status_id=14,
    priority_id=32,
    type_id=21,
    reply=Reply("It burns.", (_FILE,)),
)
_KEY = seal_key("sandbox", "of these tests")
_REQUEST_SECONDS = 100.0


class _Node:
    """One gateway's way to the desk, its clock in the test's hand."""

    def __init__(self, name, spool_url, desk_url, *, password="sandbox", key=_KEY):
        self.name = name
        self.clock = Clock()
        self.spool = Spool(spool_url, node=name, clock=self.clock)
        self.told = []
        self.registry = Registry(self.spool, key)
        self.desk = Desk(
            desk_url,
            "gateway",
            password,
            request_seconds=_REQUEST_SECONDS,
            concurrency=2,
            boottime=self.clock,
            register=self.registry.register,
        )
        self.fence = Fence(self.registry, self.desk, tell=self.told.append)

    def rows(self, node=None):
        return self.spool.sessions_of(node or self.name)

    async def aclose(self):
        await self.desk.aclose()
        self.spool.close()


@asynccontextmanager
async def _office(tmp_path, *names, dialect="classic"):
    spool_url = f"sqlite:///{tmp_path}/gateway.db"
    sandbox = SandboxDesk(dialect=dialect)
    async with sandbox.running() as desk_url:
        nodes = [_Node(name, spool_url, desk_url) for name in names]
        nodes[0].spool.migrate()
        yield sandbox, *nodes
        for node in nodes:
            await node.aclose()
    assert sandbox.violations == []
    sandbox.close()


class _HeldFile:
    """A file whose second reading, while the push is being sent, stops in the middle until it may go on."""

    def __init__(self):
        self.reading = threading.Event()
        self.go_on = threading.Event()
        self._readings = 0

    def __call__(self, file):
        assert file == _FILE
        self._readings += 1
        return self._blocks(held=self._readings == 2)

    def _blocks(self, *, held):
        yield _CONTENT[:300_000]
        if held:
            self.reading.set()
            assert self.go_on.wait(20)
        yield _CONTENT[300_000:]

    async def is_half_sent(self):
        assert await asyncio.to_thread(self.reading.wait, 20)


@asynccontextmanager
async def _half_sent(node):
    """A push that stands still in the middle of its body; it goes on when the block ends."""
    file = _HeldFile()
    push = asyncio.create_task(node.desk.push(_PUSH, file))
    try:
        await file.is_half_sent()
        yield push
    finally:
        file.go_on.set()


@pytest.mark.parametrize("dialect", ["page", "classic"])
async def test_a_half_sent_push_of_a_node_that_was_shut_out_makes_nothing(tmp_path, dialect):
    async with _office(tmp_path, "a", "b", dialect=dialect) as (sandbox, a, b):
        sandbox.faults.add("slow", on="push", seconds=0.5)
        async with _half_sent(a) as push:
            await b.fence.shut("a")
        # The desk has the whole of it. Before it answers -2, the time of A's push runs out.
        while not sandbox.pushes:  # noqa: ASYNC110 - the desk has no event for it
            await asyncio.sleep(0.01)
        a.clock.now += _REQUEST_SECONDS
        outcome = await push
        assert isinstance(outcome, Deferred)
        assert not outcome.desk
        assert len(sandbox.pushes) == 1
        assert sandbox.tickets() == []


async def test_a_node_that_wakes_up_after_its_time_does_not_finish_its_push(tmp_path):
    async with _office(tmp_path, "a", "b") as (sandbox, a, b):
        async with _half_sent(a) as push:
            await b.fence.shut("a")
            a.clock.now += _REQUEST_SECONDS
        assert isinstance(await push, Deferred)
        await sandbox.idle()
        assert (sandbox.pushes, sandbox.tickets(), sandbox.abandoned) == ([], [], 1)


async def test_a_node_in_time_whose_session_is_gone_sends_again_once(tmp_path):
    async with _office(tmp_path, "a", "b") as (sandbox, a, b):
        async with _half_sent(a) as push:
            await b.fence.shut("a")
            a.clock.now += _REQUEST_SECONDS - 1
        assert isinstance(await push, Accepted)
        assert len(sandbox.pushes) == 2
        assert len(sandbox.tickets()) == 1
        assert a.desk.logins == 2
        assert len(a.rows()) == 1


async def test_a_push_that_a_proxy_hands_on_late_makes_nothing_once_its_node_is_shut_out(tmp_path):
    async with _office(tmp_path, "a", "b") as (sandbox, a, b):
        sandbox.faults.add("late", on="push", seconds=0.5)
        assert isinstance(await a.desk.push(_PUSH, lambda _file: [_CONTENT]), InDoubt)
        await b.fence.shut("a")
        await sandbox.idle()
        assert len(sandbox.pushes) == 1
        assert sandbox.tickets() == []


async def test_the_session_of_a_killed_predecessor_is_ended_and_our_own_is_not(tmp_path):
    async with _office(tmp_path, "a", "a") as (sandbox, old, new):
        async with _half_sent(old) as push:
            await new.desk.directory()
            assert len(new.rows()) == 2
            await new.fence.shut("a")
            assert len(new.rows()) == 1
            old.clock.now += _REQUEST_SECONDS - 1
            await new.desk.directory()
            assert new.desk.logins == 1
            # It would send again; a dead one cannot.
            push.cancel()
        await asyncio.wait([push])
        assert sandbox.tickets() == []
        assert len(sandbox.logins) == 2


async def test_shutting_out_is_done_once_by_whoever_comes_first(tmp_path):
    async with _office(tmp_path, "a", "b") as (_sandbox, a, b):
        await a.desk.directory()
        await asyncio.gather(*(b.fence.shut("a") for _ in range(5)))
        assert a.rows() == []
        assert b.desk.logins == 0
        await b.fence.shut("a")
        await b.fence.shut("unknown")
        assert (await a.desk.directory()).departments
        assert a.desk.logins == 2


async def test_a_session_opened_after_the_attempt_is_left_alone(tmp_path):
    async with _office(tmp_path, "a", "b") as (_sandbox, a, b):
        started = a.clock.now
        a.clock.now += 500
        await a.desk.directory()
        await b.fence.shut("a", opened_until=started + _REQUEST_SECONDS)
        await a.desk.directory()
        assert a.desk.logins == 1
        await b.fence.shut("a", opened_until=a.clock.now)
        await a.desk.directory()
        assert a.desk.logins == 2


async def test_a_session_that_ended_by_itself_is_forgotten(tmp_path):
    async with _office(tmp_path, "a", "b") as (sandbox, a, b):
        await a.desk.directory()
        sandbox.expire_sessions()
        await b.fence.shut("a")
        assert (a.rows(), b.told) == ([], [])


async def test_a_desk_that_cannot_be_asked_leaves_the_session_on_the_register(tmp_path):
    async with _office(tmp_path, "a", "b") as (sandbox, a, b):
        await a.desk.directory()
        for fault in ({"kind": "status", "status": 502}, {"kind": "cut_after"}, {"kind": "plain_crash_before"}):
            sandbox.faults.add(on="logout", **fault)
            with pytest.raises(DeskUnavailable):
                await b.fence.shut("a")
            assert len(b.rows("a")) == 1
        await b.fence.shut("a")
        assert b.rows("a") == []


async def test_a_session_under_another_password_is_told_and_forgotten(tmp_path):
    async with _office(tmp_path, "a") as (_sandbox, a):
        await a.desk.directory()
        b = _Node("b", f"sqlite:///{tmp_path}/gateway.db", a.desk.url, key=seal_key("changed", "of these tests"))
        await b.fence.shut("a")
        assert b.rows("a") == []
        [told] = b.told
        assert "node a" in told
        assert "another desk password" in told
        await b.aclose()


async def test_logging_out_takes_the_session_off_the_register(tmp_path):
    async with _office(tmp_path, "a", "b") as (_sandbox, a, b):
        await a.desk.directory()
        assert len(b.rows("a")) == 1
        await a.desk.aclose()
        assert b.rows("a") == []


async def test_an_expired_session_makes_room_for_the_next(tmp_path):
    async with _office(tmp_path, "a") as (sandbox, a):
        await a.desk.directory()
        [first] = a.rows()
        sandbox.expire_sessions()
        await a.desk.directory()
        [second] = a.rows()
        assert second.id > first.id


async def test_a_session_lies_in_the_database_in_cipher_only(tmp_path):
    async with _office(tmp_path, "a") as (_sandbox, a):
        await a.desk.directory()
        session_id = a.registry.newest
        assert len(session_id) == 64
        [sealed] = a.spool.read(lambda connection: list(connection.scalars(sa.select(desk_sessions.c.sealed))))
        assert session_id[:6].encode() not in sealed
        a.spool.close()
        for file in tmp_path.glob("gateway.db*"):
            assert session_id[:12].encode() not in file.read_bytes()


async def test_a_session_that_cannot_be_written_down_is_not_used(tmp_path):
    async with _office(tmp_path, "a") as (sandbox, a):
        a.spool.close()
        outcome = await a.desk.push(_PUSH, lambda _file: [_CONTENT])
        assert isinstance(outcome, Deferred)
        assert "could not be registered: the spool is closed" in outcome.reason
        assert sandbox.pushes == []
        with pytest.raises(SpoolUnavailable):
            await a.registry.register("another")


async def test_refused_logins_are_counted_over_restarts_and_nodes(tmp_path):
    sandbox = SandboxDesk(dialect="classic")
    spool_url, clock = f"sqlite:///{tmp_path}/gateway.db", Clock()
    reasons = []
    async with sandbox.running() as url:
        for n in range(6):
            spool = Spool(spool_url, node=f"node {n % 2}", clock=clock)
            spool.migrate()
            refusals = RefusedLogins(spool, url=url, username="gateway", clock=clock)
            desk = Desk(
                url,
                "gateway",
                "wrong",
                request_seconds=5,
                concurrency=1,
                boottime=clock,
                refusals=refusals,
            )
            with pytest.raises(DeskUnavailable) as caught:
                await desk.directory()
            reasons.append(str(caught.value))
            assert desk.login_refused
            await desk.aclose()
            other = RefusedLogins(spool, url=url, username="another account", clock=clock)
            assert await other.ages() == []
            spool.close()
            clock.now += 1
    assert len(sandbox.logins) == 2
    assert "attempt: 2/3" in reasons[1]
    assert "has refused 2 logins" in reasons[5]
    sandbox.close()
