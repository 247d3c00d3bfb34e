"""Authentication-Results and ARC fields in, what each relay says it found out (RFC 8601, RFC 8617).

They are words like any other: whose relay wrote them, and whether the mail came from it, is for the caller to know.
"""

import re
from dataclasses import dataclass

from gateway.mail.fields import Block

#: Bytes of one field; what relays write has a few hundred.
_LONGEST = 8192
#: RFC 8617 4.2.1: no chain is longer.
_MOST_SETS = 50

_WORD = r'(?:"(?:[^"\\]|\\.)*+"|[^\s;"()\\])++'
_SERVER = re.compile(rf"\s*+({_WORD})\s*+1?+\s*+")
_PAIR = re.compile(rf"\s*+([A-Za-z][A-Za-z0-9._-]*+(?:/[0-9]++)?+)\s*+=\s*+({_WORD})\s*+")
_INSTANCE = re.compile(r"\s*+i\s*+=\s*+([0-9]{1,2})\s*+;")
# Quoted strings whole, since what stands in them divides nothing.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+("?)|\\.|[^"\\;()]++|.', re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"')
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one method: `method`, `result` and the properties' names in lower case ("header.from")."""

    method: str
    result: str
    properties: tuple[tuple[str, str], ...]

    def all(self, *names: str) -> list[str]:
        return [value for name, value in self.properties if name in names]


@dataclass(frozen=True, slots=True)
class AuthenticationResults:
    """One field. `authserv_id` is "" where the relay does not say who it is."""

    authserv_id: str
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class ArcSet:
    """What one relay on the way found and sealed, RFC 8617 4.1; `chain` is its cv: none, pass or fail, "" where it lacks."""

    instance: int
    results: AuthenticationResults | None
    sealer: str
    chain: str


def read_results(value: bytes) -> AuthenticationResults | None:
    """None where the field does not parse. A result that does not, or of a version that is not 1, is left out."""
    return _read(value.decode("utf-8", "replace")) if len(value) <= _LONGEST else None


def read_arc(block: Block) -> tuple[ArcSet, ...]:
    """The sets of an ARC chain, the first relay's first. An instance that is there twice counts with its upper field."""
    found: dict[int, AuthenticationResults | None] = {}
    for value in block.all(b"arc-authentication-results")[:_MOST_SETS]:
        text = value[:_LONGEST].decode("utf-8", "replace")
        if instance := _INSTANCE.match(text):
            found.setdefault(int(instance[1]), _read(text[instance.end() :]))
    seals: dict[int, dict[str, str]] = {}
    for value in block.all(b"arc-seal")[:_MOST_SETS]:
        tags = _tags(value[:_LONGEST].decode("utf-8", "replace"))
        if (number := tags.get("i", "")).isdecimal() and len(number) < 3:
            seals.setdefault(int(number), tags)
    return tuple(
        ArcSet(
            instance,
            found.get(instance),
            seals.get(instance, {}).get("d", "").lower(),
            seals.get(instance, {}).get("cv", "").lower(),
        )
        for instance in sorted({*found, *seals})
    )


def _tags(text: str) -> dict[str, str]:
    """RFC 6376 3.2: `tag=value` between semicolons, blanks within values taken out."""
    pairs = (piece.partition("=") for piece in text.split(";"))
    return {name.strip().lower(): "".join(value.split()) for name, _, value in pairs}


def _read(text: str) -> AuthenticationResults | None:
    segments = _segments(text)
    if segments is None:
        return None
    server = _SERVER.fullmatch(segments[0])
    if server is None or "=" in server[1]:
        # Some relays leave the authserv-id out; then nobody knows whose word it is.
        return AuthenticationResults("", ()) if server is not None or _pairs(segments[0]) else None
    results = (_result(_pairs(segment)) for segment in segments[1:])
    return AuthenticationResults(_unquoted(server[1]), tuple(result for result in results if result))


def _segments(text: str) -> list[str] | None:
    """What stands between semicolons, without comments (RFC 5322 3.2.2); None where a quote or a comment never ends."""
    segments: list[str] = []
    kept: list[str] = []
    depth = at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        assert token
        mark = token[0]
        # In a comment a quote is a character like any other, and outside of both a backslash is.
        if mark[0] == ('"' if depth else "\\"):
            mark = mark[0]
        at += len(mark)
        if depth:
            depth += (mark == "(") - (mark == ")")
        elif mark == "(":
            kept.append(" ")
            depth = 1
        elif mark == ";":
            segments.append("".join(kept))
            kept = []
        elif mark[0] == '"' and not token[1]:
            return None
        else:
            kept.append(mark)
    segments.append("".join(kept))
    return None if depth else segments


def _pairs(segment: str) -> list[tuple[str, str]]:
    """`name=value` words, names and the first value in lower case; empty where the segment holds anything else."""
    pairs: list[tuple[str, str]] = []
    at = 0
    while at < len(segment):
        found = _PAIR.match(segment, at)
        if found is None:
            return []
        value = _unquoted(found[2])
        pairs.append((found[1].lower(), value if pairs else value.lower()))
        at = found.end()
    return pairs


def _result(pairs: list[tuple[str, str]]) -> Result | None:
    if not pairs:
        return None
    (named, result), *properties = pairs
    method, _, version = named.partition("/")
    return Result(method, result, tuple(properties)) if version in ("", "1") else None


def _unquoted(word: str) -> str:
    """A word whose quoted parts are written out (RFC 5322 3.2.4)."""
    return _QUOTED.sub(lambda quoted: _ESCAPED.sub(r"\1", quoted[1]), word)
