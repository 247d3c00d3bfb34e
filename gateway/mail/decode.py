"""A part's bytes as they stand in the mail in, its content out (RFC 2045 6). Lenient: what can be read is read."""

import binascii
import re
from collections.abc import Iterator

import pybase64

from gateway.mail.message import Encoding, Span

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_KNOWN = frozenset(_ALPHABET + b"=")
_JUNK = bytes(byte for byte in range(256) if byte not in _KNOWN)
_SPACE_AND_KNOWN = _ALPHABET + b"= \t\r\n\0"
_PADDING = re.compile(rb"=++")
#: Bytes of the mail that are read at once where content is given in blocks.
_BLOCK = 64 * 1024
#: Padding within the data; more pieces than this are no accident, and are read as one.
_MAX_PIECES = 10_000
_SPACE_AT_END = re.compile(rb"(?<![ \t])[ \t]++(?=\r?\n)")
_ENCODINGS: dict[bytes, Encoding] = {
    b"base64": "base64",
    b"quoted-printable": "quoted-printable",
    b"x-uuencode": "uuencode",
    b"uuencode": "uuencode",
    b"x-uue": "uuencode",
    b"uue": "uuencode",
}


def content(raw: bytes, span: Span) -> bytes:
    """What the part at `span` holds; digests and size in an Attachment speak of exactly this. Never raises, linear."""
    data = _decoded(raw[span.offset : span.offset + span.length], span.encoding)
    return data if span.inner is None else data[span.inner[0] : span.inner[0] + span.inner[1]]


def content_blocks(raw: bytes, span: Span) -> Iterator[bytes]:
    """The bytes of `content`, in blocks of about 64 KiB.

    Base64 and what needs no decoding are never held whole. The rest is, and so is base64 whose padding is not at its end.
    """
    start, stop, _ = slice(span.offset, span.offset + span.length).indices(len(raw))
    whole = span.inner is None
    padding = raw.find(b"=", start, stop) if span.encoding == "base64" else -1
    if span.encoding == "identity" and whole:
        yield from (raw[at : min(at + _BLOCK, stop)] for at in range(start, stop, _BLOCK))
    elif span.encoding == "base64" and whole and (padding < 0 or _ends_at(raw, padding, stop)):
        yield from _base64_blocks(raw, start, stop if padding < 0 else padding)
    else:
        data = content(raw, span)
        yield from (data[at : at + _BLOCK] for at in range(0, len(data), _BLOCK))


def _ends_at(raw: bytes, padding: int, stop: int) -> bool:
    """Whether the data ends with the padding there: nothing follows that `base64` would read."""
    if stop - padding > _BLOCK:
        return False
    rest = raw[padding:stop]
    return bool(rest.translate(None, _SPACE_AND_KNOWN)) or not rest.translate(None, _JUNK).strip(b"=")


def _base64_blocks(raw: bytes, start: int, stop: int) -> Iterator[bytes]:
    """The part between, in which no padding stands. Cut at the ends of lines, most blocks can be decoded as they are."""
    line = raw.find(b"\n", start, min(start + _BLOCK // 4, stop)) + 1 - start
    step = _BLOCK // (4 * line) * 4 * line if line > 0 else _BLOCK
    begun = b""
    for at in range(start, stop, step):
        block = raw[at : min(at + step, stop)]
        if not begun:
            try:
                yield pybase64.b64decode(block)
                continue
            except binascii.Error:
                pass  # its characters are no multiple of four
        known = begun + block.translate(None, _JUNK)
        whole = len(known) // 4 * 4
        begun = known[whole:]
        yield pybase64.b64decode(known[:whole])
    yield _base64_piece(begun)


def _decoded(data: bytes, encoding: Encoding) -> bytes:
    match encoding:
        case "base64":
            return base64(data)
        case "quoted-printable":
            return quoted_printable(data)
        case "uuencode":
            return uuencoded(data)
        case "identity":
            return data


def encoding_of(field: bytes | None) -> Encoding:
    """What a Content-Transfer-Encoding says; one that nobody knows leaves the bytes as they are (RFC 2045 6.4)."""
    return _ENCODINGS.get((field or b"").strip(b" \t;\"'").split(b" ")[0].split(b";")[0].lower(), "identity")


def base64(data: bytes) -> bytes:
    """Other characters are skipped, a cut end is filled up, pieces that were encoded one by one are joined.

    Behind padding only more base64 is read: lists and scanners like to add their lines there.
    """
    first = data.find(b"=")
    if first >= 0 and data[first:].translate(None, _SPACE_AND_KNOWN):
        data = data[:first]
    known = data.translate(None, _JUNK).rstrip(b"=")
    if b"=" not in known:
        return _base64_piece(known)
    pieces = _PADDING.split(known, _MAX_PIECES)
    return b"".join(_base64_piece(piece.replace(b"=", b"")) for piece in pieces)


def _base64_piece(known: bytes) -> bytes:
    over = len(known) % 4
    whole = known[:-1] if over == 1 else known + b"=" * (-len(known) % 4)
    return pybase64.b64decode(whole)


def quoted_printable(data: bytes) -> bytes:
    """RFC 2045 6.7; what is no escape stays as it is."""
    if b" \n" in data or b"\t\n" in data or b" \r\n" in data or b"\t\r\n" in data:
        data = _without_space_at_ends(data)
    # binascii skips everything from "=CR" to the next LF.
    if b"=\r" in data:
        data = data.replace(b"=\r", b"=\r\n").replace(b"=\r\n\n", b"=\r\n")
    return binascii.a2b_qp(data)


def _without_space_at_ends(data: bytes) -> bytes:
    # In blocks, since a pattern keeps a piece for each line until the end.
    out = bytearray()
    at = 0
    while at < len(data):
        stop = data.find(b"\n", at + _BLOCK) + 1 or len(data)
        out += _SPACE_AT_END.sub(b"", data[at:stop])
        at = stop
    return bytes(out)


def uuencoded(data: bytes) -> bytes:
    """The lines between "begin" and "end", or all lines where there is no "begin"."""
    at = 0 if data.startswith(b"begin ") else data.find(b"\nbegin ") + 1
    if data.startswith(b"begin ", at):
        at = data.find(b"\n", at) + 1 or len(data)
    out = bytearray()
    # A line may promise more than it holds, since blanks at its end are lost on the way; many such lines are an attack.
    room = len(data)
    while at < len(data) and len(out) <= room:
        newline = data.find(b"\n", at)
        stop = len(data) if newline < 0 else newline
        line = data[at:stop].rstrip(b"\r")
        if line == b"end":
            break
        if line:
            out += _uu_line(line)
        at = stop + 1
    return bytes(out)


def _uu_line(line: bytes) -> bytes:
    # Some encoders write a character too many, or give a wrong length: the length decides how much is taken.
    size = (line[0] - 32) & 63
    try:
        return binascii.a2b_uu(line[: 1 + (size + 2) // 3 * 4])
    except binascii.Error:
        return b""
