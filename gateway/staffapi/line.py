"""Calls of the StaffAPI in -> made under one account's session -> the desk's documents out.

All calls but pushes go through here: questions, which may be asked twice, and what begins and ends a session.
"""

from collections.abc import Callable, Mapping

from gateway.problems import GatewayError
from gateway.staffapi.answers import Answer, TooLarge, Unreadable, judge_http, read_answer
from gateway.staffapi.exchange import Exchange, Lost, NotSent
from gateway.staffapi.session import LoginFailed, Refusals, Register, Session, read_login
from gateway.staffapi.wire import fields

_CORE = "/staffapi/index.php?/Core/Default"
#: Avatars and macros are left out.
_INFO = {"wantavatars": "0", "wantmacros": "0"}
#: Seconds for any of these calls.
_SHORT_SECONDS = 30.0


class DeskUnavailable(GatewayError):
    """The desk gives no answer, or none that can be trusted; `str()` of it says why."""


class TooLong(DeskUnavailable):
    """The desk's answer is larger than LARGEST_ANSWER: the same question fails again, one for less may not."""


class Line:
    """The way to one desk under one account. `exchange` is closed with it."""

    def __init__(
        self,
        exchange: Exchange,
        credentials: Mapping[str, str],
        boottime: Callable[[], float],
        *,
        seconds: float,
        register: Register | None,
        refusals: Refusals | None,
    ) -> None:
        self.exchange = exchange
        self.session = Session(self._log_in, self._is_over, boottime, register=register, refusals=refusals)
        self._credentials = credentials
        self._boottime = boottime
        self._seconds = min(seconds, _SHORT_SECONDS)
        #: Sessions that the desk gave and was not seen to end. Secrets.
        self._open: set[str] = set()

    async def ask(self, path: str, values: Mapping[str, str], *, again: bool = True) -> Answer:
        """A question; only a success is an answer. Raises DeskUnavailable."""
        try:
            session = await self.session.open()
        except LoginFailed as failure:
            raise DeskUnavailable(str(failure)) from None
        answer = await self._call(path, {**values, "sessionid": session})
        # GetInfo says -1 for a session that is over.
        if answer.status == -2 or (answer.status == -1 and "session" in answer.error.lower()):
            self.session.expire(session)
            if again:
                return await self.ask(path, values, again=False)
            raise DeskUnavailable("the desk does not keep the session it gave")
        if answer.status != 1:
            raise DeskUnavailable(f"the desk said: {answer.error[:300] or 'no'} (status {answer.status})")
        return answer

    async def get_info(self) -> Answer:
        """What a Directory is read from. Raises DeskUnavailable."""
        return await self.ask(f"{_CORE}/GetInfo", _INFO)

    async def lives(self, session_id: str) -> bool:
        """Whether the desk still knows this session. Raises DeskUnavailable."""
        return (await self._call(f"{_CORE}/GetInfo", {**_INFO, "sessionid": session_id})).status == 1

    async def log_out(self, session_id: str) -> None:
        """End a session; one that is over already is as good. Raises DeskUnavailable where that is not certain."""
        answer = await self._call(f"{_CORE}/Logout", {"sessionid": session_id})
        if answer.status not in {1, -1, -2}:
            raise DeskUnavailable(f"the desk does not log out: {answer.error[:300] or 'no'} (status {answer.status})")
        self._open.discard(session_id)
        await self.session.ended(session_id)

    async def renew_session(self) -> None:
        """End every session opened here, so that what is queued under one gets -2; the next call logs in.

        All of them: one that was given up for -2 may live all the same. Raises DeskUnavailable where that is not certain.
        """
        for each in tuple(self._open):
            await self.log_out(each)

    async def aclose(self) -> None:
        """Log out, if it can be done, and close the connections."""
        try:
            if self.session.id:
                await self._is_over(self.session.id)
        finally:
            await self.exchange.aclose()

    async def _is_over(self, session_id: str) -> bool:
        try:
            await self.log_out(session_id)
        except DeskUnavailable:
            return False
        return True

    async def _call(self, path: str, values: Mapping[str, str]) -> Answer:
        try:
            reply = await self.exchange.post(path, fields(values), self._boottime() + self._seconds)
        except (NotSent, Lost) as failure:
            raise DeskUnavailable(str(failure)) from None
        if reply.status != 200:
            raise DeskUnavailable(judge_http(reply.status, reply.headers).reason)
        try:
            return read_answer(reply.headers, reply.body)
        except TooLarge as reason:
            raise TooLong(f"the desk's answer is too large: {reason}") from None
        except Unreadable as reason:
            raise DeskUnavailable(f"the desk's answer is no StaffAPI document: {reason}") from None

    async def _log_in(self) -> str:
        try:
            reply = await self.exchange.post(
                f"{_CORE}/Login", fields(self._credentials), self._boottime() + self._seconds
            )
        except NotSent as failure:
            raise LoginFailed(str(failure), reached=False) from None
        except Lost as failure:
            raise LoginFailed(str(failure)) from None
        session_id = read_login(reply.status, reply.headers, reply.body)
        self._open.add(session_id)
        return session_id
