"""Bytes of Japanese text that shifts its sets by escape sequences in, str out (RFC 1468, and what Windows makes of it).

Python's codecs for it stop at the characters that Windows added: the figures in circles, the sign for a company, and some
letters of names. Windows' own code page has them, and holds the rest of JIS X 0208 in the same order.
"""

import re
from io import StringIO
from itertools import chain

_SHIFT = re.compile(rb"\x1b(?:\(([BJIH])|\$([@B])|\$\(([@BD]))")
_PAIRS = re.compile(rb"[!-~]{2}")


def decode_jis(data: bytes) -> str:
    """Never raises, linear; a character that nobody knows becomes U+FFFD."""
    # A list of a million short runs takes many times the memory of their text.
    out = StringIO()
    at = 0
    kind = b"B"
    double = False
    for found in chain(_SHIFT.finditer(data), (None,)):
        stop = len(data) if found is None else found.start()
        out.write(_run(data[at:stop], kind, double=double))
        if found is not None:
            at = found.end()
            double = found[1] is None
            kind = found[1] or found[2] or found[3]
    return out.getvalue()


def _run(data: bytes, kind: bytes, *, double: bool) -> str:
    """Text in one set: `double` for two bytes a character."""
    if double and kind == b"D":
        return _PAIRS.sub(lambda pair: b"\x8f" + bytes(byte | 0x80 for byte in pair[0]), data).decode(
            "euc-jp", "replace"
        )
    if double:
        return _PAIRS.sub(lambda pair: _in_windows(*pair[0]), data).decode("cp932", "replace")
    if kind == b"I":
        return bytes(byte | 0x80 if 0x21 <= byte <= 0x5F else byte for byte in data).decode("cp932", "replace")
    return data.decode("ascii", "replace")


def _in_windows(row: int, cell: int) -> bytes:
    """Two bytes of JIS X 0208 as Shift_JIS has them: two rows share a first byte."""
    first = (row + 1) // 2 + (0x70 if row <= 0x5E else 0xB0)
    if row % 2 == 0:
        return bytes((first, cell + 0x7E))
    return bytes((first, cell + (0x1F if cell <= 0x5F else 0x20)))
