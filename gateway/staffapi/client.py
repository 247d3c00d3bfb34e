"""Push in -> to the desk -> Outcome out; a question in, what the desk shows out.

What was not sent whole is Deferred; what was, and got no answer, is InDoubt.
"""

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping, Sequence

from lxml.etree import _Element as Element

from gateway.staffapi import rest
from gateway.staffapi.address import base_url
from gateway.staffapi.answers import SessionExpired, judge, judge_early
from gateway.staffapi.directory import Directory
from gateway.staffapi.documents import ClientPost, Push
from gateway.staffapi.exchange import Exchange, Lost, NotSent, Reply
from gateway.staffapi.line import DeskUnavailable, Line, TooLong
from gateway.staffapi.outcome import Conversation, Deferred, InDoubt, Outcome, Post, Refused, Ticket
from gateway.staffapi.session import LoginFailed, Refusals, Register
from gateway.staffapi.tickets import are_oldest_first, pick_ticket, read_conversation, read_int, read_posts, read_ticket
from gateway.staffapi.wire import Body, OpenFile, Tags, prepare

__all__ = ["Desk", "DeskUnavailable", "TooLong"]

_PUSH = "/staffapi/index.php?/Tickets/Push/Index"
_RETRIEVE = "/staffapi/index.php?/Tickets/Retrieve"
#: A payload in which nothing is asked for is a success in which nothing is done.
_NOTHING = '<?xml version="1.0" encoding="UTF-8"?><kayako_staffapi></kayako_staffapi>'
#: More posts than any ticket has.
_BEHIND_ALL = 1_000_000_000


