"""Raw mail and the names of relays whose word counts in, whether the author's domain was authenticated out (RFC 8601).

Nothing is verified here: the relay in front has done that and written it into Authentication-Results. Whether the mail
came from that relay at all is for the caller to know.
"""

import re
from collections.abc import Collection
from typing import Literal

from gateway.mail.fields import read_block

Authenticated = Literal["pass", "fail", "none"]

#: Bytes of one field; what relays write has a few hundred.
_LONGEST = 8192
#: Fields looked at from the top.
_MOST = 20

_WORD = r'(?:"(?:[^"\\]|\\.)*+"|[^\s;"()\\])++'
_SERVER = re.compile(rf"\s*+({_WORD})\s*+1?+\s*+")
_PAIR = re.compile(rf"\s*+([A-Za-z][A-Za-z0-9._-]*+(?:/[0-9]++)?+)\s*+=\s*+({_WORD})\s*+")

#: The words of one `resinfo`: method and result first, then properties, in order.
_Result = tuple[tuple[str, str], ...]


def authenticated(raw: bytes, from_address: str, *, authserv_ids: Collection[str]) -> Authenticated:
    """What the topmost Authentication-Results field of a configured authserv-id says about the domain in From.

    Relays put their fields on top of what they receive, so whatever a forger has written lies below; that a relay which
    writes none leaves a forged one in place is why RFC 8601 5 has it remove those that bear its own name. "pass": DMARC
    passed for this domain, or DKIM did for it or the domain above it and DMARC did not fail. "fail": DMARC failed. All
    else, what cannot be read included, is "none". Never raises, linear.
    """
    names = {name.casefold() for name in authserv_ids}
    domain = _domain(from_address)
    if not names or not domain:
        return "none"
    # Values as they stand: decoding encoded words first would let a sender's own address speak as the relay.
    for value in read_block(raw).all(b"authentication-results")[:_MOST]:
        field = _read(value)
        if field is None:
            return "none"
        server, results = field
        if server.casefold() in names:
            return _judge(results, domain)
    return "none"


def _judge(results: list[_Result], domain: str) -> Authenticated:
    passed = False
    for (name_of_method, result), *properties in results:
        method, _, version = name_of_method.partition("/")
        if version not in ("", "1"):
            continue
        if method == "dmarc":
            if result == "fail":
                return "fail"
            about = [value for name, value in properties if name == "header.from"]
            passed |= result == "pass" and len(about) == 1 and _is_below(domain, _domain(about[0]))
        elif method == "dkim" and result == "pass":
            # "header.i" is an address below "header.d" (RFC 6376 3.5), so it proves no less.
            signers = [_domain(value) for name, value in properties if name in ("header.d", "header.i")]
            passed |= bool(signers) and all(_is_below(domain, signer) for signer in signers)
    return "pass" if passed else "none"


def _domain(address: str) -> str:
    return address.rpartition("@")[2].strip().rstrip(".").casefold()


def _is_below(domain: str, other: str) -> bool:
    """Whether `domain` is `other` or below it; nobody speaks for a whole top-level domain."""
    return domain == other or ("." in other and domain.endswith(f".{other}"))


def _read(value: bytes) -> tuple[str, list[_Result]] | None:
    """The authserv-id and the results; None where the field does not parse. A result that does not is left out."""
    if len(value) > _LONGEST:
        return None
    segments = _segments(value.decode("utf-8", "replace"))
    if segments is None:
        return None
    server = _SERVER.fullmatch(segments[0])
    if server is None or "=" in server[1]:
        # Some relays leave the authserv-id out; then nobody knows whose word it is.
        return ("", []) if server is not None or _pairs(segments[0]) else None
    return _unquoted(server[1]), [pairs for each in segments[1:] if (pairs := _pairs(each))]


def _segments(text: str) -> list[str] | None:
    """What stands between semicolons, without comments (RFC 5322 3.2.2); None where a quote or a comment never ends."""
    segments, depth, quoted, at = [""], 0, False, 0
    kept: list[str] = []
    while at < len(text):
        mark = text[at]
        escaped = mark == "\\" and (quoted or depth)
        taken = text[at : at + 2] if escaped else mark
        at += len(taken)
        if depth:
            depth += (taken == "(") - (taken == ")")
        elif quoted:
            kept.append(taken)
            quoted = taken != '"'
        elif mark == "(":
            kept.append(" ")
            depth = 1
        elif mark == ";":
            segments[-1] = "".join(kept)
            segments.append("")
            kept = []
        else:
            kept.append(taken)
            quoted = mark == '"'
    segments[-1] = "".join(kept)
    return None if quoted or depth else segments


def _pairs(segment: str) -> _Result:
    """`name=value` words, names and the first value in lower case; empty where the segment holds anything else."""
    pairs: list[tuple[str, str]] = []
    at = 0
    while at < len(segment):
        found = _PAIR.match(segment, at)
        if found is None:
            return ()
        value = _unquoted(found[2])
        pairs.append((found[1].lower(), value if pairs else value.lower()))
        at = found.end()
    return tuple(pairs)


def _unquoted(word: str) -> str:
    """A word whose quoted parts are written out (RFC 5322 3.2.4)."""
    return re.sub(r'"((?:[^"\\]|\\.)*+)"', lambda quoted: re.sub(r"\\(.)", r"\1", quoted[1]), word)
