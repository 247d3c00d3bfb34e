"""The bytes of an address list in, mailboxes out (RFC 5322 3.4 and 4.4, and what programs really write)."""

import re
from dataclasses import dataclass, field

from gateway.mail.message import Address
from gateway.mail.words import decode_words, one_line

MAX_ADDRESSES = 200
_MAX_LENGTH = 64 * 1024
_MAX_COMMENT_DEPTH = 20

# Every repeat is possessive and every token is taken once, so the scan is linear.
_TOKEN = re.compile(
    rb"""(?P<word>=\?[^?\s]{0,80}+\?[bBqQ]\?[^?]{0,998}+\?=)
       | "(?P<quoted>(?:[^"\\]|\\.)*+)(?P<closed>"?)
       | <(?P<angle>(?:[^<>"]|"[^"<>]*+")*+)(?P<ended>>?)
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
#: Most mailboxes there are; only quicker than what is below, never different.
_SPEC = rb"[A-Za-z0-9][A-Za-z0-9._+=-]{0,63}+@(?:[A-Za-z0-9_-]{1,63}+\.){0,20}+[A-Za-z0-9_-]{1,63}+"
_PLAIN = re.compile(
    rb"""(?:(?P<name>[A-Za-z0-9][A-Za-z0-9 ._-]{0,98}+)|"(?P<quoted>[A-Za-z0-9][A-Za-z0-9 .,&()_-]{0,98}+)"[ ]*+)?+"""
    rb"<(?P<angle>" + _SPEC + rb")>|(?P<bare>" + _SPEC + rb")"
)
_QUOTE = 0x22
#: What people and programs put round an address, or before it.
_WRAPPING = re.compile(r"""[\s<>()\[\],;"']++""")
_SCHEMES = ("mailto:", "smtp:")
#: "Doe, John, Dr. <john@host>": so many names without address may belong to the one that follows.
_MOST_BEFORE = 2


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
    behind: list[tuple[bytes, bool]] = field(default_factory=list)
    comment: bytes = b""
    angle: bytes | None = None
    exact: bool = True


def parse_addresses(value: bytes, beside: str | None = None) -> Mailboxes:
    """Mailboxes of an address list; takes ";" for "," too. At most 200. Linear; never raises.

    `beside` is a charset used elsewhere in the mail, for names that are neither ASCII nor UTF-8 nor say what they are.
    """
    if plain := _PLAIN.fullmatch(value):
        name = plain["name"] or plain["quoted"] or b""
        address = (plain["angle"] or plain["bare"]).decode("ascii")
        return Mailboxes((Address(one_line(name.decode("ascii")), address),), exact=True)
    cut = len(value) > _MAX_LENGTH
    value = value[:_MAX_LENGTH]
    found: list[Address] = []
    # A NUL ends the address for some readers and not for others.
    exact = not cut and b"\0" not in value
    draft = _Draft()
    names = 0
    unclosed = False
    at = 0
    while at < len(value):
        if unclosed and value[at] == _QUOTE:
            at += 1
            continue
        token = _TOKEN.match(value, at)
        assert token
        at = token.end()
        kind = token.lastgroup or "text"
        kind = {"closed": "quoted", "ended": "angle"}.get(kind, kind)
        if kind == "quoted" and not token["closed"]:
            # No quote behind it closes either, so this is the only one that is looked for to the end.
            unclosed, draft.exact = True, False
            at = token.start() + 1
        elif kind == "special" and token["special"] == b"(":
            comment, at = _comment(value, at)
            draft.comment = draft.comment or _ESCAPE.sub(rb"\1", comment)
            draft.exact &= b"@" not in comment
        elif kind == "special" and token["special"] == b":" and _starts_group(draft):
            draft, exact, names = _Draft(), False, 0
        elif kind == "special" and token["special"] in b",;":
            exact &= _finish(draft, found, names, beside)
            names = names + 1 if token["special"] == b"," and found and not found[-1].address else 0
            draft = _Draft()
            if len(found) >= MAX_ADDRESSES:
                return Mailboxes(tuple(found[:MAX_ADDRESSES]), exact=False, cut=True)
        else:
            _take(draft, kind, token)
    exact &= _finish(draft, found, names, beside)
    return Mailboxes(tuple(found), exact and bool(found), cut)


def is_addr_spec(address: str) -> bool:
    """Whether `address` has the form local-part@domain, whatever its characters."""
    return len(address) <= 320 and bool(_ADDR_SPEC.fullmatch(address))


def find_addr_specs(text: str) -> tuple[str, ...]:
    """Every addr-spec in a text whose form is not known, without what stands round it. Linear."""
    return tuple(spec for token in _WRAPPING.split(text) if "@" in token and is_addr_spec(spec := _bared(token)))


def _take(draft: _Draft, kind: str, token: re.Match[bytes]) -> None:
    if kind == "angle":
        if draft.angle is not None and b"@" not in draft.angle and draft.angle.strip():
            draft.phrase.append((b"<" + draft.angle + b">", False))
            draft.angle = None
        if not draft.angle:
            draft.angle = token["angle"]
            draft.exact &= bool(token["ended"])
        else:
            draft.exact = False
        return
    if kind == "quoted":
        piece = (_ESCAPE.sub(rb"\1", token["quoted"]), True)
    elif kind == "blank":
        piece = (b" ", False)
    else:
        piece = (token[0], kind == "word")
    if draft.angle is not None and b"@" in draft.angle:
        # `<evil@x>real@bank`: some readers take the one, some the other.
        draft.exact &= kind == "blank"
        draft.behind.append(piece)
        return
    draft.exact &= kind == "blank" or draft.angle is None
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


def _uncommented(raw: bytes) -> bytes:
    """An addr-spec without the comments in it (RFC 5322 3.2.2); as it stands where none but comments are in it."""
    kept, depth = [], 0
    for token in _COMMENT_BYTES.finditer(raw):
        closes = token[0] == b")" and depth > 0
        depth += (token[0] == b"(") - closes
        if depth == 0 and not closes:
            kept.append(token[0])
    return b"".join(kept) if depth == 0 else raw


def _finish(draft: _Draft, found: list[Address], names: int, beside: str | None) -> bool:
    """Add what `draft` holds to `found`; tells whether it was beyond doubt. The last `names` of `found` are bare names."""
    joined = _phrase(draft.phrase)
    if draft.angle is None:
        if not joined:
            return not draft.comment
        return _finish_bare(draft, joined, found, beside)
    address, plain = _address(draft.angle)
    # What stands behind the address is a name only where none stands before it, and never another address.
    behind = _phrase(draft.behind).strip(b"> ")
    said = joined or (behind if b"@" not in behind else b"") or draft.comment
    name = decode_words(said, beside)
    if not address and (specs := find_addr_specs(name)):
        found.append(Address(_without(name, specs[0]), specs[0]))
        return False
    name = _unquoted(name)
    if names and "@" in address:
        # A name with a comma that lacks its quotes.
        first = len(found) - min(names, _MOST_BEFORE)
        name = ", ".join(part for part in (*(each.name for each in found[first:]), name) if part)
        del found[first:]
        name = _unquoted(name)
    found.append(Address(name, address))
    # In a name without quotes an address is no word of a name, and some readers take it for the sender's.
    bare = b"=?" in said or any(b"@" in piece for piece, quoted in draft.phrase if not quoted)
    hides = bare and any(spec.lower() != address.lower() for spec in find_addr_specs(name))
    return draft.exact and plain and not hides


def _finish_bare(draft: _Draft, joined: bytes, found: list[Address], beside: str | None) -> bool:
    """A mailbox without angle brackets: an addr-spec alone, or somewhere among other words, or a name alone."""
    words = _words(draft.phrase)
    read = [(n, *_address(spec.encode("latin-1"))) for n, (_, spec) in enumerate(words) if "@" in spec]
    good = [each for each in read if is_addr_spec(each[1])]
    if len(good) > 1 and len(good) == len(words):
        found += (Address("", address) for _, address, _ in good[:MAX_ADDRESSES])
        return False
    if good:
        at, address, plain = good[0]
        rest = " ".join(shown for n, (shown, _) in enumerate(words) if n != at).encode("latin-1")
        name = decode_words(rest or draft.comment, beside)
        if not name and not plain:
            name = _without(decode_words(joined, beside), address)
        found.append(Address(_unquoted(name), address))
        return draft.exact and plain and len(words) == 1
    text = decode_words(joined, beside)
    inside = find_addr_specs(text) or find_addr_specs(decode_words(draft.comment, beside))
    if inside:
        found.append(Address(_without(text, inside[0]), inside[0]))
    elif is_addr_spec(spaced := "".join(text.split())):
        found.append(Address(_unquoted(decode_words(draft.comment, beside)), spaced))
    elif read and not read[0][0]:
        found.append(Address(_unquoted(decode_words(draft.comment, beside)), read[0][1]))
    else:
        found.append(Address(_unquoted(text), ""))
    return False


def _phrase(pieces: list[tuple[bytes, bool]]) -> bytes:
    return b"".join(piece for piece, _ in pieces).strip()


def _words(phrase: list[tuple[bytes, bool]]) -> list[tuple[str, str]]:
    """What stands between blanks in a phrase: as a part of a name, and as an addr-spec, which keeps its quotes."""
    words: list[tuple[list[str], list[str]]] = []
    fresh = True
    for piece, quoted in phrase:
        text = piece.decode("latin-1")
        if not text.strip() and not quoted:
            fresh = True
            continue
        if fresh:
            words.append(([], []))
        fresh = False
        words[-1][0].append(text)
        words[-1][1].append(f'"{text}"' if quoted and not text.startswith("=?") and "@" not in text else text)
    return [("".join(shown), "".join(spec)) for shown, spec in words]


def _unquoted(name: str) -> str:
    name = name.strip()
    for _ in range(4):
        if len(name) < 2 or name[0] != name[-1] or name[0] not in "'\"":
            break
        name = name[1:-1].strip()
    return name


def _without(text: str, address: str) -> str:
    """The name that is left of `text` when its address is taken out."""
    return _unquoted(text.replace(address, "", 1).strip(" <>()[],;:"))


def _address(raw: bytes) -> tuple[str, bool]:
    """The addr-spec in `raw`, and whether it stood there plainly."""
    bare = _uncommented(raw) if b"(" in raw else raw
    text = decode_words(bare)
    encoded = b"=?" in raw and text.encode("utf-8", "replace") != raw.strip()
    routed = _ROUTE.match(text)
    if routed:
        text = text[routed.end() :]
    compact = "".join(text.split()) if '"' not in text else text.strip()
    address = _bared(compact)
    plain = is_addr_spec(address) and bare is raw and not encoded and not routed and address == compact.rstrip(".")
    # `<Ann a@x>` and `<a@x,b@y>`: with the blanks taken out, the first would be an address nobody has.
    if not plain or " " in text.strip():
        inside = find_addr_specs(text)
        if inside and inside[0] != address:
            return inside[0], False
    return address, plain


def _bared(address: str) -> str:
    address = address.strip("<>'[]" if not address.endswith("]") or "@[" not in address else "<>'").rstrip(".")
    for scheme in _SCHEMES:
        if address[: len(scheme)].lower() == scheme:
            return address[len(scheme) :]
    return address
