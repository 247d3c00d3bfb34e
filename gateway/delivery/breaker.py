"""Whether the desk answers, as the pushes and look-ups of this process have found it."""

from collections.abc import Callable

from gateway import maillog

#: The first pause after a failure, and the longest (seconds).
_FIRST, _LONGEST = 0.25, 30.0
#: After this many failed pushes in a row one push at a time finds out whether the next succeeds.
_CAREFUL = 5


class DeskState:
    """Pushes wait while `since` is None.

    `since` is when the desk first answered after its last failure (seconds since the epoch): a doubt settles only from
    then on, for a desk that was away may still be working through what it was sent before. `clock` gives such seconds.
    """

    def __init__(self, url: str, clock: Callable[[], float]) -> None:
        self._url = url
        self._clock = clock
        self._failures = 0
        self.since: float | None = None
        #: When to ask the desk for a sign of life (seconds since the epoch).
        self.probe_at = 0.0

    def answered(self) -> None:
        """The desk gave a good answer to something."""
        if self.since is None:
            self.since = self._clock()

    def accepted(self) -> None:
        """The desk took a push."""
        self.answered()
        self._failures = 0

    def failed(self, reason: str) -> None:
        """The desk could not be reached, or nobody knows what it did."""
        if self._failures == 0:
            maillog.desk_down(url=self._url, reason=reason)
        self._failures += 1
        self.since = None
        self.probe_at = self._clock() + min(_FIRST * 2 ** min(self._failures - 1, 10), _LONGEST)

    def allowance(self, concurrency: int) -> int:
        """How many pushes may be under way at once."""
        if self.since is None:
            return 0
        return 1 if self._failures >= _CAREFUL else concurrency
