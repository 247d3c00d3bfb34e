"""A delivery status report in, one group of fields for each recipient out (RFC 3464 2.1, RFC 6533). Forgiving: many
servers leave out the empty line between recipients, fold wrongly, or send the report as a plain text.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from gateway.mail.decode import content
from gateway.mail.mime import Part, Structure
from gateway.mail.words import decode_words

MAX_RECIPIENTS = 100
_MAX_REPORT = 256 * 1024
_MAX_LINES = 10_000
_MAX_PARTS = 20
_TYPES = (
    "message/delivery-status",
    "message/global-delivery-status",
    "message/xdelivery-status",
    "text/delivery-status",
)
_FIELD = re.compile(rb"([A-Za-z][A-Za-z0-9-]{1,60}+)[ \t]{0,20}:(.*+)", re.DOTALL)
_NAMES_RECIPIENT = re.compile(rb"^[ \t>]{0,8}(?:final|original)-recipient[ \t]{0,8}:", re.IGNORECASE | re.MULTILINE)
_OPENS_GROUP = ("final-recipient", "original-recipient", "x-actual-recipient")

Group = dict[str, str]


def is_report(part: Part) -> bool:
    """Whether `part` says by its type that it is a delivery status report."""
    return part.content_type in _TYPES


def head_of(raw: bytes, part: Part, size: int) -> bytes:
    """The first bytes of what `part` holds, `size` at most and less where its encoding takes more room."""
    return content(raw, replace(part.span, length=min(part.span.length, 2 * size)))[:size]


def read_reports(raw: bytes, structure: Structure) -> list[Group]:
    """The fields of each recipient, by lower case names, from all reports in the mail. At most 100."""
    groups: list[Group] = []
    for part in [part for part in structure.parts if is_report(part)][:_MAX_PARTS]:
        groups += _groups(head_of(raw, part, _MAX_REPORT))
    if not groups:
        groups = list(_from_texts(raw, structure))
    return groups[:MAX_RECIPIENTS]


def _from_texts(raw: bytes, structure: Structure) -> Iterator[Group]:
    """A report that lost its type, or whose multipart is broken, stands in a text."""
    texts = [part for part in structure.parts if part.content_type.startswith("text/") and not part.is_multipart]
    for part in texts[:_MAX_PARTS]:
        text = head_of(raw, part, _MAX_REPORT)
        if begin := _NAMES_RECIPIENT.search(text):
            yield from _groups(text[begin.start() :])


def _groups(report: bytes) -> Iterator[Group]:
    """Each group that names a recipient; what stands before the first is about the mail."""
    group: Group = {}
    last = ""
    for raw_line in report.split(b"\n", _MAX_LINES)[:_MAX_LINES]:
        line = raw_line.rstrip(b"\r").lstrip(b">")
        if not line.strip():
            yield from _named(group)
            group, last = {}, ""
            continue
        field = None if line[:1] in b" \t" and last else _FIELD.match(line.lstrip())
        if field is None:
            if last:
                group[last] += " " + decode_words(line.strip())
            continue
        name = field[1].decode("ascii").lower()
        if name in _OPENS_GROUP and name in group:
            yield from _named(group)
            group = {}
        last = "" if name in group else name
        group.setdefault(name, decode_words(field[2].strip()))
    yield from _named(group)


def _named(group: Group) -> Iterator[Group]:
    if any(name in group for name in _OPENS_GROUP):
        yield group


def untyped(value: str) -> str:
    """What stands behind the type of an RFC 3464 field such as "rfc822; a@b"."""
    type_, semicolon, rest = value.partition(";")
    return (rest if semicolon and " " not in type_.strip() else value).strip().strip("<>")
