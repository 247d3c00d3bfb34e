"""The client against a server that misbehaves byte by byte: what counts is whether the last block was handed over."""

import asyncio
import gzip
import hashlib
import socket
import struct
import threading
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from gateway.mail.message import Span
from gateway.staffapi.client import Desk, DeskUnavailable
from gateway.staffapi.documents import ByAddress, Create, File, Reply
from gateway.staffapi.exchange import Exchange, Lost, NotSent
from gateway.staffapi.form import Body
from gateway.staffapi.outcome import Accepted, Deferred, InDoubt, Refused

_LOGIN = b"<kayako_staffapi><status>1</status><error/><sessionid>s3ssion</sessionid></kayako_staffapi>"
_TICKET = b'<kayako_staffapi><status>1</status><error/><tickets><ticket id="4711" staffapiid="7"/></tickets></kayako_staffapi>'
_EXPIRED = b"<kayako_staffapi><status>-2</status><error>Session Expired Due to Inactivity</error></kayako_staffapi>"
_INFO = b"<kayako_staffapi><status>1</status><error/></kayako_staffapi>"
# More than the kernel keeps between two sockets, so that a server that does not read holds the client up.
_CONTENT = b"0123456789abcdef" * 450_000
_FILE = File(
    "big.bin",
    len(_CONTENT),
    hashlib.md5(_CONTENT).hexdigest(),
    hashlib.sha256(_CONTENT).hexdigest(),
    Span(0, len(_CONTENT), "identity"),
)


def _create(*files):
    return Create(
        staffapiid=7,
        subject="Printer",
        requester=ByAddress("Jane", "jane@example.com"),
        department_id=1,
        status_id=1,
        priority_id=1,
        type_id=1,
        reply=Reply("It burns.", files),
    )


def _http(body, status=200, headers=b"", length=None):
    length = len(body) if length is None else length
    return b"HTTP/1.1 %d X\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n%b\r\n%b" % (
        status,
        length,
        headers,
        body,
    )


