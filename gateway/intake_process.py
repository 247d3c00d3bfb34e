"""The accepting process: settings in, a listening door with its own spool writer out."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence

from gateway.board import Board
from gateway.intake.addresses import Recipients
from gateway.intake.listener import Endpoint, listen
from gateway.intake.peers import Peers
from gateway.intake.session import Session
from gateway.intake.terms import Terms
from gateway.settings import Settings
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
    listener = await listen([Endpoint.parse(each) for each in settings.smtp.listen], lambda: Session(spool, terms))
    greet(listener.addresses)
    while not stop.is_set():
        board.beat()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), 1.0)
    await listener.close(grace)
