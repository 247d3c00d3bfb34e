"""The bytes of an unstructured header value in, text out: encoded words (RFC 2047) and raw 8-bit text. Linear."""

import binascii
import re
from collections.abc import Iterator

from gateway.mail import charsets
from gateway.mail.decode import base64

_START = re.compile(rb"=\?([!->@-~]{1,80})\?([bBqQ])\?")
_SPACE = re.compile(r"[\s\x00-\x1f\x7f]+")


def decode_words(value: bytes) -> str:
    """Text on one line. Words that follow each other in one charset are joined before they are decoded, since many
    programs cut in the middle of a character; RFC 2231 5 lets a language follow the charset.
    """
    if b"=?" not in value:
        return one_line(charsets.decode(value))
    plain_codec = _codec_of_rest(value)
    out: list[str] = []
    open_charset, held = "", b""
    for charset, data in _pieces(value):
        if charset is None:
            if held and not data.strip():
                continue
            out += charsets.decode(held, open_charset) if held else "", data.decode(plain_codec, "replace")
            held = b""
        elif held and charset == open_charset:
            held += data
        else:
            out.append(charsets.decode(held, open_charset) if held else "")
            open_charset, held = charset, data
    out.append(charsets.decode(held, open_charset) if held else "")
    return one_line("".join(out))


def one_line(text: str) -> str:
    """`text` with every run of white space and control characters as one space, none at its ends."""
    return _SPACE.sub(" ", text).strip()


def _codec_of_rest(value: bytes) -> str:
    try:
        value.decode()
    except UnicodeDecodeError:
        return charsets.guess(value) or "cp1252"
    return "utf-8"


def _pieces(value: bytes) -> Iterator[tuple[str | None, bytes]]:
    """(charset, bytes) of each encoded word, (None, bytes) of what stands between them."""
    at = 0
    end = -1
    for found in _START.finditer(value):
        if found.start() < at:
            continue
        # The end is looked for only once for all words before it, else many starts without one cost their square.
        end = end if end >= found.end() else value.find(b"?=", found.end())
        if end < 0:
            break
        if found.start() > at:
            yield None, value[at : found.start()]
        charset = found[1].decode("ascii").partition("*")[0].lower()
        text = value[found.end() : end]
        yield charset, base64(text) if found[2] in b"bB" else binascii.a2b_qp(text, header=True)
        at = end + 2
    if at < len(value):
        yield None, value[at:]
