"""Raw mail in, its parts and the spans they lie in out (RFC 2045, RFC 2046 5.1). The spans tile the mail: joined in
order they are the raw bytes again, which is the proof that no byte is lost.

Delimiters are found by one search, open multiparts are a stack of at most 20; there is no recursion, and nothing is
decoded or copied. A message/rfc822 is a leaf. A plain text with uuencoded files in it is read as a multipart/mixed of
its pieces.
"""

import re
from dataclasses import dataclass
from typing import Literal

from gateway.mail.boundaries import opens_at_once, shown_boundary
from gateway.mail.delimiters import Delimiters
from gateway.mail.fields import Block, read_block
from gateway.mail.inlined import inlined_files
from gateway.mail.message import Encoding, Span
from gateway.mail.names import content_type_of
from gateway.mail.parameters import Parametered, parse_parameters
from gateway.mail.transfer import encoding_in_use

MAX_DEPTH = 20
MAX_PARTS = 500
_MAX_BOUNDARY = 256
_TYPE = re.compile(r"[!#$%&'*+.^_`{|}~0-9a-z-]{1,127}/[!#$%&'*+.^_`{|}~0-9a-z-]{1,127}")
OPAQUE = "application/octet-stream"
#: What programs write that forget the second half.
#: Without its other half, each of these still says that it is a file; else a type without it is a text (RFC 2045 5.2).
_FILE_TYPES = ("application", "image", "audio", "video", "font", "model")
_HALF_TYPES = {"text": "text/plain", "plain": "text/plain", "html": "text/html", "multipart": "multipart/mixed"}
_DEFECTS_OF_TYPES = {
    "message/partial": "The mail is a piece of a longer one that was sent in several.",
    "message/external-body": "A part only says where its content can be fetched; it was not.",
}

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
    #: Lower case type/subtype, "text/plain" where the part has no Content-Type, OPAQUE where it has a file's that does not parse.
    content_type: str
    parameters: dict[str, str]
    disposition: Parametered
    span: Span
    is_multipart: bool
    #: What lies beyond a limit and was not read.
    is_rest: bool = False

    @property
    def filename(self) -> str:
        return self.disposition.parameters.get("filename") or self.parameters.get("name") or ""


@dataclass(frozen=True, slots=True)
class Structure:
    """Parts in the order in which they begin; the first is the mail itself."""

    parts: tuple[Part, ...]
    tiles: tuple[Tile, ...]
    defects: tuple[str, ...]
    #: A limit was reached: the parts are not all there is in the mail.
    is_cut: bool = False


@dataclass(slots=True)
class _Draft:
    """A Part whose end has not been seen."""

    parent: int | None
    block: Block
    content_type: str
    parameters: dict[str, str]
    disposition: Parametered
    start: int
    boundary: bytes = b""
    end: int = -1
    encoding: Encoding = "identity"
    is_multipart: bool = False
    is_rest: bool = False


def split(raw: bytes) -> Structure:
    """Linear in `raw`; never raises."""
    structure = _Splitter(raw, b"").run()
    root = structure.parts[0]
    if len(structure.parts) > 1 or not _is_torn(raw, root):
        return structure
    boundary = shown_boundary(raw, root.block.end)
    return _Splitter(raw, boundary).run() if boundary else structure


def _is_torn(raw: bytes, root: Part) -> bool:
    """Whether a mail without parts should have some: its type says so, or is lost while its body says so."""
    said = root.block.first(b"content-type")
    if said is None:
        return root.block.first(b"mime-version") is not None and opens_at_once(raw, root.block.end)
    return said[:20].lower().lstrip(b"\"' ").startswith(b"multipart")


