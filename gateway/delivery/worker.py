"""Claims what is due, lets several deliveries walk at once, keeps their leases, and ends in order."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from gateway import maillog
from gateway.delivery.breaker import DeskState
from gateway.delivery.fence import Fence
from gateway.delivery.names import Names
from gateway.delivery.resolving import Timing
from gateway.delivery.walk import Walker
from gateway.spool.attempts import LeaseLost
from gateway.spool.errors import SpoolError
from gateway.spool.records import Claimed
from gateway.spool.spool import Spool
from gateway.spool.states import Held
from gateway.staffapi.client import DeskUnavailable


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds, but for `concurrency`: pushes at once."""

    concurrency: int = 4
    lease: float = 300.0
    #: How long to wait before looking for due mail again where there was none.
    poll: float = 0.2


class Worker:
    """One per node. `clock` gives seconds since the epoch."""

    def __init__(
        self,
        *,
        spool: Spool,
        walker: Walker,
        names: Names,
        fence: Fence,
        state: DeskState,
        pace: Pace,
        timing: Timing,
        clock: Callable[[], float],
    ) -> None:
        self._spool = spool
        self._walker = walker
        self._names = names
        self._fence = fence
        self._fenced = False
        self._state = state
        self._pace = pace
        self._timing = timing
        self._clock = clock
        self._spool_fails = False
        self._walks: dict[asyncio.Task[None], Claimed] = {}
        #: The loop's last round (seconds since the epoch), for health checks.
        self.beat = clock()

    async def run(self, stop: asyncio.Event, *, grace: float = 20.0) -> None:
        """Work until `stop` is set, then let pushes in flight finish for `grace` seconds.

        Raises SpoolError once the spool cannot be trusted any more.
        """
        taken, doubts = await asyncio.wrap_future(self._spool.take_back(own=True))
        if taken:
            maillog.spool_recovered(taken_back=taken, in_doubt=doubts)
        keeper = asyncio.create_task(self._keep_leases())
        try:
            while not stop.is_set():
                self.beat = self._clock()
                await self._round(stop)
                if self._spool.suspect.done():
                    raise self._spool.suspect.result()
        finally:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
            await self._finish(grace)

    async def _round(self, stop: asyncio.Event) -> None:
        if not self._state.answers:
            await self._probe()
        free = self._state.allowance(self._pace.concurrency) - len(self._walks)
        claims: list[Claimed] = []
        if free > 0:
            try:
                claims = await asyncio.to_thread(self._spool.claim, free, lease_seconds=self._pace.lease)
                self._spool_fails = False
            except SpoolError as error:
                if not self._spool_fails:
                    maillog.spool_unavailable(text=str(error))
                self._spool_fails = True
        for claimed in claims:
            task = asyncio.create_task(self._walk(claimed))
            self._walks[task] = claimed
            task.add_done_callback(self._walks.pop)
        if len(claims) < free or free <= 0:
            await self._wait(stop, until_one_ends=free <= 0)

    async def _probe(self) -> None:
        if self._clock() < self._state.probe_at:
            return
        try:
            await self._names.refresh()
        except DeskUnavailable as error:
            self._state.failed(str(error), question=True)
            return
        except SpoolError as error:
            maillog.spool_unavailable(text=str(error))
            return
        self._state.answered()
        if not self._fenced:
            try:
                # What a killed predecessor has half sent shall not arrive any more.
                await self._fence.shut(self._spool.node)
                self._fenced = True
            except (DeskUnavailable, SpoolError) as error:
                # Each doubt sees to it again before it is resolved.
                maillog.session_left(text=f"sessions of an earlier start are not ended yet: {error}")

    async def _wait(self, stop: asyncio.Event, *, until_one_ends: bool) -> None:
        stopping = asyncio.create_task(stop.wait())
        waiting = {stopping, *self._walks} if until_one_ends or self._walks else {stopping}
        await asyncio.wait(waiting, timeout=self._pace.poll, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()

    async def _walk(self, claimed: Claimed) -> None:
        try:
            await self._walker.walk(claimed)
        except LeaseLost:
            maillog.lease_lost(id=claimed.delivery.id, node=self._spool.node)
        except SpoolError as error:
            # The claim runs out, or the next start takes it back.
            maillog.spool_unavailable(text=str(error))
        except Exception as error:
            # A mistake of ours must neither stop the other mails nor be repeated for ever with this one.
            maillog.fault(where=f"walk of {claimed.delivery.id}", error=error)
            reason = f"a fault in the gateway ({type(error).__name__}); the log has it in full. Release it to try again"
            try:
                await asyncio.wrap_future(self._spool.settle(claimed, Held(reason)))
            except (LeaseLost, SpoolError) as trouble:
                maillog.spool_unavailable(text=str(trouble))

    async def _keep_leases(self) -> None:
        while True:
            await asyncio.sleep(self._pace.lease / 3)
            try:
                claims = list(self._walks.values())
                renewed = self._spool.renew(claims, lease_seconds=self._pace.lease)
                lost: list[int] = await asyncio.wrap_future(renewed)
                for task, claimed in list(self._walks.items()):
                    if claimed in claims and claimed.delivery.id in lost:
                        maillog.lease_lost(id=claimed.delivery.id, node=self._spool.node)
                        task.cancel()
                taken, doubts = await asyncio.wrap_future(self._spool.take_back(own=False))
                if taken:
                    maillog.spool_recovered(taken_back=taken, in_doubt=doubts)
            except SpoolError as error:
                maillog.spool_unavailable(text=str(error))
            except Exception as error:
                # Without this loop every claim would run out.
                maillog.fault(where="leases", error=error)

    async def _finish(self, grace: float) -> None:
        if self._walks:
            await asyncio.wait(list(self._walks), timeout=grace)
        left = list(self._walks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
