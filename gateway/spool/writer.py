"""Operations in, one commit for all that queued while the last one ran, then their results out."""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from gateway.spool.engine import failure, full
from gateway.spool.errors import SpoolError, SpoolUnavailable

Result = TypeVar("Result")
#: Operations in one commit. Beyond so many it would keep the first in it waiting; and on PostgreSQL an operation takes
#: locks that other nodes take too, in an order that holds within one operation only.
_LARGEST_GROUP = {"sqlite": 256, "postgresql": 1}


@dataclass(slots=True)
class _Operation(Generic[Result]):
    run: Callable[[sa.Connection], Result]
    future: "Future[Result]"


class Writer:
    """One thread that owns the only writing connection of this process.

    No timer delays a commit: a group is what came in during the commit before it. A future resolves after its commit
    has returned, never earlier.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._queue: queue.SimpleQueue[_Operation[Any] | None] = queue.SimpleQueue()
        self._closed = False
        #: Resolves with the error once a write or a sync has failed: the disk's state is unknown from then on, and
        #: the process must give the spool up and be started again.
        self.suspect: Future[SpoolError] = Future()
        self._thread = threading.Thread(target=self._loop, name="spool-writer", daemon=True)
        self._thread.start()

    def submit(self, run: Callable[[sa.Connection], Result]) -> "Future[Result]":
        """Run `run` inside a transaction of the writer's. Its errors come out of the future; nothing of it is kept then."""
        future: Future[Result] = Future()
        if self._closed:
            future.set_exception(SpoolUnavailable("the spool is closed"))
        else:
            self._queue.put(_Operation(run, future))
        return future

    def close(self) -> None:
        """Commit what has been submitted, then end the thread."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
        self._thread.join()

    def _loop(self) -> None:
        closing = False
        while not closing:
            group: list[_Operation[Any]] = []
            operation = self._queue.get()
            while operation is not None:
                # A caller may have lost interest while it queued; from here on it cannot.
                if operation.future.set_running_or_notify_cancel():
                    group.append(operation)
                if len(group) >= _LARGEST_GROUP[self._engine.dialect.name]:
                    break
                try:
                    operation = self._queue.get_nowait()
                except queue.Empty:
                    break
            closing = operation is None
            if group:
                self._commit(group)

    def _commit(self, group: list[_Operation[Any]], tries: int = 3) -> None:
        if self.suspect.done():
            for operation in group:
                operation.future.set_exception(self.suspect.result())
            return
        try:
            with self._engine.begin() as connection:
                results = [operation.run(connection) for operation in group]
        except BaseException as error:  # every waiting future must hear of it, whatever it was
            if self._grave(error):
                self._give_up(group, error)
            elif len(group) > 1:
                # One bad operation must not refuse the others: each alone, in its own transaction.
                for operation in group:
                    self._commit([operation])
            elif _collided(error) and tries > 1:
                self._commit(group, tries - 1)
            else:
                wrong = failure(error) if isinstance(error, sa.exc.SQLAlchemyError) else error
                group[0].future.set_exception(wrong)
            return
        for operation, result in zip(group, results, strict=True):
            operation.future.set_result(result)

    def _grave(self, error: BaseException) -> bool:
        # After a failed sync the kernel may have dropped the pages and report success the next time: only a new
        # process that reads the file anew may go on. A busy database, a full disk or a lost server is no such case.
        if self._engine.dialect.name != "sqlite" or not isinstance(error, sa.exc.OperationalError) or full(error):
            return False
        return not getattr(error.orig, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))

    def _give_up(self, group: list[_Operation[Any]], error: BaseException) -> None:
        unavailable = failure(error)
        self.suspect.set_result(unavailable)
        for operation in group:
            operation.future.set_exception(unavailable)


def _collided(error: BaseException) -> bool:
    """PostgreSQL ended the transaction because of another node's (class 40, deadlock or serialization): do it again."""
    state = getattr(getattr(error, "orig", None), "sqlstate", None) or ""
    return state.startswith("40")
