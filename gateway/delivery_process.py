"""The pushing process: settings and rules in, a worker with its readers, its desk and its console out."""

import asyncio
import contextlib
import os
import random
import socket
import time
from collections.abc import AsyncIterator

import uvicorn

from gateway.board import Board
from gateway.console.health import Parts, app
from gateway.delivery.breaker import DeskState
from gateway.delivery.names import Names
from gateway.delivery.pushing import Pusher, Timing
from gateway.delivery.readers import Readers
from gateway.delivery.walk import Walker
from gateway.delivery.worker import Pace, Worker
from gateway.policy import desk_of, policy
from gateway.problems import ConfigError, Problem
from gateway.routing.rulebook import RuleBook
from gateway.settings import Settings, variable
from gateway.spool.errors import NameTaken
from gateway.spool.spool import Spool


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
    desk = desk_of(settings)
    readers = Readers(control, count=settings.delivery.readers)
    state = DeskState(settings.desk.url, time.time)
    names = Names(desk, spool, clock=time.monotonic)
    timing = Timing(
        settings.delivery.settle_seconds, settings.delivery.lookup_gap_seconds, settings.delivery.retry_seconds
    )
    pusher = Pusher(
        spool=spool, desk=desk, names=names, state=state, timing=timing, clock=time.time, dice=random.random
    )
    walker = Walker(
        spool=spool,
        pusher=pusher,
        names=names,
        state=state,
        readers=readers,
        book=book,
        policy=policy(settings),
        shadow=settings.shadow,
        clock=time.time,
        random_bytes=os.urandom,
    )
    worker = Worker(
        spool=spool,
        walker=walker,
        names=names,
        state=state,
        pace=Pace(settings.desk.concurrency, settings.delivery.lease_seconds),
        timing=timing,
        clock=time.time,
    )
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(desk.aclose)
        stack.push_async_callback(readers.aclose)
        if console:
            await stack.enter_async_context(_console(settings, board, spool, worker, state, stop))
        await worker.run(stop, grace=grace)


@contextlib.asynccontextmanager
async def _console(
    settings: Settings, board: Board, spool: Spool, worker: Worker, state: DeskState, stop: asyncio.Event
) -> AsyncIterator[None]:

    parts = Parts(
        spool=spool,
        beat=lambda: worker.beat,
        now=time.time,
        desk_answers=lambda: state.answers,
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
