"""A text and files in, the groups of files that one POST each can carry out, and those that none can. Pure."""

import hashlib
from collections.abc import Sequence
from xml.sax.saxutils import escape

import pybase64

from gateway.delivery.policy import Policy
from gateway.mail.decode import content
from gateway.mail.message import Attachment, Span
from gateway.mail.names import safe_filename
from gateway.staffapi.documents import File
from gateway.staffapi.form import percent_encode
from gateway.staffapi.wire import xml_safe

#: Characters of a text beyond which the mail goes along whole, as a file.
LONGEST_TEXT = 500_000

#: Bytes in a form body for all but text and files, and for a file's name and digest.
_AROUND, _BESIDE_FILE = 16_384, 2_600


def fit(
    files: Sequence[File], text: str, raw: bytes, policy: Policy, *, most: int | None = None
) -> tuple[list[tuple[File, ...]], list[File]]:
    """Files grouped by what one POST can carry, the first group beside `text`; and those that no POST can.

    `most` files at the most go into one POST. The first group may be empty, the others are not.
    """
    room = policy.max_post - _AROUND
    groups: list[list[File]] = [[]]
    left = room - form_size(text)
    # Bytes that base64 writes as "/" or "+" take three times the room: a white picture is mostly those. Only where
    # even that might not fit is it worth counting them.
    exact = sum(4 * file.size + _BESIDE_FILE for file in files) > left
    left_out = []
    for file in files:
        if file.size > policy.max_file:
            left_out.append(file)
            continue
        cost = _BESIDE_FILE + (_file_size(content(raw, file.span)) if exact else 4 * file.size)
        if cost > room:
            left_out.append(file)
            continue
        if cost > left or len(groups[-1]) == most:
            groups.append([])
            left = room
        groups[-1].append(file)
        left -= cost
    return [tuple(group) for group in groups], left_out


def form_size(text: str) -> int:
    """Bytes that a text takes in the form body, at the most: in XML, where `&` and `<` take more."""
    return len(percent_encode(escape(xml_safe(text)).encode()))


def _file_size(decoded: bytes) -> int:
    """Bytes that a file's content takes in the form body: base64, of which three characters are percent-encoded."""
    encoded = pybase64.b64encode(decoded)
    return len(encoded) + 2 * (encoded.count(b"+") + encoded.count(b"/") + encoded.count(b"="))


def as_long_as(text: str, room: int) -> str:
    """The text, or as much of its beginning as takes no more than `room` bytes in the form body."""
    text = text[:LONGEST_TEXT]
    while (size := form_size(text)) > room:
        text = text[: len(text) * room // size * 9 // 10]
    return text


def files_of(attachments: Sequence[Attachment]) -> list[File]:
    """With names that are safe and differ from each other."""
    files, taken = [], set()
    for number, attachment in enumerate(attachments, 1):
        name = safe_filename(attachment.filename, attachment.content_type, number)
        if name.lower() in taken:
            stem, dot, extension = name.rpartition(".")
            name = f"{stem}-{number}.{extension}" if dot else f"{name}-{number}"
        taken.add(name.lower())
        files.append(File(name, attachment.size, attachment.md5, attachment.sha256, attachment.span))
    return files


def whole_mail(raw: bytes) -> File:
    """The mail as it arrived, as a file."""
    digests = hashlib.md5(raw, usedforsecurity=False).hexdigest(), hashlib.sha256(raw).hexdigest()
    return File("mail.eml", len(raw), *digests, Span(0, len(raw), "identity"))
