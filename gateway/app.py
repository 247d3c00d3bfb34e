"""Settings in, running processes out. Wires the rooms together; every part gets plain values, never the settings."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway import __version__, maillog
from gateway.board import Board
from gateway.intake.addresses import Recipients
from gateway.intake.listener import Endpoint, loopback_only
from gateway.intake.peers import Peers
from gateway.lock import take_lock
from gateway.problems import ConfigError, GatewayError, Problem
from gateway.routing.rulebook import RuleBook
from gateway.rulefolder import read_rules
from gateway.settings import Settings, variable
from gateway.spool.engine import open_engine, sqlite_file
from gateway.spool.errors import SpoolError, SpoolUnavailable
from gateway.spool.spool import Spool
from gateway.staffapi.address import base_url
from gateway.supervisor import Child, supervise

#: Seconds that children get to finish what they have under way.
GRACE = 20.0


@dataclass(frozen=True, slots=True)
class Roles:
    """Which parts this gateway runs."""

    intake: bool = True
    delivery: bool = True
    console: bool = True


def problems(settings: Settings, roles: Roles = Roles()) -> list[Problem]:
    """What keeps these settings from being served, each with the name of its setting."""
    found: list[Problem] = []

    def need(path: tuple[str, ...], message: str) -> None:
        found.append(Problem(variable(path), 0, 0, message))

    if roles.delivery:
        for name in ("url", "username"):
            if not getattr(settings.desk, name):
                need(("desk", name), "is not set; the gateway needs a help desk to push to")
        if not settings.desk.password.get_secret_value():
            need(("desk", "password"), "is not set; put it into a file and name that in GATEWAY_DESK__PASSWORD_FILE")
        if settings.desk.url:
            try:
                base_url(settings.desk.url, allow_plain_http=settings.desk.allow_plain_http)
            except ValueError as error:
                need(("desk", "url"), str(error))
    if settings.request_seconds > settings.delivery.lease_seconds / 3:
        need(
            ("delivery", "request_seconds"),
            "is more than a third of GATEWAY_DELIVERY__LEASE_SECONDS; a push must end well before its claim does",
        )
    try:
        open_engine(settings.spool.url, look=True).dispose()
    except SpoolUnavailable:
        pass  # it may be there by the time it is needed
    except SpoolError as error:
        need(("spool", "url"), str(error).removeprefix("GATEWAY_SPOOL__URL "))
    found += _author_problems(settings)
    if settings.duplicates != "join":
        need(("duplicates",), f"`{settings.duplicates}` is not there in this release; leave it at `join`")
    if settings.delivery.batch != 1:
        need(("delivery", "batch"), "this release sends one ticket a request; leave it at 1")
    if roles.intake:
        found += _intake_problems(settings)
    return found


def _author_problems(settings: Settings) -> list[Problem]:
    """What follow-ups need to be posted in the name that the settings ask for."""
    found = []
    have = [name for name in ("api_key", "api_secret") if getattr(settings.desk, name).get_secret_value()]
    if len(have) == 1:
        missing = "api_secret" if have == ["api_key"] else "api_key"
        message = f"is not set, but {variable(('desk', have[0]))} is; the desk's REST API needs both"
        found.append(Problem(variable(("desk", missing)), 0, 0, message))
    elif settings.desk.follow_up == "client" and not have:
        message = "is not set; `follow_up: client` posts over the desk's REST API, which needs a key and its secret"
        found.append(Problem(variable(("desk", "api_key")), 0, 0, message))
    if settings.desk.staff_mail == "reply" and not (settings.smtp.authserv_ids and settings.smtp.trusted_relays):
        message = (
            "`reply` mails customers what staff write, so staff must be told from forgers: name the relay in "
            "GATEWAY_SMTP__TRUSTED_RELAYS, and in GATEWAY_SMTP__AUTHSERV_IDS what it calls itself in Authentication-Results"
        )
        found.append(Problem(variable(("desk", "staff_mail")), 0, 0, message))
    try:
        Peers.parse([relay for relay in settings.smtp.trusted_relays if relay != "unix"])
    except GatewayError as error:
        found.append(Problem(variable(("smtp", "trusted_relays")), 0, 0, str(error)))
    return found


def _intake_problems(settings: Settings) -> list[Problem]:
    found = []
    endpoints: list[Endpoint] = []
    for text in settings.smtp.listen:
        try:
            endpoints.append(Endpoint.parse(text))
        except (GatewayError, ValueError) as error:
            found.append(Problem(variable(("smtp", "listen")), 0, 0, str(error)))
    for path, parse, values in (
        (("smtp", "accept"), Recipients.parse, settings.smtp.accept),
        (("smtp", "allowed_peers"), Peers.parse, settings.smtp.allowed_peers),
    ):
        try:
            parse(values)
        except (GatewayError, ValueError) as error:
            found.append(Problem(variable(path), 0, 0, str(error)))
    if not settings.smtp.accept:
        message = "is not set; name the domains or addresses whose mail the gateway takes"
        found.append(Problem(variable(("smtp", "accept")), 0, 0, message))
    if not loopback_only(endpoints):
        if "*" in settings.smtp.accept:
            message = "`*` serves every recipient and is for loopback only; name domains or addresses"
            found.append(Problem(variable(("smtp", "accept")), 0, 0, message))
        if not settings.smtp.allowed_peers:
            message = "must name the networks that may send, because GATEWAY_SMTP__LISTEN goes beyond loopback"
            found.append(Problem(variable(("smtp", "allowed_peers")), 0, 0, message))
    return found


def open_spool(settings: Settings, *, must_exist: bool = False) -> Spool:
    """The spool, whose tables must be there already.

    With `must_exist` a database file that is not there is told instead of made: whoever looks makes no spool.
    """
    database = sqlite_file(settings.spool.url)
    if must_exist and database is not None and not database.exists():
        raise GatewayError(
            f"there is no spool at {database}; is this the right folder? GATEWAY_SPOOL__URL names another"
        )
    return Spool(settings.spool.url, node=settings.node_name)


def prepare_spool(settings: Settings) -> None:
    """Make or migrate the tables. Raises SpoolError."""
    spool = open_spool(settings)
    try:
        spool.migrate()
        # A database that can be read but not written is told now, not by the first mail.
        spool.remember("prepared", __version__).result()
    finally:
        spool.close()


def serve(
    settings: Settings,
    roles: Roles = Roles(),
    *,
    one_process: bool = False,
    companions: Sequence[Child] = (),
    greet: Callable[[Sequence[str]], None] | None = None,
) -> int:
    """Run until SIGTERM or SIGINT; the exit status. `companions` run beside the gateway's own processes.

    `greet` is called with the bound addresses once the intake listens. Raises ConfigError, GatewayError.
    """
    wrong = problems(settings, roles)
    if wrong:
        raise ConfigError(wrong)
    book = read_rules(settings.rules) if roles.delivery else None
    database = sqlite_file(settings.spool.url)
    lock = None
    if database is not None:
        folder = database.absolute().parent
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise SpoolUnavailable(f"the folder {folder} cannot be made: {error.strerror}") from error
        lock = take_lock(folder / "gateway.lock")
    board = Board()
    if book is not None:
        maillog.rules_loaded(folder=str(settings.rules), rules=len(book.rules))
    greet = greet or (lambda addresses: say_where(settings, addresses))
    if one_process:
        prepare_spool(settings)
        return asyncio.run(_run(settings, roles, book, board, None, greet))
    _in_a_child(lambda: prepare_spool(settings))
    from gateway.delivery import zygote  # noqa: PLC0415 - the supervisor itself stays small

    children = [*companions]
    asker: socket.socket | None = None
    if roles.delivery:
        zygotes_end, asker = zygote.control_pair()
        children.append(Child("reader", lambda: zygote.main(zygotes_end), keep=(zygotes_end,)))
    if roles.intake:
        only_intake = Roles(intake=True, delivery=False, console=False)
        children.append(Child("intake", lambda: asyncio.run(_run(settings, only_intake, None, board, None, greet))))
    if roles.delivery:
        rest = Roles(intake=False, delivery=True, console=roles.console)
        if not roles.intake:
            board.leave_out()
        keep = (asker,) if asker is not None else ()
        children.append(
            Child("delivery", lambda: asyncio.run(_run(settings, rest, book, board, asker, greet)), keep=keep)
        )
    maillog.gateway_started(
        version=__version__,
        spool=str(database or "postgresql"),
        listen=",".join(settings.smtp.listen) if roles.intake else "",
        console=settings.console.listen if roles.console else "",
        desk=settings.desk.url,
    )
    return supervise(children, lock=lock, grace=GRACE + 5)


def _in_a_child(work: Callable[[], None]) -> None:
    """Do `work` in a process of its own: no thread and no connection of it may stay behind in the supervisor."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            work()
            status = 0
        except GatewayError as error:
            sys.stderr.write(f"error: {error}\n")
            status = 75
        finally:
            sys.stderr.flush()
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if status:
        message = "the spool could not be prepared; the line above says why. If the file is damaged, restore a backup"
        raise SpoolUnavailable(message) if status == 75 else GatewayError(message)


