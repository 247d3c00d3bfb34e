"""The multiparts that are open and a place in the raw mail in, the next line that delimits one of them out (RFC 2046 5.1)."""

import re
from dataclasses import dataclass

#: Lines that begin like a delimiter and are none; behind more of them a pattern tells them apart.
_MAX_LOOK_ALIKES = 1000
_LINE_END = re.compile(rb"[ \t\r]*+(?:\n|\Z)")


@dataclass(slots=True)
class Open:
    """A multipart, by the number of its part, whose end has not been seen; `closed` once its last delimiter has."""

    part: int
    boundary: bytes
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Delimiter:
    """A delimiter line, from its two hyphens to behind its line break; `place` is its multipart's on the stack."""

    start: int
    end: int
    place: int
    closes: bool


class Delimiters:
    """The open multiparts of one mail, outermost first, and the search for their delimiters."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.stack: list[Open] = []
        self.look_alikes = 0
        #: What every delimiter line of the stack begins with; the lines themselves, innermost first.
        self.needle = b""
        self.marks: list[tuple[bytes, int, bool]] = []
        self.pattern: re.Pattern[bytes] | None = None

    def open(self, part: int, boundary: bytes) -> None:
        self.stack.append(Open(part, boundary))
        self._changed()

    def close_inside(self, place: int, *, closes: bool) -> None:
        """Drop what lies inside the multipart at `place`, whose delimiter was read; `closes` if it was its last."""
        del self.stack[place + 1 :]
        self.stack[place].closed = closes
        self._changed()

    def _changed(self) -> None:
        running = [n for n in range(len(self.stack) - 1, -1, -1) if not self.stack[n].closed]
        ended = [n for n in range(len(self.stack) - 1, -1, -1) if self.stack[n].closed]
        self.marks = [(b"--" + self.stack[n].boundary, n, not self.stack[n].closed) for n in (*running, *ended)]
        self.needle = b"\n" + _common_start([mark for mark, _, _ in self.marks])
        self.pattern = None

    def next(self, at: int) -> Delimiter | None:
        """The next delimiter line of the innermost multipart it can be of, since some programs use a boundary twice.

        Behind too many look-alikes they are passed over by a pattern, which costs no step in Python.
        """
        at = max(at - 1, 0)
        while self.look_alikes < _MAX_LOOK_ALIKES:
            at = self.raw.find(self.needle, at)
            if at < 0:
                return None
            if found := self._at(at + 1):
                return found
            self.look_alikes += 1
            at += 1
        if self.pattern is None:
            marks = (re.escape(mark) + (rb"(?:--)?" if running else b"") for mark, _, running in self.marks)
            self.pattern = re.compile(rb"\n(?:%b)[ \t\r]*+(?:\n|\Z)" % b"|".join(marks))
        line = self.pattern.search(self.raw, at)
        return self._at(line.start() + 1) if line else None

    def _at(self, at: int) -> Delimiter | None:
        for mark, place, running in self.marks:
            if not self.raw.startswith(mark, at):
                continue
            behind = at + len(mark)
            if running and self.raw.startswith(b"--", behind) and (end := _LINE_END.match(self.raw, behind + 2)):
                return Delimiter(at, end.end(), place, closes=True)
            if end := _LINE_END.match(self.raw, behind):
                return Delimiter(at, end.end(), place, closes=False)
        return None


def _common_start(marks: list[bytes]) -> bytes:
    first, last = min(marks), max(marks)
    same = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[:same]
