"""A plain text in, the uuencoded files that stand between its lines out (POSIX uuencode). Linear."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.mail import charsets
from gateway.mail.words import one_line

_MAX_TRIES = 1000
_BEGIN = re.compile(rb"begin [0-7]{3,4} ([^\r\n]{1,255}+)\r*+\n")
# No line of data holds a small letter, so that prose ends the data, and "begin" never stands in it.
# A pattern keeps notes of each repeat of a group, so the lines of a large file are matched some at a time.
_DATA = re.compile(rb"(?:[!-_][ -`]{1,90}+\r*+(?:\n|\Z)){1,1000}+")
_END = re.compile(rb"(?:[ \t`]*+\r*+\n){0,100}+end[ \t]*+\r*+(?:\n|\Z)")


@dataclass(frozen=True, slots=True)
class InlinedFile:
    """A file from its line "begin" to behind its line "end", or to the end of the text where that was cut off."""

    name: str
    start: int
    end: int
    is_cut: bool


def inlined_files(raw: bytes, start: int, end: int) -> Iterator[InlinedFile]:
    """The files in the text between `start` and `end`, in order; of a thousand lines that begin like one."""
    at = start
    for _ in range(_MAX_TRIES):
        at = raw.find(b"\nbegin ", max(at - 1, 0), end) + 1
        if not at:
            return
        file = _file_at(raw, at, end)
        if file:
            yield file
        at = file.end if file else at + 1


def _file_at(raw: bytes, at: int, end: int) -> InlinedFile | None:
    begin = _BEGIN.match(raw, at, end)
    data = _DATA.match(raw, begin.end(), end) if begin else None
    if not begin or not data or not _holds_its_length(data[0]):
        return None
    stop = data.end()
    while more := _DATA.match(raw, stop, end):
        stop = more.end()
    close = _END.match(raw, stop, end)
    if not close and stop < end:
        return None
    name = one_line(charsets.decode(begin[1]))
    return InlinedFile(name, at, close.end() if close else end, is_cut=close is None)


def _holds_its_length(data: bytes) -> bool:
    """Whether the first line is as long as its first character says; blanks at its end may be lost."""
    line = data.split(b"\n", 1)[0].rstrip(b"\r")
    wanted = 1 + (((line[0] - 32) & 63) + 2) // 3 * 4
    return wanted // 2 <= len(line) <= wanted + 2
