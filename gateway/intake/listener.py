"""Endpoints in, a session out for each client that connects, and an end that loses nothing under way."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Sequence

from gateway.intake.endpoint import CannotListen, Endpoint, loopback_only
from gateway.intake.session import Inside, Session

__all__ = ["CannotListen", "Endpoint", "Listener", "listen", "loopback_only"]

_BACKLOG = 512


class Listener:
    """The open door. Made by `listen`."""

    def __init__(self, servers: Sequence[asyncio.Server], endpoints: Sequence[Endpoint], inside: Inside) -> None:
        self._servers = tuple(servers)
        self._inside = inside
        #: Where clients can connect to, with the ports that the system has chosen.
        self.endpoints = tuple(endpoints)

    @property
    def addresses(self) -> tuple[str, ...]:
        """The endpoints as settings write them, such as "127.0.0.1:2525"."""
        return tuple(map(str, self.endpoints))

    async def close(self, grace: float) -> None:
        """Take nobody in any more, and let what is under way end.

        A client that is silent hears 421; one in the middle of a mail may finish it and hears its answer, if that takes
        no longer than `grace` seconds. Commits are waited for as long, and end in the spool's thread in any case.
        """
        self._inside.closing = True
        for server in self._servers:
            server.close()
        for endpoint in self.endpoints:
            endpoint.release()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace):
                await self._see_out(Session.leave)
                while self._inside.commits:
                    await asyncio.wait(self._inside.commits)
        await self._see_out(Session.abort)

    async def _see_out(self, end: Callable[[Session], None]) -> None:
        while sessions := tuple(self._inside.sessions):
            for session in sessions:
                end(session)
            await asyncio.wait({session.task for session in sessions})


async def listen(endpoints: Sequence[Endpoint], make_session: Callable[[], Session]) -> Listener:
    """Bind all of `endpoints`, then take clients in; `make_session` is called for each of them.

    Raises CannotListen, and then none of `endpoints` stays bound.
    """
    loop = asyncio.get_running_loop()
    inside = Inside()

    def enter() -> Session:
        session = make_session()
        session.inside = inside
        return session

    with contextlib.ExitStack() as opened:
        sockets = [opened.enter_context(endpoint.bind()) for endpoint in endpoints]
        servers = []
        for endpoint, bound in zip(endpoints, sockets, strict=True):
            create = loop.create_unix_server if endpoint.path else loop.create_server
            try:
                server = await create(enter, sock=bound, backlog=_BACKLOG)
            except OSError as error:
                raise CannotListen(
                    f"cannot listen on {endpoint}: {error.strerror}; is another program there?"
                ) from error
            opened.callback(server.close)
            servers.append(server)
        opened.pop_all()
    return Listener(servers, [_bound(*each) for each in zip(endpoints, sockets, strict=True)], inside)


def _bound(endpoint: Endpoint, bound: socket.socket) -> Endpoint:
    return endpoint if endpoint.path else Endpoint(host=endpoint.host, port=bound.getsockname()[1])
