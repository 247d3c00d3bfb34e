"""What a part says of its transfer encoding and its first bytes in, the encoding it is really written in out.

Gateways that decode a part and leave its field, and programs that encode one and forget the field, are as old as RFC
2045. The field is believed wherever the bytes could be what it says.
"""

import re

from gateway.mail.decode import base64, encoding_of
from gateway.mail.message import Encoding

_SAMPLE = 2048
_LEAST = 16
_BASE64_LINE = re.compile(rb"\s*+[A-Za-z0-9+/]{60,}+={0,2}+[ \t]*+(?:\r?\n|\Z)")
_WORD_LINE = re.compile(rb"\s*+[A-Za-z0-9+/]++={0,2}+[ \t]*+(?:\r?\n|\Z)")
_NO_BASE64 = bytes(
    byte for byte in range(256) if not (chr(byte).isascii() and chr(byte).isalnum()) and byte not in b"+/=\r\n"
)
_UU = re.compile(rb"\s*+begin [0-7]{3,4} [^\r\n]{1,255}+\r?\n")
#: Control characters that no text holds.
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_WRONG = "A part is written in another transfer encoding than it says."


def encoding_in_use(
    raw: bytes, start: int, end: int, field: bytes | None, content_type: str
) -> tuple[Encoding, str | None]:
    """The encoding of the body between `start` and `end`, and the defect if it is not the one that `field` names."""
    said = encoding_of(field)
    if said == "quoted-printable" or start == end:
        return said, None
    seen: Encoding = said
    if said == "base64":
        if not _WORD_LINE.match(raw, start, min(end, start + _SAMPLE)):
            seen = _instead_of_base64(raw[start : min(end, start + _SAMPLE)])
    elif said == "identity" and not content_type.startswith(("message/", "multipart/")):
        is_text = content_type.startswith("text/")
        if _BASE64_LINE.match(raw, start, end) and not (is_text and field):
            seen = _if_base64(raw[start : min(end, start + _SAMPLE)], is_text=is_text, whole=end - start <= _SAMPLE)
        elif not is_text and _UU.match(raw, start, end):
            seen = "uuencode"
    return seen, _WRONG if seen != said else None


def _instead_of_base64(sample: bytes) -> Encoding:
    if _UU.match(sample):
        return "uuencode"
    words = sample.strip()
    strange = len(words) - len(words.translate(None, _NO_BASE64))
    # Every sixth character of prose is a blank; damage on the way is rarer.
    return "identity" if len(words) >= _LEAST and strange * 9 > len(words) else "base64"


def _if_base64(sample: bytes, *, is_text: bool, whole: bool) -> Encoding:
    """Base64 where all lines have one length and only the last is shorter; a text must hold text as well."""
    lines = sample.split()
    if not whole:
        lines.pop()
    width = len(lines[0]) if lines else 0
    if not lines or width % 4 or any(len(line) != width for line in lines[:-1]) or len(lines[-1]) > width:
        return "identity"
    joined = b"".join(lines)
    if joined.rstrip(b"=").translate(None, _NO_BASE64 + b"=") != joined.rstrip(b"=") or (whole and len(joined) % 4):
        return "identity"
    return "base64" if not is_text or not _NO_TEXT.search(base64(joined)) else "identity"
