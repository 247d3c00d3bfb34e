"""Settings in, a running gateway and the desk it pushes to out: real processes, real sockets, awaited and ended here."""

import asyncio
import contextlib
import json
import os
import random
import re
import resource
import signal
import smtplib
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.desk.inspection import Post, Ticket
from gateway.desk.server import SandboxDesk

Result = TypeVar("Result")
RECIPIENT = "support@desk.example"
RULES = """
rules:
  - name: everything
    then:
      create: {department: Support, status: Open, priority: Normal, type: Issue, tags: [mail]}
"""
#: On each engine and against each dialect, in half of the combinations.
both_ways = pytest.mark.parametrize(
    ("spool_url", "dialect"), [("sqlite", "page"), ("postgresql", "classic")], indirect=["spool_url"]
)
#: Set and cleared at once whenever the desk has answered somebody.
_answered = threading.Condition()
#: prctl(2): 1 is PR_SET_PDEATHSIG. A test run that is itself killed leaves no gateway behind.
_LAUNCH = f"""
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, {int(signal.SIGTERM)})
os.execv(sys.executable, [sys.executable, "-m", "gateway", *sys.argv[1:]])
"""
#: What no event tells of (files, other processes) is looked at this often (seconds).
_GLANCE = 0.05


def until(what: Callable[[], Result], seconds: float = 30.0) -> Result:
    """The first true value of `what()`, asked again whenever the desk has answered something."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, f"not within {seconds:g} seconds"
        with _answered:
            _answered.wait(_GLANCE)
    return found


def free_port() -> int:
    """One that nobody has: below the range from which the system gives ports to whoever connects or listens on 0."""
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def fetch(url: str) -> str:
    """The body of a page. Raises OSError, also for a status that is no success."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=10) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        error.close()
        raise


class RunningDesk:
    """A sandbox help desk with a loop and a thread of its own, which may leave its port and come back to it."""

    def __init__(self, dialect: str) -> None:
        self.sandbox = SandboxDesk(dialect=dialect)
        self.sandbox.app = _telling(self.sandbox.app)
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="desk")
        self._thread.start()
        self._listening = contextlib.AsyncExitStack()

    def open(self) -> None:
        self._do(self._listening.enter_async_context(self.sandbox.running(port=self._port)))

    def shut(self) -> None:
        """Cut all connections and listen no more."""
        self._do(self._listening.aclose())

    def close(self) -> None:
        self.shut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        # Answers that were cut off end as tasks of this loop.
        self._loop.run_until_complete(self.sandbox.idle())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()
        self.sandbox.close()

    def fail(self, kind: str, **description: Any) -> None:
        """See `gateway.desk.faults.Fault`."""
        self.sandbox.faults.add(kind, **description)

    @property
    def tickets(self) -> list[Ticket]:
        return self.sandbox.tickets()

    @property
    def posts(self) -> list[tuple[Ticket, Post]]:
        return [(ticket, post) for ticket in self.tickets for post in ticket.posts]

    def tickets_of(self, subject: str) -> list[Ticket]:
        return [ticket for ticket in self.tickets if ticket.subject == subject]

    def posts_with(self, text: str) -> list[tuple[Ticket, Post]]:
        return [(ticket, post) for ticket, post in self.posts if text in post.contents]

    def _do(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)


def _telling(app: ASGIApp) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        finally:
            with _answered:
                _answered.notify_all()

    return answer


