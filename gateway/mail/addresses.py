"""The bytes of an address list in, mailboxes out (RFC 5322 3.4 and 4.4, and what programs really write)."""

import re
from dataclasses import dataclass, field

from gateway.mail.message import Address
from gateway.mail.words import decode_words

MAX_ADDRESSES = 200
_MAX_LENGTH = 64 * 1024
_MAX_COMMENT_DEPTH = 20

# Every repeat is possessive and every token is taken once, so the scan is linear.
_TOKEN = re.compile(
    rb"""(?P<word>=\?[^?\s]{1,80}+\?[bBqQ]\?[^?\s]*+\?=)
       | "(?P<quoted>(?:[^"\\]|\\.)*+)(?:"|\Z)
       | <(?P<angle>(?:[^<>"]|"[^"<>]*+")*+)(?P<closed>>?)
       | (?P<literal>\[[^\]\s,;]{0,255}+\])
       | (?P<special>[(),;:])
       | (?P<blank>[\s\x00-\x1f]++)
       | (?P<text>[^\s\x00-\x1f"<(),;:=\[]++|.)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
_ROUTE = re.compile(r"(?:@[^,:@]*+,?)++:")
_ADDR_SPEC = re.compile(r'(?:"[^"<>]+"|[^\s"<>@,;:()\[\]\\]+)@(?:\[[^\s\[\]]+\]|[^\s"<>@,;:()\[\]\\]+)')
_COMMENT_BYTES = re.compile(rb"[^()\\]++|\\.|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Mailboxes:
    """The mailboxes of one or more fields. `exact` where each is one plain addr-spec that no reader could take for
    another: no groups, routes, second address, text behind the address, or address made by decoding (CVE-2023-27043).
    """

    addresses: tuple[Address, ...]
    exact: bool
    cut: bool = False


@dataclass(slots=True)
class _Draft:
    """One mailbox while it is read: pieces of the phrase, (bytes, is it quoted or encoded)."""

    phrase: list[tuple[bytes, bool]] = field(default_factory=list)
    comment: bytes = b""
    angle: bytes | None = None
    exact: bool = True


def parse_addresses(value: bytes) -> Mailboxes:
    """Mailboxes of an address list; takes ";" for "," too. At most 200. Linear; never raises."""
    cut = len(value) > _MAX_LENGTH
    value = value[:_MAX_LENGTH]
    found: list[Address] = []
    exact = not cut
    draft = _Draft()
    at = 0
    while at < len(value):
        token = _TOKEN.match(value, at)
        assert token
        at = token.end()
        kind = token.lastgroup if token.lastgroup != "closed" else "angle"
        if kind == "special" and token["special"] == b"(":
            comment, at = _comment(value, at)
            draft.comment = draft.comment or comment
        elif kind == "special" and token["special"] == b":" and _starts_group(draft):
            draft, exact = _Draft(), False
        elif kind == "special" and token["special"] in b",;":
            exact &= _finish(draft, found)
            draft = _Draft()
            if len(found) >= MAX_ADDRESSES:
                return Mailboxes(tuple(found), exact=False, cut=True)
        else:
            _take(draft, kind or "text", token)
    exact &= _finish(draft, found)
    return Mailboxes(tuple(found), exact and bool(found), cut)


def is_addr_spec(address: str) -> bool:
    """Whether `address` has the form local-part@domain, whatever its characters."""
    return len(address) <= 320 and bool(_ADDR_SPEC.fullmatch(address))


def _take(draft: _Draft, kind: str, token: re.Match[bytes]) -> None:
    if kind == "angle":
        if draft.angle is not None and b"@" not in draft.angle:
            draft.phrase.append((b"<" + draft.angle + b">", False))
            draft.angle = None
        if draft.angle is None:
            draft.angle = token["angle"]
            draft.exact &= bool(token["closed"])
        else:
            draft.exact = False
        return
    if kind == "quoted":
        piece = (_ESCAPE.sub(rb"\1", token["quoted"]), True)
    elif kind == "blank":
        piece = (b" ", False)
    else:
        piece = (token[0], kind == "word")
    if kind != "blank" and draft.angle is not None:
        # `<evil@x>real@bank`: some readers take the one, some the other.
        draft.exact = False
        if b"@" in draft.angle:
            return
    draft.phrase.append(piece)


def _starts_group(draft: _Draft) -> bool:
    return draft.angle is None and not any(b"@" in piece for piece, quoted in draft.phrase if not quoted)


def _comment(value: bytes, at: int) -> tuple[bytes, int]:
    """The comment whose "(" is before `at`, and where it ends; an open or too deep one ends at once."""
    depth, start = 1, at
    for token in _COMMENT_BYTES.finditer(value, at):
        depth += {b"(": 1, b")": -1}.get(token[0], 0)
        if depth == 0:
            return value[start : token.start()], token.end()
        if depth > _MAX_COMMENT_DEPTH:
            break
    # Nothing after an open bracket can be trusted to be a comment or not; take what stands before the next comma.
    comma = value.find(b",", at)
    stop = len(value) if comma < 0 else comma
    return value[start:stop], stop


def _finish(draft: _Draft, found: list[Address]) -> bool:
    """Add what `draft` holds to `found`; tells whether it was beyond doubt."""
    joined = b"".join(piece for piece, _ in draft.phrase).strip()
    if draft.angle is not None:
        address, plain = _address(draft.angle)
        name = decode_words(joined) or decode_words(draft.comment)
        found.append(Address(_unquoted(name), address))
        return draft.exact and plain
    if not joined:
        return not draft.comment
    words = _words(draft.phrase)
    at = next((n for n, (_, word) in enumerate(words) if "@" in word), None)
    if at is None:
        found.append(Address(_unquoted(decode_words(joined)), ""))
        return False
    address, plain = _address(words[at][1].encode("latin-1"))
    rest = " ".join(shown for n, (shown, _) in enumerate(words) if n != at).encode("latin-1")
    found.append(Address(_unquoted(decode_words(rest or draft.comment)), address))
    return draft.exact and plain and len(words) == 1


def _words(phrase: list[tuple[bytes, bool]]) -> list[tuple[str, str]]:
    """What stands between blanks in a phrase: as a part of a name, and as an addr-spec, which keeps its quotes."""
    words: list[tuple[str, str]] = []
    fresh = True
    for piece, quoted in phrase:
        text = piece.decode("latin-1")
        if not text.strip() and not quoted:
            fresh = True
            continue
        spec = f'"{text}"' if quoted and not text.startswith("=?") and "@" not in text else text
        if fresh:
            words.append(("", ""))
        fresh = False
        words[-1] = (words[-1][0] + text, words[-1][1] + spec)
    return words


def _unquoted(name: str) -> str:
    name = name.strip()
    while len(name) > 1 and name[0] == name[-1] and name[0] in "'\"":
        name = name[1:-1].strip()
    return name


def _address(raw: bytes) -> tuple[str, bool]:
    """The addr-spec in `raw`, and whether it stood there plainly."""
    text = decode_words(raw)
    encoded = b"=?" in raw and text.encode("utf-8", "replace") != raw.strip()
    routed = _ROUTE.match(text)
    if routed:
        text = text[routed.end() :]
    address = "".join(text.split()) if '"' not in text else text
    address = address.strip("<>'").rstrip(".")
    if address.lower().startswith("mailto:"):
        address = address[7:]
    return address, not encoded and not routed and is_addr_spec(address)
