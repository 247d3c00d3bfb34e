"""A way to log in -> one session that all share, and the pace at which logging in is tried."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from gateway.staffapi.answers import Unreadable, judge_http, read_answer

#: After a failure that the desk may have counted; and after it refused the credentials, for it locks accounts (3 failures
#: in 15 minutes).
PAUSE, LONG_PAUSE = 30.0, 20 * 60.0
#: After a login that was never sent: nothing was counted, and mail should not wait once the desk is back.
SHORT_PAUSE = 1.0


class LoginFailed(Exception):
    """No session can be had. `refused`: the desk knows us not; `retry_after`: seconds until it is tried again.

    `reached` is False where the login was not sent, so that the desk cannot have counted it against the account.
    """

    def __init__(self, reason: str, *, refused: bool = False, reached: bool = True, retry_after: float = 0) -> None:
        self.refused = refused
        self.reached = reached
        self.retry_after = retry_after
        super().__init__(reason)


def read_login(status_code: int, headers: Mapping[str, str], body: bytes) -> str:
    """The session id in the answer to a login. Raises LoginFailed."""
    if status_code != 200:
        raise LoginFailed(judge_http(status_code, headers).reason)
    try:
        answer = read_answer(headers, body)
    except Unreadable as reason:
        raise LoginFailed(f"the desk's answer to the login is no StaffAPI document: {reason}") from None
    session_id = answer.values.get("sessionid")
    if answer.status == 1 and session_id:
        return session_id
    if answer.status == 2:
        raise LoginFailed("the desk wants a two-factor key; give the gateway an account without one", refused=True)
    raise LoginFailed(
        f"the desk refused the login ({answer.error[:200] or 'no reason given'}); check GATEWAY_DESK__USERNAME and "
        "GATEWAY_DESK__PASSWORD",
        refused=answer.status == -1,
    )


class Session:
    """`log_in` gives a session id or raises LoginFailed; `boottime` is a clock in seconds that never goes back."""

    def __init__(self, log_in: Callable[[], Awaitable[str]], boottime: Callable[[], float]) -> None:
        self._log_in = log_in
        self._boottime = boottime
        self._one_at_a_time = asyncio.Lock()
        self._id = ""
        self._not_before = float("-inf")
        self._why = ""
        #: Logins sent to the desk.
        self.logins = 0

    @property
    def id(self) -> str:
        """A secret; "" where there is none. Never to be logged or stored in words."""
        return self._id

    async def open(self) -> str:
        """The session id; one caller logs in for all. Raises LoginFailed, at once during a pause."""
        async with self._one_at_a_time:
            if self._id:
                return self._id
            wait = self._not_before - self._boottime()
            if wait > 0:
                raise LoginFailed(f"{self._why}; the gateway logs in again in {wait:.0f} s", retry_after=wait)
            self.logins += 1
            try:
                self._id = await self._log_in()
            except LoginFailed as failure:
                pause = LONG_PAUSE if failure.refused else PAUSE if failure.reached else SHORT_PAUSE
                self._not_before, self._why = self._boottime() + pause, str(failure)
                raise LoginFailed(self._why, refused=failure.refused, retry_after=pause) from None
            return self._id

    def expire(self, id: str) -> None:
        """That session is over. A newer one is left alone."""
        if self._id == id:
            self._id = ""
