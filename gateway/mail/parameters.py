"""The bytes of Content-Type or Content-Disposition in, the value and its parameters out (RFC 2045 5.1, RFC 2231)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from gateway.mail import charsets
from gateway.mail.words import decode_words, one_line

_MAX_PARAMETERS = 50
_MAX_LENGTH = 8 * 1024
_VALUE = re.compile(rb"[\s;]*+([^\s;(]*+)")
_NAME = re.compile(rb"[\s;]*+([^\s;=]++)\s*+(?:=\s*+|(?=[\s;]|\Z))")
_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*+)(?:"|\Z)', re.DOTALL)
_BARE = re.compile(rb"[^;]*+")
_ESCAPED = re.compile(rb'\\(["\\])')
_EXTENDED = re.compile(r"([^*]++)(?:\*(\d{1,3}))?+(\*)?+")
#: These are names people give, so blanks and brackets belong to them even where the quotes were forgotten.
_FREE = ("name", "filename")


@dataclass(frozen=True, slots=True)
class Parametered:
    """`value` in lower case; `parameters` by their lower case names, the first of each name."""

    value: str
    parameters: dict[str, str]
    #: The parameter "boundary" as its bytes stand, since what delimits parts is compared byte by byte.
    boundary: bytes = b""


_NOTHING = Parametered("", {})


def parse_parameters(field: bytes | None) -> Parametered:
    """A missing field is one with an empty value. Reads 8 KiB and 50 parameters. Never raises."""
    if not field:
        return _NOTHING
    field = field[:_MAX_LENGTH]
    head = _VALUE.match(field)
    assert head
    # A field may lack its value and begin with a parameter.
    lacks_value = b"=" in head[1]
    pieces: dict[str, dict[int, tuple[bool, bytes]]] = {}
    for name, value in _raw_parameters(field, 0 if lacks_value else head.end()):
        parts = _EXTENDED.fullmatch(name)
        base, number, star = (parts[1], parts[2], parts[3]) if parts else (name, None, None)
        # A value in one extended piece goes before a plain one of the same name (RFC 2231 4: the better reader's).
        key = base + "*" if number or star else base
        pieces.setdefault(key, {}).setdefault(int(number or 0), (bool(star), value))
    found: dict[str, str] = {}
    for key, numbered in pieces.items():
        base = key.rstrip("*")
        if key == base and base + "*" in pieces:
            continue
        found.setdefault(base, _extended(numbered) if key != base else decode_words(numbered[0][1]))
    said = "" if lacks_value else head[1].decode("latin-1").strip("\"',").lower()
    return Parametered(said, found, _joined(pieces.get("boundary*") or pieces.get("boundary") or {})[0])


def _raw_parameters(field: bytes, at: int) -> Iterator[tuple[str, bytes]]:
    for _ in range(_MAX_PARAMETERS):
        named = _NAME.match(field, at)
        if not named:
            comment = field.find(b";", at)
            if comment < 0:
                return
            at = comment + 1
            continue
        name = named[1].decode("latin-1").lower()
        at = named.end()
        if not named[0].rstrip().endswith(b"="):
            continue
        if quoted := _QUOTED.match(field, at):
            # A backslash before anything else is a Windows path, not an escape.
            yield name, _ESCAPED.sub(rb"\1", quoted[1])
            at = quoted.end()
            continue
        bare = _BARE.match(field, at)
        assert bare
        at = bare.end()
        value = bare[0].strip()
        if name in _FREE and len(value) > 1 and value[:1] == value[-1:] == b"'":
            value = value[1:-1]
        yield name, value if name.startswith(_FREE) else (value.split(None, 1) or [b""])[0]


def _extended(numbered: dict[int, tuple[bool, bytes]]) -> str:
    joined, charset = _joined(numbered)
    if not charset and b"=?" in joined:
        return decode_words(joined)
    return one_line(charsets.decode(joined, charset))


def _joined(numbered: dict[int, tuple[bool, bytes]]) -> tuple[bytes, str]:
    """The pieces in the order of their numbers, and the charset that the first of them names (RFC 2231 4.1)."""
    charset = ""
    joined = b""
    first_coded = False
    for place, number in enumerate(sorted(numbered)):
        coded, value = numbered[number]
        if coded and place == 0 and value.count(b"'") >= 2:
            name, _, value = value.split(b"'", 2)
            charset = name.decode("latin-1")
            first_coded = True
        joined += unquote_to_bytes(value) if coded or (first_coded and b"%" in value) else value
    return joined, charset
