"""Where a claimed delivery has come to in -> written down, with when it goes on, and told to the log."""

import asyncio
import time
from collections.abc import Callable

from gateway import maillog
from gateway.delivery.breaker import DeskState
from gateway.spool.attempts import Ended
from gateway.spool.records import Claimed
from gateway.spool.spool import Spool
from gateway.spool.states import Discarded, Held, Requeued, Settlement
from gateway.staffapi.outcome import Deferred, InDoubt, Refused

#: A mail is tried again at the latest after this long (seconds).
_LONGEST_DELAY = 3600.0


class Settler:
    """`clock` gives seconds since the epoch, `dice` a number in [0, 1); `retry` and `settle` are settings, in seconds."""

    def __init__(
        self,
        spool: Spool,
        state: DeskState,
        *,
        retry: float,
        settle: float,
        clock: Callable[[], float],
        dice: Callable[[], float],
    ) -> None:
        self._spool = spool
        self._state = state
        self._retry = retry
        self._settle = settle
        self._clock = clock
        self._dice = dice

    async def settle(self, claimed: Claimed, settlement: Settlement, *, decision: str | None = None) -> None:
        """Write down where the delivery has come to; `decision` as JSON where nothing was pushed."""
        await asyncio.wrap_future(self._spool.settle(claimed, settlement, decision=decision))
        self._log(claimed, settlement)

    async def end(self, claimed: Claimed, ended: Ended, settlement: Settlement) -> None:
        """Write down how an attempt ended without success, and where that leaves the delivery."""
        await asyncio.wrap_future(self._spool.end(claimed, ended, settlement))
        self._log(claimed, settlement)

    async def fail(
        self,
        claimed: Claimed,
        step: int,
        attempt_id: int,
        said: Deferred | Refused | InDoubt,
        *,
        marked: bool,
        ms: float,
    ) -> None:
        """A push that did not succeed. `marked`: a lost answer can be, and must be, looked up."""
        id = claimed.delivery.id
        settlement: Settlement
        match said:
            case Deferred(reason, True, retry_after):
                self._state.failed(reason, retry_after=retry_after)
                ended, settlement = Ended(attempt_id, "deferred", reason), self.wait_for_desk(claimed, reason)
                maillog.push_deferred(id=id, step=step, reason=reason, next_try="when the desk answers", ms=ms)
            case Deferred(reason, False, retry_after):
                due = self._clock() + max(self.delay(claimed), retry_after or 0.0)
                ended, settlement = Ended(attempt_id, "deferred", reason), Requeued(due, reason)
                maillog.push_deferred(id=id, step=step, reason=reason, next_try=_utc(due), ms=ms)
            case Refused(reason):
                self._state.answered()
                ended, settlement = Ended(attempt_id, "refused", reason), Held(f"the desk refused it: {reason}")
                maillog.push_refused(id=id, step=step, reason=reason)
            case InDoubt(reason) if not marked:
                # Saying it again changes nothing, so there is nothing to look up.
                self._state.failed(reason)
                ended, settlement = Ended(attempt_id, "deferred", reason), self.wait_for_desk(claimed, reason)
                maillog.push_deferred(id=id, step=step, reason=reason, next_try="when the desk answers", ms=ms)
            case InDoubt(reason):
                # Settled from now on, or from when the desk answers again.
                self._state.failed(reason)
                due = self._clock() + self._settle
                ended = Ended(attempt_id, "in_doubt", reason)
                settlement = Requeued(due, f"in doubt: {reason}", in_doubt=True)
                maillog.push_in_doubt(id=id, step=step, reason=reason, ask_at=_utc(due))
        await self.end(claimed, ended, settlement)

    def wait_for_desk(self, claimed: Claimed, reason: str) -> Requeued:
        """When a mail goes on that the desk has failed. The due date stays: once the desk is back the oldest goes first."""
        failures = claimed.delivery.failures
        doubtful = any(attempt.doubtful for attempt in claimed.attempts)
        due_at = claimed.delivery.due_at
        if failures:
            # Perhaps it fails because of the mail. It steps aside, further each time, or as the oldest it would be first
            # after every pause, and nothing else ever.
            due_at = self._clock() + min(2.0 ** min(failures, 12), self.delay(claimed))
        return Requeued(due_at, f"the desk does not take it: {reason}", in_doubt=doubtful, failed=True)

    def delay(self, claimed: Claimed) -> float:
        """Seconds until this mail is tried again: as long as it has waited already, an hour at the most, and a little."""
        age = self._clock() - claimed.delivery.accepted_at
        return max(self._retry, min(age, _LONGEST_DELAY)) * (1 + self._dice() / 10)

    @staticmethod
    def _log(claimed: Claimed, settlement: Settlement) -> None:
        match settlement:
            case Held(reason):
                maillog.mail_held(id=claimed.delivery.id, reason=reason)
            case Discarded(reason):
                maillog.mail_discarded(id=claimed.delivery.id, reason=reason)


def _utc(seconds: float) -> str:
    return time.strftime("%H:%M:%SZ", time.gmtime(seconds))
