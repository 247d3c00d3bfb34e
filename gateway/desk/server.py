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

from gateway.desk import administration, changes
from gateway.desk.accounts import Accounts, Login
from gateway.desk.calls import Interface
from gateway.desk.connection import dated, listen
from gateway.desk.control import control_routes
from gateway.desk.controlpage import control_page_routes
from gateway.desk.dialect import Dialect, dialect_named
from gateway.desk.faults import Faults
from gateway.desk.front import answer_call
from gateway.desk.inspection import Ticket, list_tickets
from gateway.desk.office import Office
from gateway.desk.pages import load_templates, page_routes
from gateway.desk.store import Store

_ANY_METHOD = ["GET", "POST", "PUT", "DELETE", "PATCH"]


class SandboxDesk:
    """A help desk to try the gateway on: StaffAPI under `/staffapi/index.php`, REST API under `/api/index.php`, pages for
    people under `/`.

    `database` is a path or ":memory:", `dialect` one of your own, or "page" or "classic"; ValueError for another, and for
    a database of a later release. `clock` tells Unix time; `dice` draws display ids, sessions and chances, the system's
    own randomness without it.
    """

    def __init__(
        self,
        database: str = ":memory:",
        *,
        dialect: str | Dialect = "page",
        username: str = "gateway",
        password: str = "sandbox",  # noqa: S107 - the demo's; the desk holds nothing of worth
        clock: Callable[[], float] = time.time,
        dice: random.Random | None = None,
    ) -> None:
        dice = dice or random.SystemRandom()
        spoken = dialect if isinstance(dialect, Dialect) else dialect_named(dialect)
        store = Store(database)
        accounts = Accounts(store, username, password, dice)
        self._office = Office(store, accounts, spoken, clock, dice, Faults(dice))
        self.app: ASGIApp = dated(Starlette(routes=_routes(self._office)), self._office.now)

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

    @property
    def blind(self) -> frozenset[int]:
        """Departments in which Search shows nothing, as to an account that may not view all tickets."""
        return self._office.blind

    @blind.setter
    def blind(self, departments: frozenset[int] | set[int]) -> None:
        self._office.blind = frozenset(departments)

    @property
    def skew(self) -> float:
        """Seconds by which the desk's clock is ahead of ours."""
        return self._office.skew

    @skew.setter
    def skew(self, seconds: float) -> None:
        self._office.skew = seconds

    @property
    def two_factor(self) -> str:
        """The key a login must bring; "" is none."""
        return self._office.accounts.two_factor

    @two_factor.setter
    def two_factor(self, key: str) -> None:
        self._office.accounts.two_factor = key

    @property
    def api_key(self) -> str:
        return self._office.key.key

    @property
    def api_secret(self) -> str:
        return self._office.key.secret

    def expire_sessions(self) -> None:
        """Every session is over; the next call with one gets -2."""
        administration.expire_sessions(self._office)

    def change(self, change: str, /, **texts: str) -> None:
        """What the control page can do, see `changes.CHANGES`. Raises ValueError."""
        changes.make_change(self._office, change, texts)

    def merge(self, old: int, into: int) -> None:
        """Staff merge a ticket into another. Raises ValueError where there is no such ticket."""
        administration.merge_tickets(self._office, old, into)

    def assign(self, department: int | str, assigned: bool = True) -> None:
        """The account works in that department, by id or title, from now on, or no longer. Raises ValueError."""
        administration.assign_department(self._office, department, assigned=assigned)

    def rename(self, kind: str, name: int | str, title: str) -> None:
        """Another title for a `department`, `status`, `type` or `priority`, by id or title. Raises ValueError."""
        administration.rename(self._office, kind, name, title)

    def organization(self, domain: str, title: str) -> None:
        """Users with an address of that domain belong to an organisation; "" ends it."""
        administration.found_organization(self._office, domain, title)


def _routes(office: Office) -> list[Route]:
    async def answer(request: Request, interface: Interface) -> Response:
        task = asyncio.current_task()
        assert task is not None
        office.working.add(task)
        task.add_done_callback(office.working.discard)
        return await answer_call(office, request, interface)

    async def staffapi(request: Request) -> Response:
        return await answer(request, "staffapi")

    async def rest(request: Request) -> Response:
        return await answer(request, "api")

    async def elsewhere(_request: Request) -> Response:
        office.journal.complain("redirect", ["the redirect was followed"])
        return PlainTextResponse("Nothing is here.\n", 404)

    templates = load_templates()
    return [
        Route("/staffapi/index.php", staffapi, methods=_ANY_METHOD),
        Route("/api/index.php", rest, methods=_ANY_METHOD),
        Route("/elsewhere/{rest:path}", elsewhere, methods=_ANY_METHOD),
        *control_routes(office),
        *control_page_routes(office, templates),
        *page_routes(office, templates),
    ]
