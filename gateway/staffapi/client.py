"""Push in -> over HTTP -> Outcome out; questions in, what the desk shows out. The only file that knows httpx.

Whether a request may have been carried out hangs on one thing: its last block holds the session id, without which a
desk does nothing. Until that block is handed over a failure is Deferred, afterwards it is InDoubt.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field

import httpx

from gateway.problems import GatewayError
from gateway.staffapi.address import base_url
from gateway.staffapi.answers import (
    LARGEST_ANSWER,
    Answer,
    SessionExpired,
    Unreadable,
    judge,
    judge_early,
    judge_http,
    read_answer,
)
from gateway.staffapi.directory import Directory
from gateway.staffapi.documents import Push
from gateway.staffapi.outcome import Conversation, Deferred, InDoubt, Outcome, Refused, Ticket
from gateway.staffapi.session import LoginFailed, Session, read_login
from gateway.staffapi.tickets import read_conversation
from gateway.staffapi.wire import OpenFile, Tags, blocks, fields, to_xml

_PUSH = "/Tickets/Push/Index"
_GET_INFO = "/Core/Default/GetInfo"
#: Seconds for the TCP and TLS handshakes, each.
_CONNECT_SECONDS = 10.0
#: Seconds for a login, a logout, and the question whether a session still lives.
_SHORT_SECONDS = 30.0
#: Posts read back of one ticket, newest first.
_NEWEST_POSTS = 100


class DeskUnavailable(GatewayError):
    """The desk gives no answer, or none that can be trusted; `str()` of it says why."""


class _NotSent(Exception):
    """The request did not go out whole, so nothing was made. `ours`: for want of time or connections here."""

    def __init__(self, reason: str, *, ours: bool = False) -> None:
        self.ours = ours
        super().__init__(reason)


class _Lost(Exception):
    """The request went out, and no answer came."""


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    #: Whether the request went out whole before the answer came.
    whole: bool


class Desk:
    """One help desk, one account, one session, a few connections.

    `url` goes as far as `/staffapi/index.php`, which is appended (ValueError where it cannot be used).
    `request_seconds` is the longest a push may take, re-login included. `boottime` is a clock in seconds that runs on
    while the machine sleeps, as CLOCK_BOOTTIME does: a push that slept is not finished. `ca_file` holds certificates to
    trust besides the system's.
    """

    def __init__(
        self,
        url: str,
        username: str,
        password: str,
        *,
        request_seconds: float,
        concurrency: int,
        boottime: Callable[[], float],
        allow_plain_http: bool = False,
        user_agent: str = "MailGateway/1.0 (StaffAPI)",
        tags: Tags = "spaced",
        ca_file: str = "",
    ) -> None:
        self.url = base_url(url, allow_plain_http=allow_plain_http)
        self._credentials = {"username": username, "password": password}
        self._request_seconds = request_seconds
        self._boottime = boottime
        self._tags: Tags = tags
        self._session = Session(self._log_in, boottime)
        # One more than pushes, so that a look-up need not wait for all of them. Desks and proxies drop idle connections
        # after 5 s; on one that is just being dropped a push would end in doubt.
        limits = httpx.Limits(max_connections=concurrency + 1, keepalive_expiry=4.0)
        self._http = httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(
                verify=_tls(ca_file), trust_env=False, limits=limits, retries=0, http1=True, http2=False
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
        )

    def __repr__(self) -> str:
        return f"Desk({self.url!r})"

    @property
    def logins(self) -> int:
        """Logins sent so far."""
        return self._session.logins

    @property
    def session_id(self) -> str:
        """For the registry of sessions only, so that a node can end the session of another. A secret."""
        return self._session.id

    async def push(self, push: Push, open_file: OpenFile) -> Outcome:
        """Send it once and say what became of it. Trouble with the desk is an Outcome; only `open_file` may raise.

        `open_file` is called in a worker thread. A session that is over (-2) is opened again, once. Where a fresh one is
        over at once too, the desk is asked about it: if it lives, the request was too large.
        """
        deadline = self._boottime() + self._request_seconds
        try:
            document = await asyncio.to_thread(to_xml, push, open_file, tags=self._tags)
        except ValueError as error:
            return Refused(f"this cannot be sent: {error}")
        session = ""
        for _ in range(2):
            self._session.expire(session)
            try:
                session = await self._session.open()
                reply = await self._post(_PUSH, list(blocks(document, session)), deadline)
            except LoginFailed as failure:
                return Deferred(str(failure), desk=True, retry_after=failure.retry_after)
            except _NotSent as failure:
                return Deferred(str(failure), desk=not failure.ours)
            except _Lost as failure:
                return InDoubt(str(failure))
            outcome = (
                judge(push, reply.status, reply.headers, reply.body)
                if reply.whole
                else judge_early(reply.status, reply.headers)
            )
            if not isinstance(outcome, SessionExpired):
                return outcome
        return await self._explain_lost_session(session, len(document))

    async def directory(self) -> Directory:
        """Raises DeskUnavailable, as do all questions below."""
        return Directory.read(await self._ask(_GET_INFO, {"wantavatars": "0", "wantmacros": "0"}))

    async def find_tag(self, tag: str, departments: Sequence[int]) -> tuple[Ticket, ...]:
        """Tickets with exactly this tag in these departments and in Trash; of `a-z 0-9 -` only, or search is blind."""
        found = await self._search(tag, "tags", departments)
        if any(tag not in ticket.tags for ticket in found):
            raise DeskUnavailable(f"the desk was asked for tickets tagged {tag} and showed others")
        return found

    async def search_email(self, email: str, departments: Sequence[int]) -> tuple[Ticket, ...]:
        """Tickets of this requester, newest activity first. A desk stops at about 50 (its setting t_resultlimit)."""
        found = await self._search(email, "email", departments)
        return tuple(ticket for ticket in found if (ticket.email or "").casefold() == email.casefold())

    async def conversation(self, ticket_id: int) -> Conversation | None:
        """The ticket and what was written on it; None where the answer does not hold the ticket itself."""
        values = {
            "ticketid": str(ticket_id),
            "wantticketdata": "1",
            "wantattachmentdata": "0",
            "start": "0",
            "limit": str(_NEWEST_POSTS),
            "sortorder": "desc",
        }
        answer = await self._ask("/Tickets/Retrieve/Data", values)
        for node in answer.root.iterfind("tickets/ticket"):
            if node.get("id") == str(ticket_id):
                return read_conversation(node)
        return None

    async def log_out(self, session_id: str) -> None:
        """End a session, perhaps another node's: what it still sends gets -2 from then on."""
        deadline = self._boottime() + _SHORT_SECONDS
        try:
            reply = await self._post("/Core/Default/Logout", [fields({"sessionid": session_id})], deadline)
        except (_NotSent, _Lost) as failure:
            raise DeskUnavailable(str(failure)) from None
        if reply.status != 200:
            raise DeskUnavailable(judge_http(reply.status, reply.headers).reason)
        self._session.expire(session_id)

    async def aclose(self) -> None:
        """Log out, if it can be done, and close the connections."""
        try:
            if self._session.id:
                await self.log_out(self._session.id)
        except DeskUnavailable:
            pass  # the session ends by itself
        finally:
            await self._http.aclose()

    async def _search(self, query: str, flag: str, departments: Sequence[int]) -> tuple[Ticket, ...]:
        everywhere = ",".join(str(number) for number in sorted({0, *departments}))
        values = {"query": query, flag: "1", "departmentid": everywhere, "start": "0", "limit": "1000"}
        answer = await self._ask("/Tickets/Retrieve/Search", values)
        count = answer.values.get("count")
        if count is None and answer.root.find("tickets") is None:
            raise DeskUnavailable("the desk's answer to a search holds no list of tickets")
        if count and count.isdecimal() and int(count) > len(answer.tickets):
            raise DeskUnavailable(f"the desk counts {count} tickets and shows {len(answer.tickets)}")
        return answer.tickets

    async def _ask(self, path: str, values: Mapping[str, str], *, again: bool = True) -> Answer:
        """A question, which may be asked twice; only a success is an answer."""
        deadline = self._boottime() + min(self._request_seconds, _SHORT_SECONDS)
        try:
            session = await self._session.open()
            reply = await self._post(path, [fields({**values, "sessionid": session})], deadline)
            if reply.status != 200:
                raise DeskUnavailable(judge_http(reply.status, reply.headers).reason)
            answer = read_answer(reply.headers, reply.body)
        except (LoginFailed, _NotSent, _Lost) as failure:
            raise DeskUnavailable(str(failure)) from None
        except Unreadable as reason:
            raise DeskUnavailable(f"the desk's answer is no StaffAPI document: {reason}") from None
        # GetInfo says -1 for a session that is over.
        if answer.status == -2 or (answer.status == -1 and "session" in answer.error.lower()):
            self._session.expire(session)
            if again:
                return await self._ask(path, values, again=False)
            raise DeskUnavailable("the desk does not keep the session it gave")
        if answer.status != 1:
            raise DeskUnavailable(f"the desk said: {answer.error[:300] or 'no'} (status {answer.status})")
        return answer

    async def _explain_lost_session(self, session: str, size: int) -> Outcome:
        try:
            await self._ask(_GET_INFO, {"wantavatars": "0", "wantmacros": "0"}, again=False)
        except DeskUnavailable as trouble:
            self._session.expire(session)
            return Deferred(f"the desk gives sessions and forgets them: {trouble}", desk=True)
        return Refused(
            f"the document of {size} bytes is too large for the desk: it loses the session with this request and with no "
            "other (PHP's post_max_size); raise that limit, or send less at once"
        )

    async def _log_in(self) -> str:
        deadline = self._boottime() + _SHORT_SECONDS
        try:
            reply = await self._post("/Core/Default/Login", [fields(self._credentials)], deadline)
        except _NotSent as failure:
            raise LoginFailed(str(failure), reached=False) from None
        except _Lost as failure:
            raise LoginFailed(str(failure)) from None
        return read_login(reply.status, reply.headers, reply.body)

    async def _post(self, path: str, body: Sequence[bytes], deadline: float) -> _Reply:
        """Send `body` in blocks, with its exact length, and read the answer, as much as comes of it.

        The clock is asked before the first block and before the last; past the deadline the connection is dropped.
        Raises _NotSent and _Lost.
        """
        handed_over = False

        async def send() -> AsyncIterator[bytes]:
            nonlocal handed_over
            self._in_time(deadline)
            for block in body[:-1]:
                yield block
            self._in_time(deadline)
            handed_over = True
            yield body[-1]

        left = self._in_time(deadline)
        request = self._http.build_request(
            "POST",
            f"{self.url}/staffapi/index.php?{path}",
            content=send(),
            headers={"Content-Length": str(sum(map(len, body)))},
        )
        response: httpx.Response | None = None
        received = bytearray()
        try:
            async with asyncio.timeout(left):
                response = await self._http.send(request, stream=True)
                try:
                    async for chunk in response.aiter_raw():
                        received += chunk
                        if len(received) > LARGEST_ANSWER:
                            break
                finally:
                    await response.aclose()
        except (httpx.HTTPError, OSError) as error:
            # What has come may be a whole document all the same: desks send wrong lengths. Whoever reads it judges.
            if response is None:
                raise _failure(error, handed_over=handed_over) from None
        return _Reply(response.status_code, response.headers, bytes(received), handed_over)

    def _in_time(self, deadline: float) -> float:
        left = deadline - self._boottime()
        if left <= 0:
            raise _NotSent("the time for one request ran out before it was sent whole", ours=True)
        return left


def _tls(ca_file: str) -> ssl.SSLContext:
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    if ca_file:
        context.load_verify_locations(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _failure(error: Exception, *, handed_over: bool) -> _NotSent | _Lost:
    said = " ".join(str(error).split())[:200] or type(error).__name__
    if handed_over:
        late = isinstance(error, (TimeoutError, httpx.TimeoutException))
        return _Lost("no answer came in time" if late else f"the connection ended before an answer came ({said})")
    match error:
        case httpx.PoolTimeout():
            return _NotSent("no connection was free in time", ours=True)
        case httpx.ConnectTimeout():
            return _NotSent(f"the desk did not take the connection in {_CONNECT_SECONDS:.0f} s")
        case httpx.ConnectError():
            return _NotSent(f"no connection to the desk ({said})")
        case TimeoutError() | httpx.TimeoutException():
            return _NotSent("the desk did not take the request in time")
        case _:
            return _NotSent(f"the connection ended before the request was sent whole ({said})")
