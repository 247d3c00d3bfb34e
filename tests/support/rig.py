"""A gateway's delivery side in this process: real spool, real desk over HTTP, the clock and the dice in the test's hand."""

import asyncio
import base64
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from gateway.delivery.assembly import assemble
from gateway.delivery.breaker import DeskState
from gateway.delivery.doubts import Doubts
from gateway.delivery.fence import Fence, Registry
from gateway.delivery.policy import Policy
from gateway.delivery.readers import Readers
from gateway.delivery.resolving import Timing
from gateway.delivery.walk import Walker
from gateway.desk.demo import API_KEY, API_SECRET
from gateway.desk.server import SandboxDesk
from gateway.mail.envelope import Envelope
from gateway.mail.ids import thread_ids
from gateway.mail.message import Message
from gateway.mail.reader import read
from gateway.routing.rulebook import RuleBook, RuleFile, load
from gateway.spool.records import Details, State
from gateway.spool.spool import Spool
from gateway.staffapi.client import Desk
from gateway.staffapi.seal import seal_key

#: Made once: it is slow on purpose.
KEY = seal_key("sandbox", "rig")
PLAIN = Policy()
RULES = """
rules:
  - name: all
    then:
      create: {department: Support, status: Open, priority: Normal, type: Issue, tags: [mail]}
      on_reply: {status: Open}
"""


def rulebook(text: str = RULES) -> RuleBook:
    return load([RuleFile("rules.yaml", text)])


@dataclass
class Clock:
    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Rig:
    spool: Spool
    sandbox: SandboxDesk
    url: str
    clock: Clock
    dice: random.Random = field(default_factory=lambda: random.Random(7))
    timing: Timing = field(default_factory=lambda: Timing(120, 30, 60))
    read: Callable[[bytes], Message] = read
    _desks: list[Desk] = field(default_factory=list)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    #: What the fence has told.
    told: list[str] = field(default_factory=list)
    walker: Walker = field(init=False)
    state: DeskState = field(init=False)
    doubts: Doubts = field(init=False)
    desk: Desk = field(init=False)

    def start(self, rules: str = RULES, policy: Policy = PLAIN, *, shadow: bool = False) -> None:
        """A fresh process, as far as delivery can tell: nothing is known but what the spool holds."""
        registry = Registry(self.spool, KEY, random_bytes=self.dice.randbytes)
        desk = Desk(
            self.url,
            "gateway",
            "sandbox",
            request_seconds=5,
            concurrency=4,
            boottime=self.clock,
            clock=self.clock,
            register=registry.register,
            api_key=API_KEY,
            api_secret=API_SECRET,
        )
        self._desks.append(desk)
        self.desk = desk
        parts = assemble(
            spool=self.spool,
            desk=desk,
            fence=Fence(registry, desk, tell=self.told.append),
            readers=Readers(None, read_here=self._read),
            book=rulebook(rules),
            policy=policy,
            timing=self.timing,
            shadow=shadow,
            clock=self.clock,
            monotonic=self.clock,
            dice=self.dice.random,
            random_bytes=self.dice.randbytes,
        )
        self.walker, self.state, self.doubts = parts.walker, parts.state, parts.doubts

    def _read(self, raw: bytes) -> Message:
        return self.read(raw)

    def accept(self, raw: bytes | None = None, *, rcpt: str = "support@desk.example", **headers: str) -> int:
        if raw is None:
            raw = mail(number=next(self._numbers), **headers)
        envelope = Envelope("ann@customer.example", (rcpt,), "127.0.0.1", "", "", datetime.now(UTC))
        return self.spool.accept(envelope, raw, thread_ids(raw)).result(10).id

    async def walk_all(self) -> list[int]:
        """Claim what is due and walk it, until nothing is due any more; the ids in the order they were walked."""
        walked = []
        while claims := await asyncio.to_thread(self.spool.claim, 10, lease_seconds=60):
            for claimed in claims:
                walked.append(claimed.delivery.id)
                await self.walker.walk(claimed)
        return walked

    def state_of(self, delivery_id: int) -> State:
        return self.details(delivery_id).delivery.state

    def details(self, delivery_id: int) -> Details:
        details = self.spool.details(delivery_id)
        assert details is not None
        return details

    async def aclose(self) -> None:
        for desk in self._desks:
            await desk.aclose()
        self.spool.close()


def mail(
    number: int = 0,
    *,
    subject: str | None = None,
    sender: str = "Ann Smith <ann@customer.example>",
    to: str = "support@desk.example",
    text: str = "Hello there.",
    message_id: str | None = None,
    references: str = "",
    extra: str = "",
) -> bytes:
    lines = [
        f"From: {sender}",
        f"To: {to}",
        f"Subject: {subject or f'Mail {number}'}",
        f"Message-ID: <{message_id or f'{number}@customer.example'}>",
        *([f"References: {references}"] if references else []),
        *([extra] if extra else []),
        "",
        text,
    ]
    return "\r\n".join(lines).encode() + b"\r\n"


def with_file(content: bytes, filename: str = "report.pdf", **headers: str) -> bytes:
    """A mail with one attachment."""
    encoded = base64.encodebytes(content).decode().replace("\n", "\r\n")
    body = (
        f"--b\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n--b\r\nContent-Type: application/pdf\r\n"
        f'Content-Disposition: attachment; filename="{filename}"\r\n'
        f"Content-Transfer-Encoding: base64\r\n\r\n{encoded}--b--"
    )
    return mail(text=body, extra="MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b", **headers)
