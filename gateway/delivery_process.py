"""The pushing process: settings and rules in, a worker with its readers, its desk and its console out."""

import asyncio
import contextlib
import os
import random
import socket
import time
from collections.abc import AsyncIterator

import uvicorn

from gateway import maillog
from gateway.board import Board
from gateway.console.health import Parts, app
from gateway.delivery.assembly import Assembly, assemble
from gateway.delivery.fence import Fence, RefusedLogins, Registry
from gateway.delivery.readers import Readers
from gateway.delivery.resolving import Timing
from gateway.delivery.worker import Pace, Worker
from gateway.policy import desk_of, policy
from gateway.problems import ConfigError, Problem
from gateway.routing.rulebook import RuleBook
from gateway.settings import Settings, variable
from gateway.spool.errors import NameTaken
from gateway.spool.spool import Spool
from gateway.staffapi.seal import seal_key


async def push_mail(
    settings: Settings,
    book: RuleBook,
    board: Board,
    control: socket.socket | None,
    spool: Spool,
    stop: asyncio.Event,
    *,
    console: bool,
    grace: float,
) -> None:
    """Deliver until `stop`. `control` leads to the zygote; without it mail is read in this process.

    Raises SpoolError once the spool cannot be trusted, ConfigError where the console cannot listen.
    """
    try:
        await asyncio.to_thread(spool.take_name)
    except NameTaken as error:
        raise ConfigError([Problem(variable(("node",)), 0, 0, str(error))]) from error
    key = await asyncio.to_thread(seal_key, settings.desk.password.get_secret_value(), settings.desk.url)
    registry = Registry(spool, key)
    refusals = RefusedLogins(spool, url=settings.desk.url, username=settings.desk.username, clock=time.time)
    desk = desk_of(settings, register=registry.register, refusals=refusals)
    readers = Readers(control, count=settings.delivery.readers)
    fence = Fence(registry, desk, tell=lambda text: maillog.session_left(text=text))
    timing = Timing(
        settings.delivery.settle_seconds,
        settings.delivery.lookup_gap_seconds,
        settings.delivery.retry_seconds,
        settings.delivery.lease_seconds,
    )
    parts = assemble(
        spool=spool,
        desk=desk,
        fence=fence,
        readers=readers,
        book=book,
        policy=policy(settings),
        timing=timing,
        shadow=settings.shadow,
        clock=time.time,
        monotonic=time.monotonic,
        dice=random.random,
        random_bytes=os.urandom,
    )
    worker = Worker(
        spool=spool,
        walker=parts.walker,
        names=parts.names,
        fence=fence,
        state=parts.state,
        pace=Pace(settings.desk.concurrency, settings.delivery.lease_seconds),
        timing=timing,
        clock=time.time,
    )
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(desk.aclose)
        stack.push_async_callback(readers.aclose)
        if console:
            await stack.enter_async_context(_console(settings, board, spool, worker, parts, stop))
        freshness = asyncio.create_task(parts.names.keep_fresh(stop, desk_answers=lambda: parts.state.answers))
        try:
            await worker.run(stop, grace=grace)
        finally:
            freshness.cancel()
            await asyncio.gather(freshness, return_exceptions=True)


@contextlib.asynccontextmanager
async def _console(
    settings: Settings, board: Board, spool: Spool, worker: Worker, assembly: Assembly, stop: asyncio.Event
) -> AsyncIterator[None]:
    parts = Parts(
        spool=spool,
        beat=lambda: worker.beat,
        now=time.time,
        desk_answers=lambda: assembly.state.answers,
        doubts=assembly.doubts,
        closed=lambda: assembly.sight.closed_departments,
        unknown_names=lambda: len(assembly.names.problems),
        intake_listens=board.fresh,
        stopping=stop.is_set,
    )
    host, _, port = settings.console.listen.rpartition(":")
    listening = socket.socket(
        socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP
    )
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host.strip("[]"), int(port)))
    except (OSError, ValueError) as error:
        listening.close()
        message = f"cannot listen on `{settings.console.listen}` ({error}); name a free address, or leave it out with --no-console"
        raise ConfigError([Problem(variable(("console", "listen")), 0, 0, message)]) from error
    server = uvicorn.Server(uvicorn.Config(app(parts), log_config=None, access_log=False, lifespan="off", ws="none"))
    # The signals are the process's own business.
    server.capture_signals = contextlib.nullcontext  # type: ignore[assignment,method-assign]
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield
    finally:
        server.should_exit = True
        await task
        listening.close()
