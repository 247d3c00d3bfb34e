"""The bytes of a text in UTF-7 in, str out (RFC 2152). Lenient, linear, and never Python's codec for it."""

import re

import pybase64

# Behind "+" comes base64 of UTF-16BE; a minus that ends it is swallowed, any other character ends it as well.
_SHIFTED = re.compile(rb"\+([A-Za-z0-9+/]*+)(-?)")


def decode_utf7(data: bytes) -> str:
    """What is no valid shift stays as it stands; half a surrogate pair becomes U+FFFD."""
    out: list[str] = []
    at = 0
    for found in _SHIFTED.finditer(data):
        out.append(data[at : found.start()].decode("latin-1"))
        out.append(_unshifted(found))
        at = found.end()
    out.append(data[at:].decode("latin-1"))
    return "".join(out)


def _unshifted(found: re.Match[bytes]) -> str:
    digits = found[1]
    if not digits:
        return "+" if found[2] else found[0].decode("ascii")
    # Six bits a digit: what is left over after the last whole unit of sixteen is padding.
    units = len(digits) * 6 // 16
    if not units:
        return found[0].decode("ascii")
    padded = digits + b"A" * (-len(digits) % 4)
    return pybase64.b64decode(padded)[: units * 2].decode("utf-16-be", "replace")
