"""An ASGI application comes in -> a listening address goes out, whose connections can be cut on purpose."""

import asyncio
import functools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from email.utils import formatdate
from typing import Any

import uvicorn
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState


class _Connection(H11Protocol):
    """uvicorn's protocol; requests find their transport in `scope["state"]`."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        # uvicorn narrows the argument in the same way.
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


@asynccontextmanager
async def listen(app: ASGIApp, host: str, port: int) -> AsyncIterator[str]:
    """Yields the base URL, with the port the system chose for 0. Raises OSError if the address cannot be had.

    No signal handler is installed. On leaving, connections are cut as those of a server that dies.
    """
    config = uvicorn.Config(
        app, http=_Connection, ws="none", lifespan="off", log_config=None, access_log=False, timeout_keep_alive=75
    )
    config.load()
    state, stopping = ServerState(), asyncio.Event()
    make = functools.partial(_Connection, config, state, {"stopping": stopping})
    server = await asyncio.get_running_loop().create_server(make, host, port, backlog=2048)
    try:
        bound = server.sockets[0].getsockname()[1]
        yield f"http://[{host}]:{bound}" if ":" in host else f"http://{host}:{bound}"
    finally:
        stopping.set()
        server.close()
        for connection in list(state.connections):
            if isinstance(connection, H11Protocol):
                connection.transport.abort()
        await asyncio.gather(*state.tasks, return_exceptions=True)
        await server.wait_closed()


async def cut(request: Request, *, flush: bool = False) -> None:
    """Close the TCP connection without another byte, or, with `flush`, after what was written. Returns when it is gone."""
    transport: Any = request.scope.get("state", {}).get("transport")
    if transport is None:
        raise ConnectionAbortedError("The sandbox desk was told to cut this connection.")
    if flush:
        transport.close()
    else:
        transport.abort()
    # uvicorn takes a silent return for an answer only once it knows that the client is gone.
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def pause(request: Request, seconds: float) -> bool:
    """-> whether the desk is still there after that time."""
    stopping: asyncio.Event | None = request.scope.get("state", {}).get("stopping")
    if stopping is None:
        await asyncio.sleep(seconds)
        return True
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)
    return not stopping.is_set()


def dated(app: ASGIApp, clock: Callable[[], float]) -> ASGIApp:
    """The same application with a Date header by the desk's own clock."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = formatdate(clock(), usegmt=True).encode()
                message = {**message, "headers": [(b"date", date), *message.get("headers", [])]}
            await send(message)

        await app(scope, receive, send_dated)

    return answer
