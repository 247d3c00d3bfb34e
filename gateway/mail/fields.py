"""A stretch of raw mail in, its header fields as bytes and the place where the body begins out (RFC 5322 2.2)."""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

#: Bytes of one header block that are looked at, and fields kept of it; what lies beyond stays in the raw mail.
MAX_BLOCK = 256 * 1024
MAX_FIELDS = 1000
#: Lines that are no fields, between two that are; more of them are a body.
_MAX_JUNK_LINES = 3
_MAX_JUNK_LINE = 998

# A name may hold no colon and no space, and may not look like a delimiter line, which ends a block that lacks its
# empty line. Possessive repeats: no byte is tried twice.
_FIELD = re.compile(rb"(?!--)([!-9;-~\x80-\xff]++)[ \t]*+:([^\n]*+(?:\n[ \t][^\n]*+)*+)(?:\n|\Z)")
#: A line break doubled on the way ("\r\r\n") ends a line like any other.
_EMPTY = re.compile(rb"\r*+\n")
_EMPTY_LINE = re.compile(rb"\n\r*+\n")
_FOLD = re.compile(rb"\r*+\n(?=[ \t])")
#: What may stand before the first field: a byte order mark, empty lines, the "From " line of an mbox.
_BEFORE = re.compile(rb"(?:\xef\xbb\xbf)?+(?:\r*+\n)*+(?:>?From (?![ \t]*+:)[^\n]*+\n)?+")
#: A field that programs write, as opposed to a line of prose with a colon.
_KNOWN_FIELD = re.compile(
    rb"(?:from|to|cc|bcc|subject|date|sender|reply-to|message-id|in-reply-to|references|mime-version|received"
    rb"|return-path|delivered-to|importance|priority|precedence|user-agent|errors-to|auto-submitted"
    rb"|(?:content|x|list|arc|resent|dkim|domainkey|authentication|original|thread|disposition)-[!-9;-~]++)[ \t]*+:",
    re.IGNORECASE,
)
_MBOX_LINE = re.compile(rb">?From (?![ \t]*+:)")
_NAMED_LINE = re.compile(rb"[^\n:]{1,60}:")
_NOT_ENDED = "The header block is not ended by an empty line."
_JUNK = "The header block holds a line that is no field."


class Field(NamedTuple):
    """One header field as it stands, `value` unfolded and stripped but not decoded."""

    name: bytes
    value: bytes

    def is_named(self, name: bytes) -> bool:
        return self.name.lower() == name


@dataclass(frozen=True, slots=True)
class Block:
    """The fields of a header block; `end` is where the body begins, behind the empty line."""

    fields: tuple[Field, ...]
    end: int
    defects: tuple[str, ...]
    #: A limit was reached: there are more fields than these.
    is_cut: bool = False

    @property
    def is_repaired(self) -> bool:
        """Whether there are fields behind a line that is none, where other readers see the body."""
        return _JUNK in self.defects

    _named: dict[bytes, tuple[bytes, ...]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        named: dict[bytes, list[bytes]] = {}
        for name, value in self.fields:
            named.setdefault(name.lower(), []).append(value)
        self._named.update((name, tuple(values)) for name, values in named.items())

    def all(self, name: bytes) -> tuple[bytes, ...]:
        """Values of every field called `name` (given in lower case), in order."""
        return self._named.get(name, ())

    def first(self, name: bytes) -> bytes | None:
        values = self._named.get(name)
        return values[0] if values else None


def read_block(raw: bytes, start: int = 0, end: int | None = None, *, top: bool = True) -> Block:
    """The header block at `start`. Linear; never raises.

    A line that is no field ends it, as Postfix reads it, unless fields that every program knows go on right behind it:
    then it is the rest of the field above, folded without its blank. `top` says that the block is a whole mail's, which
    may begin with empty lines or with the "From " line of an mbox.
    """
    end = len(raw) if end is None else end
    limit = min(end, start + MAX_BLOCK)
    fields: list[Field] = []
    defects: list[str] = []
    at = start
    if top and (before := _BEFORE.match(raw, at, limit)) and _FIELD.match(raw, before.end(), limit):
        at = before.end()
    while at < limit:
        found = _FIELD.match(raw, at, limit)
        if found:
            if len(fields) == MAX_FIELDS:
                said = f"The header block has more than {MAX_FIELDS} fields; the rest was not read."
                return _cut(fields, raw, at, end, [*defects, said])
            name, value = found.groups()
            fields.append(Field(name, (_FOLD.sub(b"", value) if b"\n" in value else value).strip()))
            at = found.end()
        elif empty := _EMPTY.match(raw, at, end):
            return Block(tuple(fields), empty.end(), tuple(defects))
        elif (goes_on := _behind_junk(raw, at, limit)) is not None:
            _add_junk(fields, raw[at:goes_on])
            defects = [_JUNK]
            at = goes_on
        else:
            return Block(tuple(fields), at, (*defects, _NOT_ENDED))
    if limit < end:
        said = f"The header block is larger than {MAX_BLOCK // 1024} KiB; the rest was not read."
        return _cut(fields, raw, limit, end, [*defects, said])
    return Block(tuple(fields), end, tuple(defects))


def _behind_junk(raw: bytes, at: int, limit: int) -> int | None:
    """Where the fields go on behind the lines at `at`, which are none."""
    for _ in range(_MAX_JUNK_LINES):
        if raw.startswith(b"--", at):
            return None
        newline = raw.find(b"\n", at, min(at + _MAX_JUNK_LINE, limit))
        if newline < 0:
            return None
        at = newline + 1
        if _KNOWN_FIELD.match(raw, at, limit):
            return at
        if _EMPTY.match(raw, at, limit):
            return None
    return None


def _add_junk(fields: list[Field], junk: bytes) -> None:
    for line in junk.splitlines():
        if fields and not _MBOX_LINE.match(line) and not _NAMED_LINE.match(line):
            fields[-1] = Field(fields[-1].name, fields[-1].value + b" " + line.strip())


def _cut(fields: list[Field], raw: bytes, at: int, end: int, defects: list[str]) -> Block:
    empty = _EMPTY_LINE.search(raw, at - 1 if at else 0, end)
    return Block(tuple(fields), empty.end() if empty else end, tuple(defects), is_cut=True)
