"""Terms in, an open door with a store that remembers out; and a client that says exactly what it is told to say."""

import asyncio
import socket
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from gateway.intake.addresses import Recipients
from gateway.intake.endpoint import Endpoint
from gateway.intake.listener import listen
from gateway.intake.session import Session
from gateway.intake.terms import Terms
from gateway.mail.envelope import Envelope
from gateway.mail.ids import ThreadIds
from gateway.spool.stored import Stored


@dataclass(frozen=True)
class Kept:
    envelope: Envelope
    raw: bytes
    ids: ThreadIds
    trace: bytes
    future: "Future[Stored]"


@dataclass
class MemoryStore:
    """Keeps at once, unless told to hold (the test settles the future) or to fail (in the call, or by the future)."""

    kept: list[Kept] = field(default_factory=list)
    called: asyncio.Event = field(default_factory=asyncio.Event)
    hold: bool = False
    refuse: BaseException | None = None
    fail: BaseException | None = None

    def accept(self, envelope: Envelope, raw: bytes, ids: ThreadIds, *, trace: bytes) -> "Future[Stored]":
        self.called.set()
        if self.refuse:
            raise self.refuse
        future: Future[Stored] = Future()
        if self.fail:
            future.set_exception(self.fail)
            return future
        first = next(
            (
                n
                for n, each in enumerate(self.kept, 1)
                if (each.envelope.mail_from, each.raw) == (envelope.mail_from, raw)
            ),
            None,
        )
        self.kept.append(Kept(envelope, raw, ids, trace, future))
        if not self.hold:
            future.set_result(Stored(len(self.kept), first))
        return future


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()
        # The server lives in this loop: a few turns let it read what was sent before more is sent.
        for _ in range(3):
            await asyncio.sleep(0)

    async def answer(self) -> str:
        """All lines of one answer; "" where the server has closed."""
        lines = []
        while line := await asyncio.wait_for(self.reader.readline(), 10):
            lines.append(line.decode().removesuffix("\r\n"))
            if line[3:4] != b"-":
                break
        return "\n".join(lines)

    async def ask(self, *commands: bytes) -> str:
        """The answer to the last of `commands`."""
        answer = ""
        for command in commands:
            await self.send(command + b"\r\n")
            answer = await self.answer()
        return answer

    async def begin(self, *, rcpt: bytes = b"support@desk.example", sender: bytes = b"jo@customer.example") -> str:
        """Up to the answer to DATA, for the next mail of this connection."""
        return await self.ask(b"MAIL FROM:<" + sender + b">", b"RCPT TO:<" + rcpt + b">", b"DATA")

    async def close(self) -> None:
        self.writer.close()
        await asyncio.gather(self.writer.wait_closed(), return_exceptions=True)


class Door:
    def __init__(self, stack: AsyncExitStack, store: MemoryStore) -> None:
        self.stack, self.store = stack, store

    async def open(self, endpoints: Sequence[str] = ("127.0.0.1:0",), **terms) -> "Door":
        terms = {
            "hostname": "mx.desk.example",
            "recipients": Recipients.parse(["desk.example"]),
            "now": lambda: datetime(2025, 11, 24, 12, 0, tzinfo=UTC),
        } | terms
        self.terms = Terms(**terms)
        self.listener = await listen(
            [Endpoint.parse(each) for each in endpoints], lambda: Session(self.store, self.terms)
        )
        self.stack.push_async_callback(self.listener.close, 0)
        return self

    @property
    def port(self) -> int:
        return self.listener.endpoints[0].port

    @property
    def inside(self):
        return self.listener._inside

    async def knock(self, n: int = 0) -> Client:
        """A new connection, its greeting not yet read."""
        address = self.listener.endpoints[n]
        if address.path:
            client = Client(*await asyncio.open_unix_connection(address.path))
        else:
            client = Client(*await asyncio.open_connection(address.host, address.port))
            client.writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stack.push_async_callback(client.close)
        return client

    async def client(self) -> Client:
        """A connection after EHLO."""
        client = await self.knock()
        assert (await client.answer()).startswith("220 ")
        assert (await client.ask(b"EHLO pc.customer.example")).startswith("250")
        return client


@pytest.fixture
def store():
    return MemoryStore()


@pytest.fixture
async def door(store):
    async with AsyncExitStack() as stack:
        yield Door(stack, store)


@pytest.fixture
def events():
    """Every event logged meanwhile."""
    with capture_logs() as logged:
        yield logged