class _Splitter:
    def __init__(self, raw: bytes, boundary: bytes) -> None:
        self.raw = raw
        #: Taken for the mail's own, whatever its header says.
        self.shown = boundary
        self.parts: list[_Draft] = []
        self.tiles: list[Tile] = []
        self.defects: dict[str, None] = {}
        self.is_cut = False
        self.delimiters = Delimiters(raw)
        self.stack = self.delimiters.stack

    def run(self) -> Structure:
        at = self.open_part(0, None, "text/plain")
        while self.stack and (line := self.delimiters.next(at)):
            place = line.place
            if self.stack[place].closed:
                self.defects["A multipart goes on behind its end."] = None
            body_end = self.before_break(line.start, at)
            self.leave(at, body_end, place)
            self.tile("delimiter", body_end, line.end, self.stack[place].part)
            at = line.end
            self.delimiters.close_inside(place, closes=line.closes)
            if line.closes:
                continue
            if len(self.parts) >= MAX_PARTS:
                self.cut(f"The mail has more than {MAX_PARTS} parts; the rest is kept as one attachment.")
                self.open_rest(at)
                at = len(self.raw)
                break
            at = self.open_part(at, self.stack[place].part, self.default_type(place))
        self.leave(at, len(self.raw), -1)
        parts = self.ended()
        return Structure(parts, tuple(self.tiles), tuple(self.defects), self.is_cut)

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
        if block.defects:
            self.defects |= dict.fromkeys(block.defects)
            self.is_cut |= block.is_cut
        field = block.first(b"content-type")
        type_ = parse_parameters(field)
        disposition = parse_parameters(block.first(b"content-disposition"))
        content_type = type_.value if field is not None else default
        if not _TYPE.fullmatch(content_type):
            is_file = "name" in type_.parameters or "filename" in disposition.parameters
            is_file |= content_type.startswith(_FILE_TYPES) or "/" in content_type.strip("/")
            content_type = _HALF_TYPES.get(content_type, OPAQUE if is_file else default)
        draft = _Draft(parent, block, content_type, type_.parameters, disposition, block.end)
        if self.shown and parent is None:
            self.defects["A multipart has no boundary that can be used; it was guessed from its lines."] = None
            draft.boundary, draft.is_multipart = self.shown, True
            if not content_type.startswith("multipart/"):
                draft.content_type = "multipart/mixed"
        elif content_type.startswith("multipart/"):
            self.read_boundary(draft, type_.boundary)
        self.add(draft, at)
        if draft.is_multipart:
            self.delimiters.open(len(self.parts) - 1, draft.boundary)
        return block.end

    def read_boundary(self, draft: _Draft, boundary: bytes) -> None:
        boundary = boundary.rstrip()
        if not 0 < len(boundary) <= _MAX_BOUNDARY and draft.parent is not None:
            boundary = shown_boundary(self.raw, draft.start)
            if any(open_.boundary == boundary for open_ in self.stack):
                boundary = b""
        if not 0 < len(boundary) <= _MAX_BOUNDARY:
            self.defects["A multipart has no boundary that can be used."] = None
            draft.content_type = "text/plain"
        elif len(self.stack) >= MAX_DEPTH:
            self.cut(f"Parts are nested deeper than {MAX_DEPTH}; what lies deeper is kept as one attachment.")
            draft.content_type = OPAQUE
            draft.is_rest = True
        else:
            draft.boundary, draft.is_multipart = boundary, True

    def open_rest(self, at: int) -> None:
        """All that is left, as one part without a header."""
        rest = _Draft(self.stack[0].part, Block((), at, ()), OPAQUE, {}, Parametered("", {}), at, is_rest=True)
        rest.end = len(self.raw)
        self.add(rest, at)
        self.tile("body", at, len(self.raw), len(self.parts) - 1)
        self.stack.clear()

    def cut(self, defect: str) -> None:
        self.defects[defect] = None
        self.is_cut = True

    def add(self, draft: _Draft, at: int) -> None:
        self.parts.append(draft)
        self.tile("header", at, draft.block.end, len(self.parts) - 1)

    def leave(self, at: int, end: int, place: int) -> None:
        """Give the bytes since the last delimiter to the part they belong to; close what lies inside stack[place]."""
        last = self.parts[-1]
        if not last.is_multipart and last.end < 0:
            self.end_leaf(last, at, end)
        elif at < end:
            inner = self.stack[-1] if self.stack else None
            number = inner.part if inner else 0
            kind: TileKind = "epilogue" if inner is None or inner.closed else "preamble"
            self.tile(kind, at, end, number)
        for gone in self.stack[place + 1 :]:
            self.parts[gone.part].end = end
            if not gone.closed:
                self.defects["A multipart is not closed."] = None

    def end_leaf(self, leaf: _Draft, at: int, end: int) -> None:
        number = len(self.parts) - 1
        leaf.end = end
        if leaf.is_rest:
            self.tile("body", at, end, number)
            return
        self.read_encoding(leaf)
        if defect := _DEFECTS_OF_TYPES.get(leaf.content_type):
            self.defects[defect] = None
        if leaf.content_type != "text/plain" or leaf.encoding != "identity" or leaf.disposition.value == "attachment":
            self.tile("body", at, end, number)
            return
        for file in inlined_files(self.raw, at, end):
            if len(self.parts) + 3 > MAX_PARTS:
                self.cut(f"The mail has more than {MAX_PARTS} parts; the rest is kept as one attachment.")
                break
            if file.is_cut:
                self.defects["A uuencoded file is cut off."] = None
            self.add_piece(number, at, file.start, leaf.parameters)
            self.add_piece(number, file.start, file.end, {}, file.name)
            at = file.end
        if leaf.is_multipart:
            self.add_piece(number, at, end, leaf.parameters)
        else:
            self.tile("body", at, end, number)

    def add_piece(self, parent: int, at: int, end: int, parameters: dict[str, str], name: str = "") -> None:
        """The bytes from `at` to `end` as a part of `parent`, which becomes a multipart by that."""
        self.parts[parent].is_multipart, self.parts[parent].content_type = True, "multipart/mixed"
        if at == end:
            return
        piece = _Draft(parent, Block((), at, ()), "text/plain", parameters, Parametered("", {}), at, end=end)
        if name:
            piece.content_type, piece.encoding = content_type_of(name), "uuencode"
            piece.disposition = Parametered("attachment", {"filename": name})
        self.parts.append(piece)
        self.tile("body", at, end, len(self.parts) - 1)

    def read_encoding(self, leaf: _Draft) -> None:
        field = leaf.block.first(b"content-transfer-encoding")
        leaf.encoding, defect = encoding_in_use(self.raw, leaf.start, leaf.end, field, leaf.content_type)
        if defect:
            self.defects[defect] = None

    def default_type(self, place: int) -> str:
        # RFC 2046 5.1.5
        digest = self.parts[self.stack[place].part].content_type == "multipart/digest"
        return "message/rfc822" if digest else "text/plain"

    def ended(self) -> tuple[Part, ...]:
        """The parts, all with their ends; a multipart whose boundary never came is a text."""
        parents = {draft.parent for draft in self.parts}
        return tuple(self.part(number, draft, number in parents) for number, draft in enumerate(self.parts))

    def part(self, number: int, draft: _Draft, is_parent: bool) -> Part:
        if draft.end < 0:
            draft.end = max(len(self.raw), draft.start)
        if draft.is_multipart and not is_parent:
            self.defects["A multipart has no part."] = None
            draft.is_multipart, draft.content_type = False, "text/plain"
            self.read_encoding(draft)
        span = Span(draft.start, max(draft.end - draft.start, 0), draft.encoding)
        return Part(
            number,
            draft.parent,
            draft.block,
            draft.content_type,
            draft.parameters,
            draft.disposition,
            span,
            draft.is_multipart,
            draft.is_rest,
        )

    def tile(self, kind: TileKind, start: int, end: int, part: int) -> None:
        if start < end:
            self.tiles.append(Tile(kind, start, end - start, part))
