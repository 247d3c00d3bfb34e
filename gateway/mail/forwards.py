"""The text of a mail in, the mail that was passed on inside it out, or None. Linear, by lines."""

import re

from gateway.mail.addresses import parse_addresses
from gateway.mail.message import Address, Forwarded
from gateway.mail.phrases import FORWARD_PREFIXES, FORWARDED_NAMES, LABELS, ORIGINAL_NAMES
from gateway.mail.replies import attribution_at, header_block_at, label_role

_MAX_LINES = 5000
_PREFIX = re.compile(
    r"\s*(?:\[[^\]]{0,40}\]\s*)?(?:" + "|".join(map(re.escape, FORWARD_PREFIXES)) + r")\s?[:：]", re.IGNORECASE
)
_MARK = re.compile(r"\s?>\s?")
_RULE = re.compile(r"\s*[-_=~*—–]*\s*(.{3,80}?)\s*:?\s*[-_=~*—–]*\s*")
_INLINE = re.compile(r"\s{0,9}[-_]{2,}\s{0,3}([^-]{3,60}?)\s{0,3}[-_]{2,}\s{0,3}(\S.*)")
_INLINE_LABEL = re.compile(
    "("
    + "|".join(
        (r"(?<![^\W\d_])" if len(label) < 4 else "") + re.escape(label)
        for label in sorted(LABELS, key=len, reverse=True)
        if LABELS[label] in ("from", "to", "cc", "date", "subject")
    )
    + r")[:：]\s",
    re.IGNORECASE,
)
_ATTRIBUTED = re.compile(
    r"(?:\"[^\"<>]{1,100}\"|[^\W\d]\w{0,40}(?: [^\W\d]\w{0,40}){0,3})?\s?<[^<>\s@]{1,64}@[^<>\s]{1,255}>"
)
_ATTRIBUTED_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4},?\s{0,3}(?:\d{1,2}[:.]\d{2})?")
_LABEL = re.compile(r"[\s*_]*+([^:：]{1,40}?)\s*\*{0,2}\s?[:：]\*{0,2}\s*(.*)", re.DOTALL)


def read_forward(text: str, subject: str, *, has_parent: bool) -> Forwarded | None:
    """The first mail that `text` passes on.

    A line that says so is enough; a bare header block, or "Original Message", needs a subject that says so, or a mail
    that answers none: else it is what a reply quotes.
    """
    lines = text.split("\n")[:_MAX_LINES]
    told = bool(_PREFIX.match(subject))
    for at, line in enumerate(lines):
        bare = _unquoted(line)
        if found := _in_one_line(lines, at, bare):
            return found
        name = _ruled_name(bare)
        if name in FORWARDED_NAMES or (name in ORIGINAL_NAMES and (told or not has_parent)):
            start = _first_words(lines, at + 1)
            if found := _forwarded(lines, at, start):
                return found
        elif told and label_role(bare) and header_block_at([_unquoted(line) for line in lines[at : at + 14]], 0):
            if found := _forwarded(lines, at, at):
                return found
        elif told and (count := attribution_at(lines, at)):
            return _attributed(lines, at, count, subject)
    return None


def _in_one_line(lines: list[str], at: int, bare: str) -> Forwarded | None:
    """Yahoo's header, which loses its line breaks on the way to text."""
    found = _INLINE.match(bare[:2000])
    if not found or found[1].strip().lower() not in FORWARDED_NAMES:
        return None
    labels = list(_INLINE_LABEL.finditer(found[2]))
    if not labels:
        return None
    ends = [label.start() for label in labels[1:]] + [len(found[2])]
    fields: dict[str, str] = {}
    for label, end in zip(labels, ends, strict=True):
        fields.setdefault(LABELS[label[1].lower()], found[2][label.end() : end].strip())
    return _of(fields, lines[:at], lines[at + 1 :]) if "from" in fields else None


def _attributed(lines: list[str], at: int, count: int, subject: str) -> Forwarded:
    """A mail passed on below a line such as "Am 28.10.2021 schrieb ...", as new Outlook for Mac writes it."""
    line = " ".join(line.strip() for line in lines[at : at + count])
    sender = _ATTRIBUTED.search(line)
    fields = {"from": sender[0] if sender else "", "subject": subject[_prefix_end(subject) :].strip()}
    if date := _ATTRIBUTED_DATE.search(line):
        fields["date"] = date[0]
    body = [_unquoted(line) for line in lines[at + count :]]
    return _of(fields, lines[:at], body)


def _prefix_end(subject: str) -> int:
    prefix = _PREFIX.match(subject)
    return prefix.end() if prefix else 0


def _ruled_name(line: str) -> str:
    found = _RULE.fullmatch(line[:200])
    return found[1].strip().lower() if found else ""


def _first_words(lines: list[str], at: int) -> int:
    while at < len(lines) and not _unquoted(lines[at]).strip():
        at += 1
    return at


def _unquoted(line: str) -> str:
    mark = _MARK.match(line)
    return line[mark.end() :] if mark else line


def _forwarded(lines: list[str], comment_end: int, start: int) -> Forwarded | None:
    quoted = start < len(lines) and bool(_MARK.match(lines[start]))
    inner = [_unquoted(line) for line in lines[start:]] if quoted else lines[start:]
    count = header_block_at(inner, 0)
    if not count:
        return None
    return _of(_fields(inner[:count]), lines[:comment_end], inner[count:])


def _of(fields: dict[str, str], above: list[str], body: list[str]) -> Forwarded:
    comment = "\n".join(above).rstrip("\n_- \t").strip()
    senders = _addresses(fields.get("from", ""))
    return Forwarded(
        from_=senders[0] if senders else None,
        to=_addresses(fields.get("to", "")),
        cc=_addresses(fields.get("cc", "")),
        subject=fields.get("subject") or None,
        date=fields.get("date") or None,
        text="\n".join(body).strip(),
        comment=comment or None,
    )


def _fields(lines: list[str]) -> dict[str, str]:
    fields: dict[str, str] = {}
    last = ""
    for line in lines:
        found = _LABEL.fullmatch(line)
        role = LABELS.get(found[1].strip(" *_").lower()) if found else None
        if found and role:
            last = role if role not in fields else ""
            if last:
                fields[last] = found[2].strip(" *_\t\u00a0")
        elif last and line.strip():
            fields[last] = f"{fields[last]} {line.strip()}"
    return fields


def _addresses(value: str) -> tuple[Address, ...]:
    """Reads Outlook's "Name [mailto:address]" too; a name alone has an empty address."""
    value = re.sub(r"\[mailto:([^\]\s]{1,320})\]", r"<\1>", value.replace("\u00a0", " "))
    return parse_addresses(value.encode("utf-8", "replace")).addresses
