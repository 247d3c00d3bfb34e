"""The desk's directory: fetched, remembered in the spool over restarts, fetched anew by the clock and when a name is missing.

Whenever it has changed, the rules are held against it: a renamed department is told before a mail suffers.
"""

import asyncio
from collections.abc import Callable

from pydantic import TypeAdapter, ValidationError

from gateway import maillog
from gateway.problems import Problem
from gateway.routing.rulebook import RuleBook
from gateway.rulenames import names_problems
from gateway.spool.errors import SpoolError
from gateway.spool.spool import Spool
from gateway.staffapi.changes import changes
from gateway.staffapi.client import Desk, DeskUnavailable
from gateway.staffapi.directory import Directory

DIRECTORY = TypeAdapter(Directory)
#: Under this key the spool keeps it; `gateway explain` reads it there.
KEY = "directory"
#: A directory older than this is fetched anew (seconds).
FRESH = 900.0
#: Seconds from one fetch to the next where nobody asks.
EVERY = 300.0
#: Events logged of one change; somebody may be rebuilding the desk.
_MOST_TOLD = 20


class Names:
    """What the desk calls things. `clock` gives seconds, monotonic; `book` holds the rules whose names it must know."""

    def __init__(self, desk: Desk, spool: Spool, *, clock: Callable[[], float], book: RuleBook | None = None) -> None:
        self._desk = desk
        self._spool = spool
        self._clock = clock
        self._book = book or RuleBook(())
        self._directory: Directory | None = None
        self._fetched_at: float | None = None
        self._lock = asyncio.Lock()
        #: Names in the rules that the desk, as it was last seen, does not know or does not let stand together.
        self.problems: list[Problem] = []

    async def current(self, *, not_older_than: float = FRESH) -> Directory:
        """The directory; one a little too old serves while the desk is away. Raises DeskUnavailable where none is known."""
        async with self._lock:
            directory = await self._recall()
            now = self._clock()
            if directory is None or self._fetched_at is None or now - self._fetched_at > not_older_than:
                try:
                    directory = await self._take(await self._desk.directory())
                except DeskUnavailable:
                    if directory is None:
                        raise
            return directory

    async def refresh(self) -> Directory:
        """The directory as the desk has it now; also the proof that the desk answers. Raises DeskUnavailable."""
        # Nobody waits for this fetch who is content with what is known.
        fresh = await self._desk.directory()
        async with self._lock:
            await self._recall()
            return await self._take(fresh)

    async def keep_fresh(
        self, stop: asyncio.Event, every: float = EVERY, *, desk_answers: Callable[[], bool] = lambda: True
    ) -> None:
        """Until `stop`, fetch the directory each `every` seconds while the desk answers. Raises nothing.

        That a desk does not answer is the breaker's business, and a spool that cannot be written the worker's.
        """
        due = False
        while not stop.is_set():
            try:
                if due and desk_answers():
                    await self.refresh()
                elif not due:
                    async with self._lock:
                        await self._recall()
            except (DeskUnavailable, SpoolError):
                pass
            except Exception as error:
                maillog.fault(where="directory", error=error)
            due = True
            waiting = asyncio.create_task(stop.wait())
            await asyncio.wait({waiting}, timeout=every)
            waiting.cancel()

    async def _recall(self) -> Directory | None:
        """What is known; at first what the spool remembers. Under the lock."""
        if self._directory is None:
            remembered = await asyncio.to_thread(self._spool.recall, KEY)
            if remembered is not None:
                try:
                    self._directory = DIRECTORY.validate_json(remembered)
                except ValidationError:
                    return None  # written by a release that kept other things of it
                await self._judge(self._directory)
        return self._directory

    async def _take(self, fresh: Directory) -> Directory:
        """Keep it, and tell what is different. Under the lock."""
        known, self._directory, self._fetched_at = self._directory, fresh, self._clock()
        if fresh != known:
            if known is not None:
                _tell(changes(known, fresh), lambda text: maillog.desk_changed(text=text))
            await self._judge(fresh)
            await asyncio.wrap_future(self._spool.remember(KEY, DIRECTORY.dump_json(fresh).decode()))
        return fresh

    async def _judge(self, directory: Directory) -> None:
        try:
            found = await asyncio.to_thread(names_problems, self._book, directory)
        except Exception as error:
            # It is advice: a mistake in it must not keep mail from the desk.
            maillog.fault(where="names in rules", error=error)
            return
        new = [problem for problem in found if problem not in self.problems]
        self.problems = found
        for problem in new[:_MOST_TOLD]:
            place = f"{problem.path}:{problem.line}:{problem.column}"
            maillog.rule_name_unknown(place=place, text=problem.message)


def _tell(texts: list[str], tell: Callable[[str], None]) -> None:
    for text in texts[:_MOST_TOLD]:
        tell(text)
    if len(texts) > _MOST_TOLD:
        tell(f"and {len(texts) - _MOST_TOLD} more changes")
