"""One request in -> over HTTP -> the answer as it came out. The only file that knows httpx.

Whether a request may have been carried out hangs on one thing: its last block holds what a desk does nothing without
(the session id, or the signature). Until that block is handed over a failure is NotSent, afterwards it is Lost.
"""

import asyncio
import socket
import ssl
import struct
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from gateway.mail.dates import parse_date
from gateway.staffapi.answers import LARGEST_ANSWER
from gateway.staffapi.form import Body

#: Seconds for the TCP and TLS handshakes, each.
_CONNECT_SECONDS = 10.0
#: Bytes of an answer that are taken, though no more than LARGEST_ANSWER are kept: the REST API sends the files of a post
#: back, and a desk that is cut off might leave undone what it does after its answer.
_FURTHEST = 8 * LARGEST_ANSWER
#: Whatever ends a connection, a time-out or the death of this process, ends it with a reset: what the kernel has not sent
#: by then (perhaps the last block, to a desk that does not read) is thrown away instead of being sent later (socket(7)).
_RESET_AT_CLOSE = (socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class NotSent(Exception):
    """The request did not go out whole, so nothing was made. `ours`: for want of time or connections here."""

    def __init__(self, reason: str, *, ours: bool = False) -> None:
        self.ours = ours
        super().__init__(reason)


class Lost(Exception):
    """The request went out, and no answer came."""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    #: Whether the request went out whole before the answer came.
    whole: bool


class Exchange:
    """A few connections to one desk.

    `boottime` is a clock in seconds that runs on while the machine sleeps; `clock` tells the time of day (Unix time).
    """

    def __init__(
        self,
        url: str,
        *,
        request_seconds: float,
        concurrency: int,
        boottime: Callable[[], float],
        user_agent: str,
        ca_file: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._url = url
        self._boottime = boottime
        self._clock = clock
        self._clock_skew: float | None = None
        # One more than pushes, so that a look-up need not wait for all of them. Desks and proxies drop idle connections
        # after 5 s; on one that is just being dropped a push would end in doubt.
        limits = httpx.Limits(max_connections=concurrency + 1, keepalive_expiry=4.0)
        self._http = httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(
                verify=_tls(ca_file),
                trust_env=False,
                limits=limits,
                retries=0,
                http1=True,
                http2=False,
                socket_options=[_RESET_AT_CLOSE],
            ),
            headers={
                "User-Agent": user_agent,
                "Accept": "text/xml",
                "Accept-Encoding": "identity",
                "Content-Type": "application/x-www-form-urlencoded",
            },
            timeout=httpx.Timeout(request_seconds, connect=_CONNECT_SECONDS),
            trust_env=False,
            follow_redirects=False,
            # A desk takes the session from a cookie where the form has none: a body without it would count after all.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        )

    @property
    def clock_skew(self) -> float | None:
        """Seconds that the desk's clock is ahead of ours, to a second, by the newest Date field (RFC 9110 6.6.1).

        None until an answer had one.
        """
        return self._clock_skew

    async def aclose(self) -> None:
        await self._http.aclose()

    async def post(self, path: str, body: Body, deadline: float) -> Reply:
        """Send `body`, with its exact length, and read the answer, as much as comes of it.

        Its blocks are made in a worker thread, one at a time. The clock is asked before the first block and before the
        last; past the deadline the connection is reset. Nothing is ever sent again.

        Raises NotSent and Lost; and what `body.blocks` raises, which means not sent as well.
        """
        handed_over = False
        unmade: Exception | None = None

        async def send() -> AsyncIterator[bytes]:
            nonlocal handed_over, unmade
            self._in_time(deadline)
            blocks = body.blocks()
            try:
                while (block := await asyncio.to_thread(next, blocks, None)) is not None:
                    yield block
            except Exception as error:
                unmade = error
                raise
            self._in_time(deadline)
            handed_over = True
            yield body.last

        left = self._in_time(deadline)
        request = self._http.build_request(
            "POST", self._url + path, content=send(), headers={"Content-Length": str(body.length)}
        )
        response: httpx.Response | None = None
        received = bytearray()
        try:
            async with asyncio.timeout(left):
                response = await self._http.send(request, stream=True)
                self._note_time(response.headers.get("date", ""))
                try:
                    async for chunk in response.aiter_raw():
                        if len(received) <= LARGEST_ANSWER:
                            received += chunk
                        elif response.num_bytes_downloaded > _FURTHEST:
                            break
                finally:
                    await response.aclose()
        except (httpx.HTTPError, OSError) as error:
            if unmade:
                raise unmade from None
            # What has come may be a whole document all the same: desks send wrong lengths. Whoever reads it judges.
            if response is None:
                raise _failure(error, handed_over=handed_over) from None
        return Reply(response.status_code, response.headers, bytes(received), handed_over)

    def _note_time(self, date: str) -> None:
        if said := parse_date(date):
            self._clock_skew = said.timestamp() - self._clock()

    def _in_time(self, deadline: float) -> float:
        left = deadline - self._boottime()
        if left <= 0:
            raise NotSent("the time for one request ran out before it was sent whole", ours=True)
        return left


def _tls(ca_file: str) -> ssl.SSLContext:
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    if ca_file:
        context.load_verify_locations(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _failure(error: Exception, *, handed_over: bool) -> NotSent | Lost:
    said = " ".join(str(error).split())[:200] or type(error).__name__
    if handed_over:
        late = isinstance(error, (TimeoutError, httpx.TimeoutException))
        return Lost("no answer came in time" if late else f"the connection ended before an answer came ({said})")
    match error:
        case httpx.PoolTimeout():
            return NotSent("no connection was free in time", ours=True)
        case httpx.ConnectTimeout():
            return NotSent(f"the desk did not take the connection in {_CONNECT_SECONDS:.0f} s")
        case httpx.ConnectError():
            return NotSent(f"no connection to the desk ({said})")
        case TimeoutError() | httpx.TimeoutException():
            return NotSent("the desk did not take the request in time")
        case _:
            return NotSent(f"the connection ended before the request was sent whole ({said})")
