"""A stretch of raw mail in, its header fields as bytes and the place where the body begins out (RFC 5322 2.2)."""

import re
from dataclasses import dataclass

#: Bytes of one header block that are looked at, and fields kept of it; what lies beyond stays in the raw mail.
MAX_BLOCK = 256 * 1024
MAX_FIELDS = 1000

# A name may hold no colon and no space, and may not look like a delimiter line, which ends a block that lacks its
# empty line. Possessive repeats: no byte is tried twice.
_FIELD = re.compile(rb"(?!--)([!-9;-~\x80-\xff]++)[ \t]*+:([^\n]*+(?:\n[ \t][^\n]*+)*+)(?:\n|\Z)")
_EMPTY_LINE = re.compile(rb"\n\r?\n")
_FOLD = re.compile(rb"\r?\n(?=[ \t])")
_MBOX_LINE = re.compile(rb">?From [^\n]*+\n")


@dataclass(frozen=True, slots=True)
class Field:
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

    def all(self, name: bytes) -> tuple[bytes, ...]:
        """Values of every field called `name` (given in lower case), in order."""
        return tuple(field.value for field in self.fields if field.is_named(name))

    def first(self, name: bytes) -> bytes | None:
        return next((field.value for field in self.fields if field.is_named(name)), None)


def read_block(raw: bytes, start: int = 0, end: int | None = None, *, top: bool = True) -> Block:
    """The header block at `start`. A line that is no field ends it, as Postfix reads it. Linear; never raises.

    `top` says that the block is a whole mail's, which may begin with the "From " line of an mbox.
    """
    end = len(raw) if end is None else end
    limit = min(end, start + MAX_BLOCK)
    fields: list[Field] = []
    at = start
    if top and (line := _MBOX_LINE.match(raw, at, limit)):
        at = line.end()
    while at < limit:
        if raw.startswith((b"\n", b"\r\n"), at, end):
            return Block(tuple(fields), raw.index(b"\n", at) + 1, ())
        found = _FIELD.match(raw, at, limit)
        if not found:
            return Block(tuple(fields), at, ("The header block is not ended by an empty line.",))
        if len(fields) == MAX_FIELDS:
            return _cut(
                fields, raw, at, end, f"The header block has more than {MAX_FIELDS} fields; the rest was not read."
            )
        fields.append(Field(found[1], _FOLD.sub(b"", found[2]).strip()))
        at = found.end()
    if limit < end:
        said = f"The header block is larger than {MAX_BLOCK // 1024} KiB; the rest was not read."
        return _cut(fields, raw, limit, end, said)
    return Block(tuple(fields), end, ())


def _cut(fields: list[Field], raw: bytes, at: int, end: int, defect: str) -> Block:
    empty = _EMPTY_LINE.search(raw, at - 1 if at else 0, end)
    return Block(tuple(fields), empty.end() if empty else end, (defect,))
