"""The body of a multipart whose boundary is missing or never comes in, the boundary its delimiter lines show out."""

import re

_WHERE = 64 * 1024
_MOST = 20
#: A delimiter line with the field of a part right behind it, and any line that could be one.
_BEFORE_FIELD = re.compile(
    rb"(?:\A|(?<=\n))--([^\s][^\r\n]{0,255}+)\r*+\n(?=content-[a-z-]++[ \t]*+:|mime-version[ \t]*+:)", re.IGNORECASE
)
_LINE = re.compile(rb"(?:\A|(?<=\n))--([^\s-][^\r\n]{0,255}+|-[^\r\n]{1,255}+)(?=\r*+\n)")


def shown_boundary(raw: bytes, start: int) -> bytes:
    """The boundary of the first line, within 64 KiB from `start`, that looks like a delimiter; b"" where none does."""
    stop = start + _WHERE
    if found := _BEFORE_FIELD.search(raw, start, stop):
        return found[1].rstrip()
    for count, line in enumerate(_LINE.finditer(raw, start, stop)):
        boundary = line[1].rstrip()
        # A part may lack its fields, but then the multipart must be closed.
        if boundary.strip(b"-") and raw.find(b"\n--" + boundary + b"--", line.end()) >= 0:
            return boundary
        if count == _MOST:
            break
    return b""


def opens_at_once(raw: bytes, start: int) -> bool:
    """Whether the body at `start` begins with the delimiter of a part that has fields, as no text does."""
    return bool(_AT_ONCE.match(raw, start))


_AT_ONCE = re.compile(
    rb"\s*+(?:this is a multi-?part message in mime format\.?+\s*+)?+"
    rb"--[^\s][^\r\n]{0,255}+\r*+\n(?:content-[a-z-]++[ \t]*+:|mime-version[ \t]*+:)",
    re.IGNORECASE,
)
