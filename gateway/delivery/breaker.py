"""Whether the desk answers, as the pushes and look-ups of this process have found it."""

import re
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable
from typing import Literal

from gateway import maillog

#: The first pause after a failure, and the longest (seconds).
_FIRST, _LONGEST = 0.25, 30.0
#: Answers kept; a doubt older than all of them settles from the oldest.
_REMEMBERED = 1000
#: After this many failed pushes in a row one push at a time finds out whether the next succeeds.
_CAREFUL = 5


#: Counts and seconds, which say nothing of the cause.
_DIGITS = re.compile("[0-9]+")


class DeskState:
    """Pushes wait after a failure until the desk has given a sign of life. `clock` gives seconds since the epoch."""

    def __init__(self, url: str, clock: Callable[[], float]) -> None:
        self._url = url
        self._clock = clock
        self._failures = 0
        #: The first good answer after each failure (seconds since the epoch), in order.
        self._answers: deque[float] = deque(maxlen=_REMEMBERED)
        self.answers = False
        #: What the log has said of the desk.
        self._shown: Literal["unknown", "up", "down"] = "unknown"
        self._cause = ""
        #: When to ask the desk for a sign of life (seconds since the epoch).
        self.probe_at = 0.0

    def answered(self) -> None:
        """The desk gave a good answer to something."""
        if not self.answers:
            self.answers = True
            self._answers.append(self._clock())
        if self._shown != "up":
            self._shown = "up"
            maillog.desk_up(url=self._url)

    def answered_after(self, moment: float) -> float:
        """The desk has just given a good answer to a question asked after `moment`: when it first did so."""
        self.answered()
        if self.first_answer_after(moment) is None:
            # `moment` may come from a node whose clock is ahead.
            insort(self._answers, max(moment, self._clock()))
        return self.first_answer_after(moment) or moment

    def first_answer_after(self, moment: float) -> float | None:
        """When the desk first gave a good answer after a doubt was noticed at `moment`; None while it has not.

        A doubt settles from then on: a desk that was away may still be working through what it was sent before. Later
        failures do not count, or a desk that loses every tenth answer would keep every doubt open for ever.
        """
        index = bisect_left(self._answers, moment)
        return self._answers[index] if index < len(self._answers) else None

    def accepted(self) -> None:
        """The desk took a push."""
        self.answered()
        self._failures = 0

    def failed(self, reason: str, *, retry_after: float | None = None, question: bool = False) -> None:
        """The desk could not be reached, or nobody knows what it did. `retry_after`: seconds it asked to be left alone.

        A `question` that fails, perhaps about one ticket only, makes pushes pause and not more careful.
        """
        now = self._clock()
        if not self.answers and now < self.probe_at:
            return  # pushes that were under way together fail together: that is one failure
        # One lost answer is no outage; a desk that gives no sign of life after it is. Another cause is told as well: a
        # desk that is back and refuses the login needs a person.
        cause = _DIGITS.sub("", reason)
        if self._shown != "down" and not (self._shown == "up" and self.answers):
            self._shown = "down"
            maillog.desk_down(url=self._url, reason=reason)
        elif self._shown == "down" and cause != self._cause:
            maillog.desk_down(url=self._url, reason=reason)
        self._cause = cause
        self._failures = max(self._failures, 1) if question else self._failures + 1
        self.answers = False
        self.probe_at = now + max(min(_FIRST * 2 ** min(self._failures - 1, 10), _LONGEST), retry_after or 0.0)

    def allowance(self, concurrency: int) -> int:
        """How many pushes may be under way at once."""
        if not self.answers:
            return 0
        return 1 if self._failures >= _CAREFUL else concurrency
