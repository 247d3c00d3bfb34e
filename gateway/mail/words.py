"""The bytes of an unstructured header value in, text out: encoded words (RFC 2047) and raw 8-bit text. Linear."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from gateway.mail import charsets
from gateway.mail.decode import base64

_START = re.compile(rb"=\?([!->@-~]{0,80})\?([bBqQ])\?")
_SPACE = re.compile(r"[\s\x00-\x1f\x7f]+")
#: What is never seen, but turns round or splits what is: marks of direction, joiners of width zero, tags, soft hyphens.
_UNSEEN = re.compile("[\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")
# These two belong to the spelling of Persian and of Indian languages, and to emoji; beside ASCII they only hide.
_JOINERS = re.compile("(?<![^\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f])")


def decode_words(value: bytes, beside: str | None = None) -> str:
    """Text on one line. Words that follow each other in one charset are joined before they are decoded, since many
    programs cut in the middle of a character; RFC 2231 5 lets a language follow the charset. `beside` is a charset used
    elsewhere in the mail, for bytes that name none.
    """
    if b"=?" not in value:
        # Most fields are of this kind; none that is printable has an escape sequence or a NUL.
        text = value.decode("ascii") if value.isascii() else ""
        return one_line(text if text and text.isprintable() else charsets.decode(value, None, beside))
    pieces = list(_pieces(value))
    plain = b"".join(piece.data for piece in pieces if piece.charset is None)
    codec = "ascii" if plain.isascii() and b"\x1b" not in plain else charsets.codec_of_raw(plain, beside)
    out: list[str] = []
    held: list[_Piece] = []
    for n, piece in enumerate(pieces):
        if piece.charset is None and held and n + 1 < len(pieces) and not piece.data.strip():
            continue
        if held and piece.charset != held[0].charset:
            out.append(_joined(held, beside))
            held = []
        if piece.charset is None:
            out.append(piece.data.decode(codec, "replace"))
        else:
            held.append(piece)
    out.append(_joined(held, beside))
    return one_line("".join(out))


def one_line(text: str) -> str:
    """`text` with every run of white space and control characters as one space, none at its ends, and nothing that
    turns its direction or hides in it (R46: what a person reads is what stands there).
    """
    # True only without line breaks, controls, odd blanks and unseen marks.
    if text.isprintable():
        return (_SPACE.sub(" ", text) if "  " in text else text).strip()
    text = _UNSEEN.sub("", text)
    if "\u200c" in text or "\u200d" in text:
        text = _JOINERS.sub("", text)
    return _SPACE.sub(" ", text).strip()


@dataclass(frozen=True, slots=True)
class _Piece:
    """An encoded word, `data` still encoded; without `charset` what stands between them."""

    charset: str | None
    base64: bool
    data: bytes


def _joined(held: list[_Piece], beside: str | None) -> str:
    """The text of words in one charset."""
    if not held:
        return ""
    out: list[bytes] = []
    for in_base64, words in groupby(held, key=lambda word: word.base64):
        texts = [word.data for word in words]
        if in_base64:
            bare = [b"".join(text.split()) for text in texts]
            out += [base64(b"".join(bare))] if _is_one_stream(bare) else map(base64, bare)
        else:
            out += (binascii.a2b_qp(text, header=True) for text in texts)
    return charsets.decode(b"".join(out), held[0].charset, beside)


def _is_one_stream(words: list[bytes]) -> bool:
    """Whether the base64 itself was cut into words, so that they end within four letters and come out even together."""
    uneven = any(len(word) % 4 for word in words)
    return uneven and sum(map(len, words)) % 4 == 0 and not any(b"=" in word for word in words[:-1])


def _pieces(value: bytes) -> Iterator[_Piece]:
    at = 0
    end = -1
    for found in _START.finditer(value):
        if found.start() < at:
            continue
        # The end is looked for only once for all words before it, else many starts without one cost their square.
        end = end if end >= found.end() else value.find(b"?=", found.end())
        stop = end
        if end < 0:
            # Cut off on the way: to be a word still, the rest must be one.
            stop = len(value)
            if not found[1] or value[found.end() :].split(None, 1) != [value[found.end() :]]:
                break
        if found.start() > at:
            yield _Piece(None, False, value[at : found.start()])
        charset = found[1].decode("ascii").partition("*")[0].lower()
        yield _Piece(charset, found[2] in b"bB", value[found.end() : stop])
        at = stop + 2
        if end < 0:
            return
    if at < len(value):
        yield _Piece(None, False, value[at:])