class _Server:
    """Answers calls in the order they come from `pushes`; each is bytes to send, or a coroutine function."""

    def __init__(self, pushes, logins=(), infos=()):
        self.pushes = list(pushes)
        self.logins = list(logins)
        self.infos = list(infos)
        self.calls = []
        self.heads = []
        self.bodies = []
        self.connections = 0

    @asynccontextmanager
    async def running(self):
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        server = await asyncio.start_server(self._serve, sock=listener)
        async with server:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def _serve(self, reader, writer):
        self.connections += 1
        try:
            while await self._answer(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            self.bodies.append(None)
        finally:
            writer.close()

    async def _answer(self, reader, writer):
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return False
        call = head.split(b" ")[1].rpartition(b"/")[2].decode()
        self.calls.append(call)
        self.heads.append(head)
        scripts = {
            "Index": (self.pushes, b""),
            "Login": (self.logins, _http(_LOGIN, headers=b"Set-Cookie: SWIFT_sessionid210=s3ssion; path=/\r\n")),
            "GetInfo": (self.infos, _http(_INFO)),
        }
        script, otherwise = scripts.get(call, ([], _http(_INFO)))
        answer = script.pop(0) if script else otherwise
        if callable(answer):
            return await answer(reader, writer)
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r")[0])
        self.bodies.append(await reader.readexactly(length))
        writer.write(answer)
        await writer.drain()
        return bool(answer)


@asynccontextmanager
async def _pair(*pushes, boottime=time.monotonic, request_seconds=20.0, **scripts):
    server = _Server(pushes, **scripts)
    async with server.running() as url:
        desk = Desk(
            url,
            "gateway",
            "canary-71",
            request_seconds=request_seconds,
            concurrency=2,
            boottime=boottime,
            user_agent="X/1",
        )
        try:
            yield server, desk
        finally:
            await desk.aclose()


def _content(file):
    assert file == _FILE
    return (_CONTENT[at : at + 65536] for at in range(0, len(_CONTENT), 65536))


async def _push(desk, *files):
    return await desk.push(_create(*files), _content)


async def test_a_request_has_an_exact_length_and_the_session_last():
    async with _pair(_http(_TICKET)) as (server, desk):
        assert isinstance(await _push(desk, _FILE), Accepted)
        body = server.bodies[1]
        assert body.startswith(b"payload=%3C%3Fxml")
        assert body.endswith(b"&sessionid=s3ssion")
        assert body.count(b"&") == 1
        head = server.heads[1].lower()
        assert b"post /staffapi/index.php?/tickets/push/index http/1.1" in head
        for header in (b"transfer-encoding", b"expect:", b"cookie", b"python", b"httpx"):
            assert header not in head
        for header in (
            b"accept-encoding: identity",
            b"user-agent: x/1",
            b"content-type: application/x-www-form-urlencoded",
        ):
            assert header in head


@pytest.mark.parametrize("cut", [0, 1, 20, 80, 110, 150, 200, 230])
async def test_an_answer_cut_anywhere_is_in_doubt_until_it_is_whole(cut):
    whole = _http(_TICKET)

    async def part(reader, writer):
        await reader.readuntil(b"sessionid=s3ssion")
        writer.write(whole[:cut])
        return False

    async with _pair(part) as (server, desk):
        outcome = await _push(desk)
        assert isinstance(outcome, Accepted if cut >= len(whole) else InDoubt), outcome
        assert server.calls.count("Index") == 1


async def test_a_length_that_is_too_long_does_not_hide_a_whole_document():
    async def claim_more(reader, writer):
        await reader.readuntil(b"sessionid=s3ssion")
        writer.write(_http(_TICKET, length=len(_TICKET) + 500))
        return False

    async with _pair(claim_more) as (_, desk):
        assert isinstance(await _push(desk), Accepted)


async def test_a_length_that_is_too_short_leaves_a_doubt():
    async with _pair(_http(_TICKET, length=len(_TICKET) - 9)) as (_, desk):
        assert isinstance(await _push(desk), InDoubt)


async def test_gzip_comes_unasked_and_is_read():
    packed = gzip.compress(_TICKET)
    async with _pair(_http(packed, headers=b"Content-Encoding: gzip\r\n"), _http(packed)) as (_, desk):
        assert isinstance(await _push(desk), Accepted)
        assert isinstance(await _push(desk), Accepted)


async def test_an_answer_without_end_is_cut_off():
    async with _pair(_http(b"<kayako_staffapi>" + b"x" * 6_000_000)) as (_, desk):
        outcome = await _push(desk)
        assert isinstance(outcome, InDoubt)
        assert "more than" in outcome.reason


@pytest.mark.parametrize(("size", "connections"), [(9_000_000, 1), (60_000_000, 2)])
async def test_a_large_answer_is_kept_in_part_and_heard_to_its_end_unless_it_is_absurd(size, connections):
    async with _pair(_http(b"x" * size), _http(_TICKET)) as (server, desk):
        assert isinstance(await _push(desk), InDoubt)
        assert isinstance(await _push(desk), Accepted)
        assert server.connections == connections


@pytest.mark.parametrize("read", [0, 1, 1000, 1_000_000])
async def test_a_connection_lost_before_the_last_block_means_nothing_was_made(read):
    async def leave(reader, writer):
        await reader.readexactly(read)
        writer.transport.abort()
        return False

    async with _pair(leave) as (_, desk):
        outcome = await _push(desk, _FILE)
        assert isinstance(outcome, Deferred), outcome
        assert outcome.desk


async def test_an_early_answer_means_nothing_was_made():
    async def no(reader, writer):
        await reader.readexactly(1000)
        writer.write(_http(b"", status=503))
        await writer.drain()
        return False

    async def too_large(reader, writer):
        await reader.readexactly(1000)
        writer.write(_http(b"", status=413))
        await writer.drain()
        return False

    async with _pair(no, too_large) as (_, desk):
        outcome = await _push(desk, _FILE)
        assert isinstance(outcome, Deferred), outcome
        assert isinstance(await _push(desk, _FILE), Refused | Deferred)


async def test_a_redirect_is_not_followed():
    async with _pair(_http(b"", status=302, headers=b"Location: http://127.0.0.1:1/\r\n")) as (server, desk):
        outcome = await _push(desk)
        assert isinstance(outcome, Deferred)
        assert outcome.desk
        assert server.calls == ["Login", "Index"]


async def test_a_session_over_once_is_opened_again_and_the_push_repeated():
    async with _pair(_http(_EXPIRED), _http(_TICKET)) as (server, desk):
        assert isinstance(await _push(desk), Accepted)
        assert server.calls == ["Login", "Index", "Login", "Index"]
        assert desk.logins == 2


async def test_a_session_always_over_for_this_request_only_is_a_matter_of_size():
    async with _pair(*[_http(_EXPIRED)] * 9) as (server, desk):
        outcome = await _push(desk)
        assert isinstance(outcome, Refused)
        assert "too large for the desk" in outcome.reason
        assert server.calls == ["Login", "Index", "Login", "Index", "GetInfo"]


async def test_a_session_over_for_everything_is_the_desks_failure():
    async with _pair(*[_http(_EXPIRED)] * 9, infos=[_http(_EXPIRED)] * 9) as (server, desk):
        outcome = await _push(desk)
        assert isinstance(outcome, Deferred)
        assert outcome.desk
        assert server.calls == ["Login", "Index", "Login", "Index", "GetInfo"]


async def test_an_answer_beyond_the_deadline_is_in_doubt():
    async def never(reader, writer):
        await reader.readuntil(b"sessionid=s3ssion")
        await reader.read()
        return False

    async with _pair(never, request_seconds=0.5) as (_, desk):
        outcome = await _push(desk)
        assert isinstance(outcome, InDoubt)
        assert "no answer came in time" in outcome.reason


async def test_a_desk_that_stops_reading_before_the_last_block_made_nothing():
    over = asyncio.Event()

    async def deaf(reader, writer):
        await over.wait()
        return False

    async with _pair(deaf, request_seconds=0.6) as (_, desk):
        outcome = await _push(desk, _FILE)
        over.set()
        assert isinstance(outcome, Deferred), outcome
        assert outcome.desk


class _Sleeper:
    """A clock that leaps ahead when it is asked for the n-th time: the machine slept just before."""

    def __init__(self):
        self.asked = 0
        self.sleep_at = 0

    def __call__(self):
        self.asked += 1
        return 5000.0 if self.sleep_at and self.asked >= self.sleep_at else 1000.0


async def test_a_machine_that_slept_before_the_last_block_does_not_send_it():
    clock = _Sleeper()
    async with _pair(_http(_TICKET), boottime=clock) as (server, desk):
        assert isinstance(await _push(desk, _FILE), Accepted)
        clock.asked = 0
        server.pushes = [_http(_TICKET)]
        assert isinstance(await _push(desk, _FILE), Accepted)
        questions, whole = clock.asked, list(server.bodies)
        assert questions >= 4  # at the start, before connecting, before the first block, before the last
        for clock.sleep_at in range(2, questions + 1):
            clock.asked = 0
            outcome = await _push(desk, _FILE)
            assert isinstance(outcome, Deferred), outcome
            assert not outcome.desk
        assert [body for body in server.bodies if body] == whole


async def test_a_desk_that_is_not_there_is_deferred_and_not_asked_again_at_once():
    now = 1000.0
    desk = Desk("http://127.0.0.1:1", "gateway", "canary-71", request_seconds=5, concurrency=1, boottime=lambda: now)
    first, second = await _push(desk), await _push(desk)
    for outcome in (first, second):
        assert isinstance(outcome, Deferred)
        assert outcome.desk
        assert "canary-71" not in repr(outcome)
    assert desk.logins == 1
    assert second.retry_after == 1
    now += 31
    await _push(desk)
    assert desk.logins == 2
    await desk.aclose()


async def test_many_pushes_at_once_log_in_once():
    async with _pair(*[_http(_TICKET)] * 10) as (server, desk):
        outcomes = await asyncio.gather(*(_push(desk) for _ in range(10)))
        assert all(isinstance(outcome, Accepted) for outcome in outcomes)
        assert server.calls.count("Login") == desk.logins == 1
        assert server.connections <= 3


async def test_a_file_that_changed_is_not_sent():
    async with _pair() as (server, desk):
        outcome = await desk.push(_create(_FILE), lambda _: [b"other"])
        assert isinstance(outcome, Refused)
        assert server.calls == []


async def test_questions_that_cannot_be_answered_say_so():
    tickets = b'<kayako_staffapi><status>1</status><count>2</count><tickets><ticket id="1"><tags>gw-a</tags></ticket></tickets></kayako_staffapi>'
    other = tickets.replace(b"<count>2", b"<count>1").replace(b"gw-a", b"gw-b")
    for answer, words in (
        (tickets, "counts 2"),
        (other, "showed others"),
        (b"oops", "begins 'oops'"),
        (_INFO, "no list of tickets"),
    ):

        class _Search(_Server):
            async def _answer(self, reader, writer, answer=answer):
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r")[0]))
                writer.write(_http(answer if b"Search" in head else _LOGIN))
                return True

        async with _Search([]).running() as url:
            desk = Desk(url, "a", "b", request_seconds=5, concurrency=1, boottime=time.monotonic)
            with pytest.raises(DeskUnavailable, match=words):
                await desk.find_tag("gw-a", [1])
            await desk.aclose()


async def test_neither_password_nor_session_is_shown():
    async with _pair(_http(b"", status=500), infos=[_http(b"oops")]) as (_, desk):
        outcome = await _push(desk)
        with pytest.raises(DeskUnavailable) as caught:
            await desk.directory()
        shown = f"{desk!r} {desk} {outcome!r} {caught.value!r} {caught.value.__context__!r}"
        assert "canary-71" not in shown
        assert "s3ssion" not in shown


@asynccontextmanager
async def _exchange(serve, *, clock=time.time, receive_buffer=None):
    """An Exchange with one server, which gives a coroutine function the raw socket of each connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        if receive_buffer:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        listener.setblocking(False)
        loop = asyncio.get_running_loop()

        async def accept():
            async with asyncio.TaskGroup() as connections:
                while True:
                    connection, _ = await loop.sock_accept(listener)
                    connections.create_task(serve(connection))

        accepting = asyncio.create_task(accept())
        exchange = Exchange(
            f"http://127.0.0.1:{listener.getsockname()[1]}",
            request_seconds=20,
            concurrency=1,
            boottime=time.monotonic,
            user_agent="X/1",
            clock=clock,
        )
        try:
            yield exchange
        finally:
            await exchange.aclose()
            accepting.cancel()
            await asyncio.wait([accepting])


async def _read_all(connection):
    """What comes until the end, and whether the end was a reset."""
    heard = bytearray()
    try:
        while part := await asyncio.get_running_loop().sock_recv(connection, 65536):
            heard += part
    except ConnectionResetError:
        return bytes(heard), True
    return bytes(heard), False


def _body(*blocks, last=b"&sessionid=s3ssion"):
    return Body(sum(map(len, blocks)) + len(last), lambda: iter(blocks), last)


async def test_what_a_deaf_desk_has_not_taken_when_the_time_is_over_never_reaches_it():
    # Less than the kernel takes from the sender and more than it keeps for the receiver: the last block lies between.
    given_up, ended = asyncio.Event(), asyncio.get_running_loop().create_future()

    async def serve(connection):
        await given_up.wait()
        ended.set_result(await _read_all(connection))
        connection.close()

    async with _exchange(serve, receive_buffer=16384) as exchange:
        body = _body(*[b"x" * 20_000] * 20)
        with pytest.raises(Lost, match="no answer came in time"):
            await exchange.post("/", body, time.monotonic() + 0.5)
        given_up.set()
        heard, was_reset = await ended
    assert heard.startswith(b"POST / HTTP/1.1\r\n")
    assert was_reset
    assert body.last not in heard
    assert len(heard) < body.length


async def test_a_dropped_connection_is_used_for_no_second_try():
    connections = []

    async def serve(connection):
        loop = asyncio.get_running_loop()
        heard = bytearray()
        connections.append(heard)
        with connection:
            while not heard.endswith(b"s3ssion"):
                heard += await loop.sock_recv(connection, 65536)
            await loop.sock_sendall(connection, b"HTTP/1.1 200 X\r\nContent-Length: 0\r\n\r\n")
            heard += await loop.sock_recv(connection, 10)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    async with _exchange(serve) as exchange:
        await exchange.post("/first", _body(), time.monotonic() + 5)
        with pytest.raises(NotSent, match="ended before the request was sent whole"):
            await exchange.post("/second", _body(*[b"x" * 65536] * 100), time.monotonic() + 5)
    assert len(connections) == 1
    assert connections[0].endswith(b"s3ssionPOST /seco")


async def test_blocks_that_take_their_time_hold_nothing_else_up():
    go = threading.Event()
    heard = bytearray()

    async def serve(connection):
        loop = asyncio.get_running_loop()
        with connection:
            while not heard.endswith(b"last"):
                heard.extend(await loop.sock_recv(connection, 65536))
                if heard.endswith(b"first"):
                    go.set()
            await loop.sock_sendall(connection, b"HTTP/1.1 200 X\r\nContent-Length: 0\r\n\r\n")

    def blocks():
        yield b"first"
        # Set by the server, which runs in the loop that these blocks are sent from.
        assert go.wait(10)
        yield b""
        yield b"second"

    async with _exchange(serve) as exchange:
        reply = await exchange.post("/", Body(15, blocks, b"last"), time.monotonic() + 5)
    assert reply.whole
    assert heard.endswith(b"\r\n\r\nfirstsecondlast")


@pytest.mark.parametrize("error", [ValueError("the file changed"), OSError("the disk is gone")])
async def test_a_body_that_cannot_be_made_is_not_finished(error):
    heard = asyncio.get_running_loop().create_future()

    async def serve(connection):
        heard.set_result(await _read_all(connection))
        connection.close()

    def blocks():
        yield b"first"
        raise error

    async with _exchange(serve) as exchange:
        with pytest.raises(type(error), match=str(error)):
            await exchange.post("/", Body(100, blocks, b"last"), time.monotonic() + 5)
        sent, was_reset = await heard
    assert was_reset
    assert b"last" not in sent


@pytest.mark.parametrize(
    ("date", "skew"),
    [(b"Tue, 24 Nov 2026 10:00:30 GMT", 30.0), (b"Tue, 24 Nov 2026 09:59:00 GMT", -60.0), (b"yesterday", None)],
)
async def test_the_desks_clock_is_compared_with_ours(date, skew):
    async def serve(connection):
        with connection:
            for head in (b"Date: " + date + b"\r\n", b""):
                await asyncio.get_running_loop().sock_recv(connection, 65536)
                answer = b"HTTP/1.1 200 X\r\n" + head + b"Content-Length: 0\r\n\r\n"
                await asyncio.get_running_loop().sock_sendall(connection, answer)

    ours = datetime(2026, 11, 24, 10, tzinfo=UTC).timestamp()
    async with _exchange(serve, clock=lambda: ours) as exchange:
        assert exchange.clock_skew is None
        await exchange.post("/", _body(), time.monotonic() + 5)
        assert exchange.clock_skew == skew
        await exchange.post("/", _body(), time.monotonic() + 5)
        assert exchange.clock_skew == skew