class Gateway:
    """One `gateway serve` at a time, in a folder of its own; what it says and logs is kept over its lives."""

    def __init__(self, folder: Path, *, spool_url: str, desk_url: str, rules: str = RULES, **settings: str) -> None:
        self.folder = folder
        self.said = folder / "gateway.out"
        self.logged = folder / "gateway.log"
        self.console = f"127.0.0.1:{free_port()}"
        self.port = 0
        #: Processes of it that the test has made end.
        self.deaths = 0
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self.said.touch()
        self.logged.touch()
        self.write_rules(rules)
        own = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
        self.environ = {
            **own,
            "PYTHONWARNINGS": "error",
            "GATEWAY_NODE": "whole",
            "GATEWAY_LOG__FORMAT": "json",
            "GATEWAY_SMTP__LISTEN": f"127.0.0.1:{free_port()}",
            "GATEWAY_SMTP__ACCEPT": "desk.example",
            "GATEWAY_CONSOLE__LISTEN": self.console,
            "GATEWAY_DESK__URL": desk_url,
            "GATEWAY_DESK__USERNAME": "gateway",
            "GATEWAY_DESK__PASSWORD": "sandbox",
            "GATEWAY_DELIVERY__SETTLE_SECONDS": "1",
            "GATEWAY_DELIVERY__LOOKUP_GAP_SECONDS": "0.5",
            "GATEWAY_DELIVERY__RETRY_SECONDS": "1",
            "GATEWAY_SPOOL__URL": spool_url,
            **{f"GATEWAY_{name.upper()}": value for name, value in settings.items()},
        }

    def write_rules(self, text: str) -> None:
        (self.folder / "rules").mkdir(exist_ok=True)
        (self.folder / "rules" / "10-rules.yaml").write_text(text, encoding="utf-8")

    # -- its lives ---------------------------------------------------------------------------------------------

    def start(self, *words: str) -> None:
        """Returns once it takes mail and its console answers."""
        self.launch(*words)
        self.await_banner()
        until(self._is_ready, 60)

    def launch(self, *words: str) -> subprocess.Popen[bytes]:
        assert self._process is None
        self._banners = self.said.read_text().count("mail in")
        with self.said.open("ab") as said, self.logged.open("ab") as logged:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _LAUNCH, *(words or ("serve",))],
                cwd=self.folder,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=logged,
                start_new_session=True,
            )
        return self._process

    def await_banner(self) -> None:
        self.port = int(until(self._new_banner, 60)[-1])

    def _new_banner(self) -> list[str]:
        assert self._process is not None
        assert self._process.poll() is None, f"it ended with {self._process.returncode}: {self.logged.read_text()}"
        found = re.findall(r"mail in +127\.0\.0\.1:(\d+)", self.said.read_text())
        return found if len(found) > self._banners else []

    def _is_ready(self) -> bool:
        try:
            return fetch(f"http://{self.console}/readyz").startswith("spool: ok\nintake: ok")
        except OSError:
            return False

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def stop(self) -> int:
        """End it as a service manager does; its exit status."""
        return self._end(lambda pid: os.kill(pid, signal.SIGTERM))

    def kill(self) -> None:
        """All its processes at the same moment, as a power cut does."""
        self._end(lambda pid: os.killpg(pid, signal.SIGKILL))

    def kill_supervisor(self) -> None:
        """Only the process that a service manager knows."""
        self._end(lambda pid: os.kill(pid, signal.SIGKILL))

    def _end(self, how: Callable[[int], None]) -> int:
        assert self._process is not None
        # Its number is its own until it has been waited for, so nobody else can be hit.
        how(self._process.pid)
        status = self._process.wait(60)
        self._process = None
        return status

    def close(self) -> None:
        """End what still runs, and show what it logged to whoever looks for the reason of a failure."""
        if self._process is not None and self._process.poll() is None:
            self.stop()
        print(self.said.read_text(), self.logged.read_text(), sep="\n")

    def limit_files_of(self, role: str, size: int) -> None:
        """From now on this child can make no file longer than `size`: to it the disk is full."""
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                parent = re.search(r"^PPid:\t(\d+)", (entry / "status").read_text(), re.MULTILINE)
                if parent and int(parent[1]) == self.pid and (entry / "comm").read_text().strip() == f"gw-{role}":
                    resource.prlimit(int(entry.name), resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
                    return
        raise AssertionError(f"there is no child gw-{role}")

    # -- its door ----------------------------------------------------------------------------------------------

    def send(self, *mails: bytes, sender: str = "ann@customer.example", to: Sequence[str] = (RECIPIENT,)) -> None:
        """Each answered by 250. Raises smtplib.SMTPException, OSError."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=60) as client:
            for mail in mails:
                client.sendmail(sender, list(to), mail)

    # -- its windows -------------------------------------------------------------------------------------------

    def waiting(self) -> dict[str, int]:
        """How many mails are queued, claimed and held."""
        metrics = fetch(f"http://{self.console}/metrics")
        found = re.findall(r'gateway_spool_deliveries\{state="(\w+)"\} (\d+)', metrics)
        return {state: int(count) for state, count in found}

    def settle(self, seconds: float = 40.0) -> None:
        """Wait until nothing is on its way: what is not on the desk by then will never come."""
        until(self._is_settled, seconds)

    def _is_settled(self) -> bool:
        counts = self.waiting()
        return counts["queued"] == counts["claimed"] == 0

    def events(self, name: str) -> list[dict[str, Any]]:
        """Logged so far. A line that is still being written does not count."""
        lines = self.logged.read_text(encoding="utf-8").split("\n")[:-1]
        parsed = [json.loads(line) for line in lines if line.startswith("{")]
        return [event for event in parsed if event["event"] == name]

    def run(self, *words: str, input: bytes = b"", status: int = 0) -> str:
        """What a command prints, beside the running gateway."""
        done = self.run_bytes(*words, input=input)
        assert done.returncode == status, f"{words}: {done.returncode} {done.stderr.decode()}"
        assert b"Traceback" not in done.stderr
        return done.stdout.decode()

    def run_bytes(self, *words: str, input: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "gateway", *words],
            cwd=self.folder,
            env=self.environ,
            input=input,
            capture_output=True,
            timeout=60,
            check=False,
        )

    def list_spool(self, *words: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.run("spool", "ls", "--json", *words).splitlines()]
