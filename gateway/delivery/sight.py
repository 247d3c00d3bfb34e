"""What look-ups and answers have shown of each department in -> whether "not found" may be believed there out.

Some accounts may make tickets that no search shows them. The first ticket a department takes each day is therefore looked
up by its marker: where it is not found, no look-up there can tell that a push has not arrived.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from pydantic import TypeAdapter

from gateway import maillog
from gateway.spool.spool import Spool

_DAY = 86400.0
#: How many days a trial that succeeded counts.
_LASTS = 7
#: How long nothing is made in a department whose answer did not show the ticket (seconds).
_CLOSED = 900.0


@dataclass(frozen=True, slots=True)
class _Seen:
    """The latest trial in a department: whether the ticket was found, and on which day (since the epoch)."""

    found: bool
    day: int


_SEEN = TypeAdapter(_Seen)


class Sight:
    """One per node; what it knows outlives the process. `clock` gives seconds since the epoch."""

    def __init__(self, spool: Spool, clock: Callable[[], float]) -> None:
        self._spool = spool
        self._clock = clock
        self._seen: dict[int, _Seen | None] = {}
        self._closed: dict[int, tuple[float, str]] = {}

    async def of(self, department: int) -> Literal["proven", "blind", "untried"]:
        # Another node may have found it blind since.
        self._seen.pop(department, None)
        seen = await self._recall(department)
        if seen is None or (seen.found and seen.day < self._today() - _LASTS):
            return "untried"
        return "proven" if seen.found else "blind"

    async def wants_trial(self, department: int) -> bool:
        """Once a day; where it was blind, with every ticket, so that it is noticed when that ends."""
        seen = await self._recall(department)
        return seen is None or not seen.found or seen.day != self._today()

    async def found(self, department: int) -> None:
        """A look-up has shown a ticket of ours there."""
        before = await self._recall(department)
        if before == _Seen(found=True, day=self._today()):
            return
        if before is not None and not before.found:
            maillog.desk_sees(department=department)
        await self._keep(department, _Seen(found=True, day=self._today()))

    async def missed(self, department: int, marker: str) -> None:
        """A look-up did not show a ticket that the desk had just accepted there."""
        text = (
            f"the ticket with {marker} was accepted and is not found: mails whose answer is lost are held there. Let the "
            "account see all tickets of the department"
        )
        before = await self._recall(department)
        if before is None or before.found:
            maillog.desk_blind(department=department, text=text)
        await self._keep(department, _Seen(found=False, day=self._today()))

    def close(self, department: int, reason: str) -> None:
        """Make nothing there for a while: each further ticket might be one more that nobody sees."""
        if self.closed(department) is None:
            maillog.department_closed(department=department, text=reason)
        self._closed[department] = self._clock() + _CLOSED, reason

    def open(self, department: int) -> None:
        """The desk has shown a ticket there."""
        self._closed.pop(department, None)

    def closed(self, department: int) -> tuple[float, str] | None:
        """Until when (seconds since the epoch) and why nothing is made there."""
        until, reason = self._closed.get(department, (0.0, ""))
        return (until, reason) if until > self._clock() else None

    @property
    def closed_departments(self) -> tuple[int, ...]:
        return tuple(each for each in self._closed if self.closed(each) is not None)

    async def _recall(self, department: int) -> _Seen | None:
        if department not in self._seen:
            kept = await asyncio.to_thread(self._spool.recall, _key(department))
            self._seen[department] = _SEEN.validate_json(kept) if kept is not None else None
        return self._seen[department]

    async def _keep(self, department: int, seen: _Seen) -> None:
        self._seen[department] = seen
        await asyncio.wrap_future(self._spool.remember(_key(department), _SEEN.dump_json(seen).decode()))

    def _today(self) -> int:
        return int(self._clock() // _DAY)


def _key(department: int) -> str:
    return f"sight of department {department}"
