"""The desk's directory: fetched, remembered in the spool over restarts, and fetched anew when a name is missing."""

import asyncio
from collections.abc import Callable

from pydantic import TypeAdapter

from gateway.spool.spool import Spool
from gateway.staffapi.client import Desk, DeskUnavailable
from gateway.staffapi.directory import Directory

DIRECTORY = TypeAdapter(Directory)
#: Under this key the spool keeps it; `gateway explain` reads it there.
KEY = "directory"
#: A directory older than this is fetched anew (seconds).
FRESH = 900.0


class Names:
    """What the desk calls things. `clock` gives seconds, monotonic."""

    def __init__(self, desk: Desk, spool: Spool, *, clock: Callable[[], float]) -> None:
        self._desk = desk
        self._spool = spool
        self._clock = clock
        self._directory: Directory | None = None
        self._fetched_at: float | None = None
        self._lock = asyncio.Lock()

    async def current(self, *, not_older_than: float = FRESH) -> Directory:
        """The directory; one a little too old serves while the desk is away. Raises DeskUnavailable where none is known."""
        async with self._lock:
            if self._directory is None:
                remembered = await asyncio.to_thread(self._spool.recall, KEY)
                self._directory = DIRECTORY.validate_json(remembered) if remembered is not None else None
            now = self._clock()
            if self._directory is None or self._fetched_at is None or now - self._fetched_at > not_older_than:
                try:
                    await self._fetch()
                except DeskUnavailable:
                    if self._directory is None:
                        raise
            assert self._directory is not None
            return self._directory

    async def refresh(self) -> Directory:
        """The directory as the desk has it now; also the proof that the desk answers. Raises DeskUnavailable."""
        async with self._lock:
            await self._fetch()
            assert self._directory is not None
            return self._directory

    async def _fetch(self) -> None:
        fresh = await self._desk.directory()
        self._fetched_at = self._clock()
        if fresh != self._directory:
            self._directory = fresh
            await asyncio.wrap_future(self._spool.remember(KEY, DIRECTORY.dump_json(fresh).decode()))
