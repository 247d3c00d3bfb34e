"""A way to log in -> one session that all share, registered before its first use, and the pace of logging in.

Desks count failed logins of a name, whoever made them, and lock the account at the fourth in 15 minutes. The gateway
makes at most two of them in that time, over all its restarts and nodes where it is given a place to count them.
"""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from gateway.problems import GatewayError
from gateway.staffapi.answers import Unreadable, judge_http, read_answer

#: Seconds to wait after a failure that the desk may have counted; and after it refused the credentials.
PAUSE, LONG_PAUSE = 30.0, 20 * 60.0
#: After a login that was never sent: nothing was counted, and mail should not wait once the desk is back.
SHORT_PAUSE = 1.0
#: Refused logins within so many seconds (the desk's 15 minutes, and a minute for its answers); after two there is a wait.
WINDOW, _MOST_REFUSED = 16 * 60.0, 2

_LOCKED = re.compile(r"login locked|account .{0,20}locked", re.IGNORECASE)

#: Takes the session off the register.
Forget = Callable[[], Awaitable[None]]
#: Writes a session id down where other nodes find it. Raises GatewayError where that fails.
Register = Callable[[str], Awaitable[Forget]]


class Refusals(Protocol):
    """Refused logins of this account, by every node and process. Both raise GatewayError where the place is lost."""

    async def ages(self) -> list[float]:
        """Seconds since each of them."""

    async def add(self) -> None:
        """One has just happened."""


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
        raise LoginFailed(
            "the desk wants a two-factor key, which a gateway has not; give it an account without two-factor login",
            refused=True,
        )
    said = " ".join(answer.error.split())[:200] or "no reason given"
    if _LOCKED.search(answer.error):
        # The number of minutes in these words is one of seconds on many desks.
        raise LoginFailed(
            f"the desk has locked the account after failed logins ({said}). It opens by itself 15 minutes after the last "
            "of them, or once an administrator switches the lock off in the desk's security settings; people who log in "
            "with this name count too. Check GATEWAY_DESK__USERNAME and GATEWAY_DESK__PASSWORD",
            refused=True,
        )
    raise LoginFailed(
        f"the desk refused the login ({said}); check GATEWAY_DESK__USERNAME and GATEWAY_DESK__PASSWORD, and that the "
        "account is enabled and may log in from this address",
        refused=answer.status == -1,
    )


class Session:
    """The one session of this process.

    `log_in` gives a session id or raises LoginFailed; `log_out` says whether the desk has confirmed that the session is
    over; `boottime` is a clock in seconds that never goes back. Without `register` nobody else can end the session.
    """

    def __init__(
        self,
        log_in: Callable[[], Awaitable[str]],
        log_out: Callable[[str], Awaitable[bool]],
        boottime: Callable[[], float],
        *,
        register: Register | None = None,
        refusals: Refusals | None = None,
    ) -> None:
        self._log_in = log_in
        self._log_out = log_out
        self._boottime = boottime
        self._register = register
        self._refusals = refusals
        self._one_at_a_time = asyncio.Lock()
        self._id = ""
        #: Sessions on the register, by their ids.
        self._registered: dict[str, Forget] = {}
        self._not_before = float("-inf")
        self._why = ""
        #: Why the desk refuses this account, "" while it does not: it needs a person.
        self.refused = ""
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
            await self._keep_pace()
            try:
                self.logins += 1
                fresh = await self._log_in()
                self.refused = ""
                await self._enter(fresh)
            except LoginFailed as failure:
                raise await self._pause(failure) from None
            self._id = fresh
            old = [each for each in self._registered if each != fresh]
        for each in old:
            # Given up for -2 it may live all the same: a request too large for PHP gets -2 too.
            if await self._log_out(each):
                await self.ended(each)
        return fresh

    def expire(self, id: str) -> None:
        """That session is over, as it seems. A newer one is left alone."""
        if self._id == id:
            self._id = ""

    async def ended(self, id: str) -> None:
        """The desk has confirmed that this session is over."""
        self.expire(id)
        forget = self._registered.pop(id, None)
        if forget is not None:
            with contextlib.suppress(GatewayError):  # whoever ends it again is told that it is over, and forgets it
                await forget()

    async def _keep_pace(self) -> None:
        wait = self._not_before - self._boottime()
        if wait > 0:
            why = f"{self._why}; the gateway logs in again in {_span(wait)}"
            raise LoginFailed(why, refused=bool(self.refused), retry_after=wait)
        if self._refusals is None:
            return
        try:
            ages = await self._refusals.ages()
        except GatewayError as error:
            raise await self._pause(LoginFailed(f"no login without counting it: {error}", reached=False)) from error
        recent = sorted(age for age in ages if 0 <= age < WINDOW)
        if len(recent) >= _MOST_REFUSED:
            wait = WINDOW - recent[_MOST_REFUSED - 1]
            why = (
                f"the desk has refused {len(recent)} logins within {_span(WINDOW)}, and one or two more would lock the "
                "account; check GATEWAY_DESK__USERNAME and GATEWAY_DESK__PASSWORD"
            )
            self._not_before, self._why, self.refused = self._boottime() + wait, why, why
            raise LoginFailed(f"{why}; the gateway logs in again in {_span(wait)}", refused=True, retry_after=wait)

    async def _pause(self, failure: LoginFailed) -> LoginFailed:
        """The failure as callers get to see it, the pause being set."""
        # Once refused, a login whose answer was lost may be one more that the desk has counted.
        long = failure.refused or (failure.reached and bool(self.refused))
        pause = LONG_PAUSE if long else PAUSE if failure.reached else SHORT_PAUSE
        self._not_before, self._why = self._boottime() + pause, str(failure)
        if failure.refused:
            self.refused = self._why
            if self._refusals is not None:
                try:
                    await self._refusals.add()
                except GatewayError as error:
                    self._why = f"{self._why} (and it could not be counted: {error})"
        told = f"{self._why}; the gateway logs in again in {_span(pause)}" if long else self._why
        return LoginFailed(told, refused=failure.refused, reached=failure.reached, retry_after=pause)

    async def _enter(self, id: str) -> None:
        """Register it before anything is sent under it; what is not registered is not used."""
        if self._register is None:
            return
        try:
            self._registered[id] = await self._register(id)
        except Exception as error:
            await self._log_out(id)
            if not isinstance(error, GatewayError):
                raise
            raise LoginFailed(f"the desk's session could not be registered: {error}") from error


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
