"""Raw mail in, its parts and the spans they lie in out (RFC 2045, RFC 2046 5.1). The spans tile the mail: joined in
order they are the raw bytes again, which is the proof that no byte is lost.

Delimiters are found by one search, open multiparts are a stack of at most 20; there is no recursion, and nothing is
decoded or copied. A message/rfc822 is a leaf.
"""

import re
from dataclasses import dataclass, replace
from typing import Literal

from gateway.mail.decode import encoding_of
from gateway.mail.fields import Block, read_block
from gateway.mail.message import Span
from gateway.mail.parameters import Parametered, parse_parameters

MAX_DEPTH = 20
MAX_PARTS = 500
_MAX_BOUNDARY = 256
_TYPE = re.compile(r"[!#$%&'*+.^_`{|}~0-9a-z-]{1,127}/[!#$%&'*+.^_`{|}~0-9a-z-]{1,127}")
OPAQUE = "application/octet-stream"

TileKind = Literal["header", "body", "preamble", "delimiter", "epilogue"]


@dataclass(frozen=True, slots=True)
class Tile:
    """`length` bytes from `offset`; `part` is the number of the part they belong to."""

    kind: TileKind
    offset: int
    length: int
    part: int


@dataclass(frozen=True, slots=True)
class Part:
    """One part, leaf or multipart. `span` is its body; a multipart's reaches from preamble to epilogue."""

    number: int
    #: Number of the multipart it stands in; None for the mail itself.
    parent: int | None
    block: Block
    #: Lower case type/subtype, "text/plain" where the part has no Content-Type, OPAQUE where it has none that parses.
    content_type: str
    parameters: dict[str, str]
    disposition: Parametered
    span: Span
    is_multipart: bool

    @property
    def filename(self) -> str:
        return self.disposition.parameters.get("filename") or self.parameters.get("name") or ""


@dataclass(frozen=True, slots=True)
class Structure:
    """Parts in the order in which they begin; the first is the mail itself."""

    parts: tuple[Part, ...]
    tiles: tuple[Tile, ...]
    defects: tuple[str, ...]


@dataclass(slots=True)
class _Open:
    """A multipart whose end has not been seen."""

    part: int
    boundary: bytes
    closed: bool = False


def split(raw: bytes) -> Structure:
    """Linear in `raw`; never raises."""
    return _Splitter(raw).run()


