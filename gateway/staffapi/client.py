"""Push in -> to the desk -> Outcome out; questions in, what the desk shows out.

What was not sent whole is Deferred; what was, and got no answer, is InDoubt.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from gateway.problems import GatewayError
from gateway.staffapi.address import base_url
from gateway.staffapi.answers import (
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
from gateway.staffapi.exchange import Exchange, Lost, NotSent
from gateway.staffapi.outcome import Conversation, Deferred, InDoubt, Outcome, Refused, Ticket
from gateway.staffapi.session import LoginFailed, Session, read_login
from gateway.staffapi.tickets import read_conversation
from gateway.staffapi.wire import OpenFile, Tags, blocks, fields, to_xml

_PUSH = "/staffapi/index.php?/Tickets/Push/Index"
_GET_INFO = "/staffapi/index.php?/Core/Default/GetInfo"
#: Seconds for a login, a logout, and the question whether a session still lives.
_SHORT_SECONDS = 30.0
#: Posts read back of one ticket, newest first.
_NEWEST_POSTS = 100


class DeskUnavailable(GatewayError):
    """The desk gives no answer, or none that can be trusted; `str()` of it says why."""


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
        self._exchange = Exchange(
            self.url,
            request_seconds=request_seconds,
            concurrency=concurrency,
            boottime=boottime,
            user_agent=user_agent,
            ca_file=ca_file,
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
                reply = await self._exchange.post(_PUSH, list(blocks(document, session)), deadline)
            except LoginFailed as failure:
                return Deferred(str(failure), desk=True, retry_after=failure.retry_after)
            except NotSent as failure:
                return Deferred(str(failure), desk=not failure.ours)
            except Lost as failure:
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
        answer = await self._ask("/staffapi/index.php?/Tickets/Retrieve/Data", values)
        for node in answer.root.iterfind("tickets/ticket"):
            if node.get("id") == str(ticket_id):
                return read_conversation(node)
        return None

    async def log_out(self, session_id: str) -> None:
        """End a session, perhaps another node's: what it still sends gets -2 from then on."""
        deadline = self._boottime() + _SHORT_SECONDS
        try:
            reply = await self._exchange.post(
                "/staffapi/index.php?/Core/Default/Logout", [fields({"sessionid": session_id})], deadline
            )
        except (NotSent, Lost) as failure:
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
            await self._exchange.aclose()

    async def _search(self, query: str, flag: str, departments: Sequence[int]) -> tuple[Ticket, ...]:
        everywhere = ",".join(str(number) for number in sorted({0, *departments}))
        values = {"query": query, flag: "1", "departmentid": everywhere, "start": "0", "limit": "1000"}
        answer = await self._ask("/staffapi/index.php?/Tickets/Retrieve/Search", values)
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
            reply = await self._exchange.post(path, [fields({**values, "sessionid": session})], deadline)
            if reply.status != 200:
                raise DeskUnavailable(judge_http(reply.status, reply.headers).reason)
            answer = read_answer(reply.headers, reply.body)
        except (LoginFailed, NotSent, Lost) as failure:
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
            reply = await self._exchange.post(
                "/staffapi/index.php?/Core/Default/Login", [fields(self._credentials)], deadline
            )
        except NotSent as failure:
            raise LoginFailed(str(failure), reached=False) from None
        except Lost as failure:
            raise LoginFailed(str(failure)) from None
        return read_login(reply.status, reply.headers, reply.body)
