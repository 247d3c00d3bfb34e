"""A database, a dialect and an account come in -> a running sandbox help desk goes out."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from gateway.desk.accounts import Accounts, Login
from gateway.desk.connection import dated, listen
from gateway.desk.control import control_routes
from gateway.desk.dialect import Dialect, dialect_named
from gateway.desk.faults import Faults
from gateway.desk.front import answer_staffapi
from gateway.desk.inspection import Ticket, list_tickets
from gateway.desk.office import Office
from gateway.desk.pages import page_routes
from gateway.desk.store import Store

_ANY_METHOD = ["GET", "POST", "PUT", "DELETE", "PATCH"]


class SandboxDesk:
    """A help desk to try the gateway on: StaffAPI under `/staffapi/index.php`, pages for people under `/`.

    `database` is a path or ":memory:", `dialect` is "page" or "classic" (ValueError else). `clock` tells Unix time;
    `dice` draws display ids and sessions, the system's own randomness without it.
    """

    def __init__(
        self,
        database: str = ":memory:",
        *,
        dialect: str = "page",
        username: str = "gateway",
        password: str = "sandbox",  # noqa: S107 - the demo's; the desk holds nothing of worth
        clock: Callable[[], float] = time.time,
        dice: random.Random | None = None,
    ) -> None:
        dice = dice or random.SystemRandom()
        spoken = dialect_named(dialect)
        store = Store(database)
        self._office = Office(store, Accounts(store, username, password, dice), spoken, clock, dice)
        self.app: ASGIApp = dated(Starlette(routes=_routes(self._office)), clock)

    @asynccontextmanager
    async def running(self, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
        """Yields the base URL. May be entered again afterwards: tickets and sessions stay. Raises OSError."""
        async with listen(self.app, host, port) as url:
            yield url

    async def run(self, host: str, port: int, ready: Callable[[str], None] | None = None) -> None:
        """Serve until cancelled; `ready` gets the base URL once connections are accepted. Raises OSError."""
        async with self.running(host, port) as url:
            if ready is not None:
                ready(url)
            await asyncio.Event().wait()

    async def idle(self) -> None:
        """Wait until no call is being worked on: calls whose client gave up go on until then."""
        while self._office.working:
            await asyncio.wait(self._office.working)

    def close(self) -> None:
        """Let go of the database."""
        self._office.store.close()

    def tickets(self) -> list[Ticket]:
        """Every ticket, by id, those in Trash too."""
        return list_tickets(self._office.store)

    def attachment(self, id: int) -> bytes:
        """The contents kept under that id. Raises KeyError."""
        with self._office.store.transaction():
            contents = self._office.store.value("SELECT contents FROM attachments WHERE id = ?", (id,))
        if contents is None:
            raise KeyError(id)
        return bytes(contents)

    @property
    def faults(self) -> Faults:
        return self._office.faults

    @property
    def logins(self) -> list[Login]:
        return list(self._office.journal.logins)

    @property
    def violations(self) -> list[str]:
        """What callers did against the documented page, as "<call>: <what>"."""
        return list(self._office.journal.violations)

    @property
    def pushes(self) -> list[bytes]:
        """Payloads that arrived whole, whatever became of them."""
        return list(self._office.journal.pushes)

    @property
    def abandoned(self) -> int:
        """Requests that did not arrive whole."""
        return self._office.journal.abandoned

    @property
    def dialect(self) -> Dialect:
        return self._office.dialect

    @dialect.setter
    def dialect(self, dialect: Dialect) -> None:
        self._office.dialect = dialect

    @property
    def denied(self) -> frozenset[str]:
        """Permissions the account lacks, as the server spells them: staff_tcaninsertticket, staff_tcanupateticket, …"""
        return self._office.denied

    @denied.setter
    def denied(self, permissions: frozenset[str] | set[str]) -> None:
        self._office.denied = frozenset(permissions)

    def expire_sessions(self) -> None:
        """Every session is over; the next call with one gets -2."""
        with self._office.store.transaction():
            self._office.store.run("DELETE FROM sessions")


def _routes(office: Office) -> list[Route]:
    async def staffapi(request: Request) -> Response:
        task = asyncio.current_task()
        assert task is not None
        office.working.add(task)
        task.add_done_callback(office.working.discard)
        return await answer_staffapi(office, request)

    async def elsewhere(_request: Request) -> Response:
        office.journal.complain("redirect", ["the redirect was followed"])
        return PlainTextResponse("Nothing is here.\n", 404)

    return [
        Route("/staffapi/index.php", staffapi, methods=_ANY_METHOD),
        Route("/elsewhere/{rest:path}", elsewhere, methods=_ANY_METHOD),
        *control_routes(office),
        *page_routes(office),
    ]