class _Splitter:
    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.parts: list[Part] = []
        self.ends: list[int] = []
        self.tiles: list[Tile] = []
        self.defects: dict[str, None] = {}
        self.stack: list[_Open] = []

    def run(self) -> Structure:
        at = self.open_part(0, None, "text/plain")
        while self.stack and (line := self.delimiter().search(self.raw, max(at - 1, 0))):
            start, line_end = line.start(1), line.end()
            place, closes = self.place_of(line), line[3] is not None
            if self.stack[place].closed:
                self.defects["A multipart goes on behind its end."] = None
            body_end = self.before_break(start, at)
            self.leave(at, body_end, place)
            self.tile("delimiter", body_end, line_end, self.stack[place].part)
            at = line_end
            self.stack[place].closed = closes
            if closes:
                continue
            if len(self.parts) >= MAX_PARTS:
                self.defects[f"The mail has more than {MAX_PARTS} parts; the rest is kept as one attachment."] = None
                self.open_rest(at)
                at = len(self.raw)
                break
            at = self.open_part(at, self.stack[place].part, self.default_type(place))
        self.leave(at, len(self.raw), -1)
        parents = {part.parent for part in self.parts}
        parts = tuple(self.ended(part, parents) for part in self.parts)
        return Structure(parts, tuple(self.tiles), tuple(self.defects))

    def delimiter(self) -> re.Pattern[bytes]:
        """A line that delimits one of the open multiparts; a pattern, so that look-alikes cost no step in Python."""
        running, ended = (
            b"|".join(re.escape(open_.boundary) for open_ in self.stack if open_.closed is closed) or b"(?!)"
            for closed in (False, True)
        )
        return re.compile(rb"(?:\A|\n)(--(?:(%b)(--)?|(%b))[ \t\r]*+(?:\n|\Z))" % (running, ended))

    def place_of(self, line: re.Match[bytes]) -> int:
        """Which open multipart the line delimits: the innermost, since some programs use one boundary twice."""
        boundary, closed = (line[2], False) if line[4] is None else (line[4], True)
        places = range(len(self.stack) - 1, -1, -1)
        return next(n for n in places if self.stack[n].boundary == boundary and self.stack[n].closed is closed)

    def before_break(self, start: int, at: int) -> int:
        """The line break before a delimiter belongs to it (RFC 2046 5.1.1)."""
        if start > at and self.raw[start - 1 : start] == b"\n":
            start -= 1
            if start > at and self.raw[start - 1 : start] == b"\r":
                start -= 1
        return start

    def open_part(self, at: int, parent: int | None, default: str) -> int:
        """Read the header of the part that begins at `at`; its body begins at what is returned."""
        block = read_block(self.raw, at, top=parent is None)
        self.defects |= dict.fromkeys(block.defects)
        type_ = parse_parameters(block.first(b"content-type"))
        content_type = type_.value if block.first(b"content-type") is not None else default
        if not _TYPE.fullmatch(content_type):
            content_type = {"": default, "text": "text/plain"}.get(content_type, OPAQUE)
        boundary = type_.parameters.get("boundary", "").encode("utf-8", "replace").rstrip()
        is_multipart = content_type.startswith("multipart/")
        if is_multipart and not 0 < len(boundary) <= _MAX_BOUNDARY:
            self.defects["A multipart has no boundary that can be used."] = None
            is_multipart = False
            content_type = "text/plain"
        if is_multipart and len(self.stack) >= MAX_DEPTH:
            self.defects[f"Parts are nested deeper than {MAX_DEPTH}; what lies deeper is kept as one attachment."] = (
                None
            )
            is_multipart = False
            content_type = OPAQUE
        self.add(parent, at, block, content_type, type_.parameters, is_multipart=is_multipart)
        if is_multipart:
            self.stack.append(_Open(len(self.parts) - 1, boundary))
        return block.end

    def open_rest(self, at: int) -> None:
        """All that is left, as one part without a header."""
        parent = self.stack[0].part
        self.add(parent, at, Block((), at, ()), OPAQUE, {}, is_multipart=False)
        self.ends[-1] = len(self.raw)
        self.tile("body", at, len(self.raw), len(self.parts) - 1)
        self.stack.clear()

    def add(
        self,
        parent: int | None,
        at: int,
        block: Block,
        content_type: str,
        parameters: dict[str, str],
        *,
        is_multipart: bool,
    ) -> None:
        encoding = "identity" if is_multipart else encoding_of(block.first(b"content-transfer-encoding"))
        disposition = parse_parameters(block.first(b"content-disposition"))
        number = len(self.parts)
        span = Span(block.end, 0, encoding)
        self.parts.append(Part(number, parent, block, content_type, parameters, disposition, span, is_multipart))
        self.ends.append(-1)
        self.tile("header", at, block.end, number)

    def leave(self, at: int, end: int, place: int) -> None:
        """Give the bytes since the last delimiter to the part they belong to; close what lies inside stack[place]."""
        if not self.parts[-1].is_multipart and self.ends[-1] < 0:
            self.ends[-1] = end
            self.tile("body", at, end, len(self.parts) - 1)
        elif at < end:
            inner = self.stack[-1] if self.stack else None
            number = inner.part if inner else 0
            kind: TileKind = "epilogue" if inner is None or inner.closed else "preamble"
            self.tile(kind, at, end, number)
        for gone in self.stack[place + 1 :]:
            self.ends[gone.part] = end
            if not gone.closed:
                self.defects["A multipart is not closed."] = None
        del self.stack[place + 1 :]

    def default_type(self, place: int) -> str:
        # RFC 2046 5.1.5
        digest = self.parts[self.stack[place].part].content_type == "multipart/digest"
        return "message/rfc822" if digest else "text/plain"

    def ended(self, part: Part, parents: set[int | None]) -> Part:
        """`part` with the length of its body; a multipart whose boundary never came is a text."""
        end = self.ends[part.number]
        length = max((len(self.raw) if end < 0 else end) - part.span.offset, 0)
        part = replace(part, span=replace(part.span, length=length))
        if not part.is_multipart or part.number in parents:
            return part
        self.defects["A multipart has no part."] = None
        encoding = encoding_of(part.block.first(b"content-transfer-encoding"))
        return replace(part, is_multipart=False, content_type="text/plain", span=replace(part.span, encoding=encoding))

    def tile(self, kind: TileKind, start: int, end: int, part: int) -> None:
        if start < end:
            self.tiles.append(Tile(kind, start, end - start, part))
