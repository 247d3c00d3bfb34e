"""The accepting process: settings in, a listening door with its own spool writer out."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence

from gateway.board import Board
from gateway.intake.addresses import Recipients
from gateway.intake.listener import CannotListen, Endpoint, listen
from gateway.intake.peers import Peers
from gateway.intake.session import Session
from gateway.intake.terms import Terms
from gateway.problems import ConfigError, Problem
from gateway.settings import Settings, variable
from gateway.spool.spool import Spool


async def accept_mail(
    settings: Settings,
    spool: Spool,
    board: Board,
    stop: asyncio.Event,
    greet: Callable[[Sequence[str]], None],
    grace: float,
) -> None:
    """Take mail until `stop`; `greet` is called with the bound addresses. Raises GatewayError where one cannot be had."""
    terms = Terms(
        hostname=settings.smtp.hostname or settings.node_name,
        recipients=Recipients.parse(settings.smtp.accept),
        peers=Peers.parse(settings.smtp.allowed_peers),
        max_size=settings.smtp.max_size,
    )
    endpoints = [Endpoint.parse(each) for each in settings.smtp.listen]
    try:
        listener = await listen(endpoints, lambda: Session(spool, terms))
    except CannotListen as error:
        # At the start somebody is there to read it; later, the address may come free again.
        if board.ever():
            raise
        raise ConfigError([Problem(variable(("smtp", "listen")), 0, 0, str(error))]) from error
    # In a thread: it may wait for another process, and mail must not wait for it.
    greeting = asyncio.create_task(asyncio.to_thread(greet, listener.addresses))
    while not stop.is_set():
        board.beat()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), 1.0)
    await greeting
    await listener.close(grace)