class Desk:
    """One help desk, one account, one session, a few connections.

    `url` goes as far as `/staffapi/index.php`, which is appended (ValueError where it cannot be used).
    `request_seconds` is the longest a push may take, re-login included. `boottime` is a clock in seconds that runs on
    while the machine sleeps, as CLOCK_BOOTTIME does: a push that slept is not finished. `ca_file` holds certificates to
    trust besides the system's. `api_key` and `api_secret` are those of the desk's REST API, `salt` draws a fresh text to
    be signed with them. `register` writes each session down before its first use, `refusals` counts refused logins over
    restarts; what makes do without can neither be shut out by others nor count what others do.
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
        clock: Callable[[], float] = time.time,
        allow_plain_http: bool = False,
        user_agent: str = "MailGateway/1.0 (StaffAPI)",
        tags: Tags = "spaced",
        ca_file: str = "",
        api_key: str = "",
        api_secret: str = "",
        salt: Callable[[], str] = secrets.token_hex,
        register: Register | None = None,
        refusals: Refusals | None = None,
    ) -> None:
        self.url = base_url(url, allow_plain_http=allow_plain_http)
        self._request_seconds = request_seconds
        self._boottime = boottime
        self._tags: Tags = tags
        self._api_key, self._api_secret, self._salt = api_key, api_secret, salt
        exchange = Exchange(
            self.url,
            request_seconds=request_seconds,
            concurrency=concurrency,
            boottime=boottime,
            clock=clock,
            user_agent=user_agent,
            ca_file=ca_file,
        )
        credentials = {"username": username, "password": password}
        self._line = Line(
            exchange, credentials, boottime, seconds=request_seconds, register=register, refusals=refusals
        )

    def __repr__(self) -> str:
        return f"Desk({self.url!r})"

    @property
    def logins(self) -> int:
        """Logins sent so far."""
        return self._line.session.logins

    @property
    def login_refused(self) -> str:
        """Why the desk refuses this account, in words for an alert; "" while it does not. No pause cures it."""
        return self._line.session.refused

    @property
    def clock_skew(self) -> float | None:
        """Seconds by which the desk's clock is ahead of ours, to a second; None before its first answer."""
        return self._line.exchange.clock_skew

    async def push(self, push: Push, open_file: OpenFile) -> Outcome:
        """Send it once and say what became of it. Trouble with the desk is an Outcome; only `open_file` may raise.

        `open_file` is called in a worker thread, twice for each file. A session that is over (-2) is opened again, once.
        Where a fresh one is over at once too, the desk is asked about it: if it lives, the request was too large. All of
        it, and so the second try as well, ends `request_seconds` after the start.
        """
        deadline = self._boottime() + self._request_seconds
        if isinstance(push, ClientPost):
            return await self._post_as_client(push, open_file, deadline)
        try:
            document = await asyncio.to_thread(prepare, push, open_file, tags=self._tags)
        except ValueError as error:
            return Refused(f"this cannot be sent: {error}")
        session = ""
        for _ in range(2):
            self._line.session.expire(session)
            try:
                session = await self._line.session.open()
            except LoginFailed as failure:
                return Deferred(str(failure), desk=True, retry_after=failure.retry_after)
            reply = await self._send(_PUSH, document.body(session), deadline)
            if not isinstance(reply, Reply):
                return reply
            outcome = judge(push, reply.status, reply.headers, reply.body)
            if not isinstance(outcome, SessionExpired):
                return outcome
        return await self._explain_lost_session(session, document.size)

    async def directory(self) -> Directory:
        """Raises DeskUnavailable, as do all questions below; of its kind TooLong where the answer is too large."""
        return Directory.read(await self._line.get_info())

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

    async def search_text(self, text: str, departments: Sequence[int]) -> tuple[Ticket, ...]:
        """Tickets with a post that holds `text`, as the desk says: the answer shows no post. At most about 50."""
        return await self._search(text, "contents", departments)

    async def ticket(self, ticket: int | str, departments: Sequence[int]) -> Ticket | None:
        """The ticket as it is now, by number or display id, without what was written on it: never long.

        A merged ticket is shown as the one it was merged into; department 0 is Trash. None: the desk shows no such
        ticket in `departments` (the assigned ones) and Trash.
        """
        if str(ticket).isdecimal():
            # Basic elements unless more is asked for; sees Trash and what is resolved (staffapi Retrieve/Index).
            shown = await self._shown("Index", int(ticket), {"start": "0", "limit": "1"})
            if shown is not None and (now := read_ticket(shown)).subject is not None:
                return now
            if shown is not None:
                # What is not said of it, tags for one, must not be taken for empty.
                opening = await self.opening(int(ticket))
                return opening.ticket if opening is not None else None
        return pick_ticket(await self._search(str(ticket), "ticketid", departments), str(ticket))

    async def opening(self, ticket_id: int) -> Conversation | None:
        """The ticket with its oldest post only, its notes and billing; None where the answer does not hold the ticket."""
        return await self._conversation(ticket_id, "asc", 0)

    async def beside(self, ticket_id: int) -> Conversation | None:
        """The ticket with its notes and billing, and its newest post, which is left out where it makes the answer too large.

        None where the answer does not hold the ticket.
        """
        try:
            return await self._conversation(ticket_id, "desc", 0)
        except TooLong:
            return await self._conversation(ticket_id, "desc", _BEHIND_ALL)

    async def posts(self, ticket_id: int, *, start: int, limit: int) -> tuple[Post, ...] | None:
        """Up to `limit` (1 to 1000) posts, newest first, from the `start`-th on, 0 being the newest.

        Fewer: there are no more. None where the answer does not hold the ticket. What is written between two such
        questions moves older posts on: they are shown again, never left out.
        """
        values = {"wantpostsonly": "1", "wantattachmentdata": "0", "sortorder": "desc"}
        shown = await self._shown("Data", ticket_id, values | {"start": str(start), "limit": str(limit)})
        if shown is None:
            return None
        posts = read_posts(shown)
        if len(posts) > limit or are_oldest_first(posts):
            raise DeskUnavailable(f"the desk was asked for the {limit} newest posts of a ticket and showed others")
        return posts

    async def probe_push(self) -> None:
        """Prove that pushes get through, filters before the desk and the account's rights at the interface included."""
        await self._line.ask(_PUSH, {"payload": _NOTHING})

    async def log_out(self, session_id: str) -> None:
        """End a session, perhaps another node's: what it still sends gets -2 from then on.

        A session that is over already is as good. Where the desk ties sessions to networks (security_sessionipcheck),
        one that was opened from another /16 looks as if it were over. Raises DeskUnavailable.
        """
        await self._line.log_out(session_id)

    async def renew_session(self) -> None:
        """End this client's session on the desk: what is still queued under it gets -2, the next call logs in.

        Other calls in flight log in again as after any -2. Raises DeskUnavailable where the desk cannot be asked.
        """
        await self._line.renew_session()

    async def aclose(self) -> None:
        """Log out, if it can be done, and close the connections."""
        await self._line.aclose()

    async def _search(self, query: str, flag: str, departments: Sequence[int]) -> tuple[Ticket, ...]:
        everywhere = ",".join(str(number) for number in sorted({0, *departments}))
        values = {"query": query, flag: "1", "departmentid": everywhere, "start": "0", "limit": "1000"}
        answer = await self._line.ask(f"{_RETRIEVE}/Search", values)
        count = answer.values.get("count")
        if count is None and answer.root.find("tickets") is None:
            raise DeskUnavailable("the desk's answer to a search holds no list of tickets")
        if count and count.isdecimal() and int(count) > len(answer.tickets):
            raise DeskUnavailable(f"the desk counts {count} tickets and shows {len(answer.tickets)}")
        return answer.tickets

    async def _send(self, path: str, body: Body, deadline: float) -> Reply | Deferred | Refused | InDoubt:
        """The answer to a push that went out whole, or what it means that there is none."""
        try:
            reply = await self._line.exchange.post(path, body, deadline)
        except ValueError as error:
            return Refused(f"this cannot be sent: {error}")
        except NotSent as failure:
            return Deferred(str(failure), desk=not failure.ours)
        except Lost as failure:
            return InDoubt(str(failure))
        return reply if reply.whole else judge_early(reply.status, reply.headers)

    async def _conversation(self, ticket_id: int, order: str, start: int) -> Conversation | None:
        values = {"wantticketdata": "1", "wantattachmentdata": "0", "sortorder": order}
        shown = await self._shown("Data", ticket_id, values | {"start": str(start), "limit": "1"})
        return read_conversation(shown) if shown is not None else None

    async def _shown(self, action: str, ticket_id: int, values: Mapping[str, str]) -> Element | None:
        """`<ticket>` as `/Tickets/Retrieve/` `action` shows it; None where the answer does not hold it."""
        answer = await self._line.ask(f"{_RETRIEVE}/{action}", {"ticketid": str(ticket_id), **values})
        shown = answer.root.iterfind("tickets/ticket")
        return next((node for node in shown if read_int(node.get("id")) == ticket_id), None)

    async def _post_as_client(self, push: ClientPost, open_file: OpenFile, deadline: float) -> Outcome:
        """By the REST API, which knows no sessions: it is signed, and the signature goes out last."""
        if not (self._api_key and self._api_secret):
            return Refused(
                "a post in a customer's name goes to the desk's REST API, which wants a key: set GATEWAY_DESK__API_KEY and "
                "GATEWAY_DESK__API_SECRET"
            )
        try:
            body = await asyncio.to_thread(
                rest.post_body, push, open_file, api_key=self._api_key, api_secret=self._api_secret, salt=self._salt()
            )
        except ValueError as error:
            return Refused(f"this cannot be sent: {error}")
        reply = await self._send(rest.PATH, body, deadline)
        return rest.judge_post(push, reply.status, reply.headers, reply.body) if isinstance(reply, Reply) else reply

    async def _explain_lost_session(self, session: str, size: int) -> Outcome:
        try:
            if not await self._line.lives(session):
                self._line.session.expire(session)
                return Deferred("the desk gives sessions and forgets them at once", desk=True)
        except DeskUnavailable as trouble:
            return Deferred(f"the desk lost the session and does not say why: {trouble}", desk=True)
        return Refused(
            f"the document of {size} bytes is too large for the desk: it loses the session with this request and with no "
            "other (PHP's post_max_size); raise that limit, or send less at once"
        )