def say_where(settings: Settings, addresses: Sequence[str]) -> None:
    """What listens where, for the person who started it."""
    served = ", ".join(settings.smtp.accept)
    rows = [
        ("mail in", f"{', '.join(addresses)} for {served}"),
        ("console", f"http://{settings.console.listen}/readyz"),
        ("help desk", settings.desk.url),
        ("rules", str(settings.rules)),
        ("kept in", str(sqlite_file(settings.spool.url) or "PostgreSQL")),
    ]
    print(f"gateway {__version__}", *(f"  {name:<11} {value}" for name, value in rows), sep="\n", flush=True)


async def _run(
    settings: Settings,
    roles: Roles,
    book: RuleBook | None,
    board: Board,
    control: socket.socket | None,
    greet: Callable[[Sequence[str]], None],
) -> int:
    """The loop of one process: what its roles ask for, until SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    spool = open_spool(settings)
    # A spool that failed once is not to be trusted by this process any more; the next one opens it anew.
    spool.suspect.add_done_callback(lambda _future: loop.call_soon_threadsafe(stop.set))
    # Each process imports only what its roles need.
    try:
        async with asyncio.TaskGroup() as group:
            if roles.intake:
                from gateway.intake_process import accept_mail  # noqa: PLC0415

                group.create_task(accept_mail(settings, spool, board, stop, greet, grace=GRACE))
            if book is not None:
                from gateway.delivery_process import push_mail  # noqa: PLC0415

                group.create_task(
                    push_mail(settings, book, board, control, spool, stop, console=roles.console, grace=GRACE)
                )
    except* GatewayError as group_error:
        stop.set()
        raise group_error.exceptions[0] from None
    finally:
        spool.close()
    if spool.suspect.done():
        maillog.spool_unavailable(text=str(spool.suspect.result()))
        return 75
    return 0


def sandbox(
    database: Path,
    host: str,
    port: int,
    *,
    dialect: str = "page",
    changes: Sequence[str] = (),
    faults: Sequence[str] = (),
    lose: float = 0.0,
    seed: int | None = None,
    ready: Callable[[str], None] | None = None,
) -> int:
    """Run the sandbox help desk until SIGTERM. `changes`, `faults`, `lose` and `seed`: see `desk.opening.open_desk`."""
    from gateway.desk.opening import open_desk  # noqa: PLC0415

    try:
        desk = open_desk(str(database), dialect=dialect, changes=changes, faults=faults, lose=lose, seed=seed)
    except ValueError as error:
        raise GatewayError(str(error)) from error

    async def run() -> None:
        task = asyncio.current_task()
        assert task is not None
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await desk.run(host, port, ready)
        finally:
            desk.close()

    try:
        asyncio.run(run())
    except OSError as error:
        raise GatewayError(
            f"the sandbox desk cannot listen on {host}:{port} ({error.strerror}); name a free port"
        ) from error
    return 0
