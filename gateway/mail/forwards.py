"""The text of a mail in, the mail that was passed on inside it out, or None. Linear, by lines."""

import re
from collections.abc import Sequence
from typing import Literal

from gateway.mail.attributions import attribution_at, may_begin
from gateway.mail.lines import fold, seen
from gateway.mail.message import Address, Forwarded
from gateway.mail.phrases import (
    FORWARD_ENDS,
    FORWARD_PREFIXES,
    FORWARDED_NAMES,
    FORWARDED_STARTS,
    LABELS,
    ORIGINAL_NAMES,
    REPLY_PREFIXES,
    Role,
)
from gateway.mail.quoted_headers import has_label, header_block_at, label_and_value, label_role
from gateway.mail.quoted_mailboxes import attributed_mailbox, quoted_mailbox, quoted_mailboxes

_MAX_LINES = 5000
_MAX_LINE = 2000
_MAX_HEADER = 48
#: Places at which a mail might begin that are looked at.
_MAX_TRIED = 100

_PREFIX = re.compile(r"\s*(?:\[[^\]]{0,60}\]\s*)?([^\W\d_][\w.\-/]{0,20})(?:\s?[\[(]\d{1,3}[\])])?\s?[:：]\s*")
_MARK = re.compile(r"\s{0,3}>\s?")
_SIGNS = "-_=~*—–‐―─━#<>"
_RULE_SIGNS = _SIGNS + ":： "
_RULE_ENDS = frozenset("-_=~*—–‐―─━")
_MAX_RULED = 160
#: The Bat! begins and ends so the text it passes on.
_SCISSORS = "===8<==="
#: Longer lines without a sign at either end hold more than a name.
_LONGEST_NAME = max(map(len, FORWARDED_NAMES | ORIGINAL_NAMES)) + 8
_UNDERSCORES = re.compile(r"(?:_{5,}|-{5,}|={5,}|—{5,}|\*{5,})\Z")
_IN_ONE_LINE = re.compile(r"[-_=]{2,}+\s{0,3}([^-]{3,60}?)\s{0,3}[-_=]{2,}+\s{0,3}(\S.*)")
_INLINE_LABEL = re.compile(
    "("
    + "|".join(
        (r"(?<![^\W\d_])" if len(label) < 4 else "") + re.escape(label)
        for label in sorted(LABELS, key=len, reverse=True)
        if LABELS[label] in ("from", "to", "cc", "date", "subject", "reply_to")
    )
    + r")\s?[:：]\s",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\d{1,4}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{2,4}\.?,?(?:\s{0,3}(?:um|kl\.?|a las|at|às|alle|à|o)?\s{0,3}\d{1,2}[:.h]\d{2}(?::\d{2})?(?:\s?[ap]\.?m\.?)?)?",
    re.IGNORECASE,
)

_ENDS = tuple(FORWARD_ENDS)
_NAMED = tuple(f"{name} " for name in FORWARDED_NAMES)

_Prefix = Literal["forward", "reply", ""]


def read_forward(text: str, subject: str, *, has_parent: bool) -> Forwarded | None:
    """The first mail that `text` passes on.

    A line that says so is enough. "Original Message", a ruled line of unknown words or a bare header block need a subject
    that says so, or a mail that answers none: else they are what a reply quotes.
    """
    lines = text.split("\n", _MAX_LINES)[:_MAX_LINES]
    prefix, _ = subject_prefix(subject)
    told = prefix == "forward"
    open_ = told or (not has_parent and prefix != "reply")
    near = may_begin(lines) if told else []
    tried = 0
    for at, line in enumerate(lines):
        bare = seen(_unquoted(line[:_MAX_LINE]))
        if not bare:
            continue
        if bare[0] in "-_=" and (found := _in_one_line(lines, at, bare)):
            return found
        says_so = _says_so(bare, open_=open_)
        if says_so or (open_ and bare[0] in _RULE_ENDS and (_UNDERSCORES.match(bare) or _is_ruled(bare))):
            found = _below(lines, at, at + 1, subject, attributed=says_so)
        elif told and (near[at] or label_role(bare)):
            found = _below(lines, at, at, subject, attributed=True, told=False)
        else:
            continue
        tried += 1
        if found or tried > _MAX_TRIED:
            return found
    return None


def subject_prefix(subject: str) -> tuple[_Prefix, str]:
    """What the first prefix of a subject says, and the subject without it."""
    found = _PREFIX.match(subject[:200])
    word = fold(seen(found[1])).strip(".") if found else ""
    if found and word in FORWARD_PREFIXES:
        return "forward", subject[found.end() :].strip()
    return ("reply" if word in REPLY_PREFIXES else ""), subject


def _says_so(bare: str, *, open_: bool) -> bool:
    """Whether a line says that a mail passed on follows."""
    if len(bare) > _LONGEST_NAME and bare[0] not in _RULE_SIGNS and bare[-1] not in _RULE_SIGNS:
        return False
    name = fold(bare.strip(_RULE_SIGNS))
    if name in FORWARDED_NAMES or (open_ and name in ORIGINAL_NAMES):
        return True
    return bare[0] in _SIGNS and (name.startswith(FORWARDED_STARTS) or name.startswith(_NAMED))


def _is_ruled(bare: str) -> bool:
    """Whether words stand between two rules."""
    return len(bare) < _MAX_RULED and _RULE_ENDS.issuperset((bare[0], bare[1:2], bare[-1], bare[-2:-1]))


def _below(
    lines: Sequence[str], comment_end: int, start: int, subject: str, *, attributed: bool, told: bool | None = None
) -> Forwarded | None:
    """The mail whose header block is the first thing from `start` on; where it may be `attributed`, such a line will do.

    `told` says that two labels make a header; as a rule that is so where an attribution would do too.
    """
    start = _first_words(lines, start)
    if start >= len(lines):
        return None
    quoted = bool(_MARK.match(lines[start]))
    head = [_unquoted(line[:_MAX_LINE]) if quoted else line[:_MAX_LINE] for line in lines[start : start + _MAX_HEADER]]
    told = attributed if told is None else told
    count = header_block_at(head, 0, told=told)
    if not count and told:
        with_colons = _with_colons(head)
        if count := header_block_at(with_colons, 0, told=True):
            head = with_colons
    if count:
        fields = _fields(head[:count])
        body = _body(lines, start + count, quoted=quoted)
        return _forwarded(fields, lines[:comment_end], body) if "from" in fields else None
    count = attribution_at(head, 0) if attributed else 0
    return _attributed(lines, comment_end, start, count, subject) if count else None


def _with_colons(head: Sequence[str]) -> list[str]:
    """The header as other programs write it where eM Client did: 'From "Ann Bell" <ann@a.example>'."""
    end = next((n for n, line in enumerate(head) if not line.strip()), len(head))
    parted = [line.split(None, 1) for line in head[:end]]
    labelled = [
        f"{words[0]}: {words[1]}" if len(words) == 2 and LABELS.get(fold(words[0]), "other") != "other" else line
        for words, line in zip(parted, head, strict=False)
    ]
    return [*labelled, *head[end:]]


def _attributed(lines: Sequence[str], comment_end: int, at: int, count: int, subject: str) -> Forwarded | None:
    """A mail passed on below a line such as "Am 28.10.2021 schrieb ...", as Outlook for Mac writes it."""
    line = " ".join(seen(_unquoted(line[:_MAX_LINE])) for line in lines[at : at + count])
    sender = attributed_mailbox(line)
    if sender is None:
        return None
    fields: dict[Role, str] = {"subject": subject_prefix(subject)[1]}
    if date := _DATE.search(line):
        fields["date"] = date[0]
    below = _first_words(lines, at + count)
    quoted = below < len(lines) and bool(_MARK.match(lines[below]))
    return _forwarded(fields, lines[:comment_end], _body(lines, at + count, quoted=quoted), sender=sender)


def _in_one_line(lines: Sequence[str], at: int, bare: str) -> Forwarded | None:
    """Yahoo's header, which loses its line breaks on the way to text."""
    found = _IN_ONE_LINE.match(bare)
    if not found or fold(found[1].strip(" :")) not in FORWARDED_NAMES | ORIGINAL_NAMES:
        return None
    labels = list(_INLINE_LABEL.finditer(found[2]))
    if not labels:
        return None
    ends = [label.start() for label in labels[1:]] + [len(found[2])]
    fields: dict[Role, str] = {}
    for label, end in zip(labels, ends, strict=True):
        fields.setdefault(LABELS[fold(label[1])], found[2][label.end() : end].strip())
    return _forwarded(fields, lines[:at], _body(lines, at + 1, quoted=False)) if "from" in fields else None


def _first_words(lines: Sequence[str], at: int) -> int:
    while at < len(lines) and not seen(_unquoted(lines[at][:_MAX_LINE])):
        at += 1
    return at


def _unquoted(line: str) -> str:
    mark = _MARK.match(line)
    return line[mark.end() :] if mark else line


def _body(lines: Sequence[str], start: int, *, quoted: bool) -> tuple[list[str], list[str]]:
    """The words of the mail, without the line that ends it, and what stands below that."""
    first = _first_words(lines, start)
    if first < len(lines):
        line = seen(_unquoted(lines[first][:_MAX_LINE]))
        start = first + 1 if line.startswith(("-", "=")) and _says_so(line, open_=False) else start
    # Proton, Zoho and Spark set the mail below its header in a quote.
    quoted = quoted or all(_MARK.match(line) for line in lines[start:] if line.strip())
    body = [_unquoted(line) if quoted else line for line in lines[start:]]
    first = next((n for n, line in enumerate(body) if line.strip()), len(body))
    if first < len(body) and body[first].startswith(_SCISSORS):
        end = next((n for n in range(first + 1, len(body)) if body[n].startswith(_SCISSORS)), len(body))
        return body[first + 1 : end], body[end + 1 :]
    for n, line in enumerate(body):
        if line.lstrip()[:1] in ("-", "=") and fold(line[:_MAX_RULED].strip(_RULE_SIGNS)).startswith(_ENDS):
            return body[:n], body[n + 1 :]
    return body, []


def _forwarded(
    fields: dict[Role, str], above: Sequence[str], body: tuple[list[str], list[str]], *, sender: Address | None = None
) -> Forwarded:
    comment = "\n".join(above).rstrip("\n_- \t").strip()
    below = "\n".join(body[1]).strip()
    return Forwarded(
        from_=sender or quoted_mailbox(fields.get("from", "")),
        to=quoted_mailboxes(fields.get("to", "")),
        cc=quoted_mailboxes(fields.get("cc", "")),
        subject=fields.get("subject") or None,
        date=fields.get("date") or None,
        text="\n".join(body[0]).strip(),
        comment="\n\n".join(filter(None, (comment, below))) or None,
    )


def _fields(lines: Sequence[str]) -> dict[Role, str]:
    """The first field of each role; a line without a label goes on with the one before."""
    fields: dict[Role, str] = {}
    last: Role | None = None
    for line in lines:
        role, value = label_and_value(line)
        if role:
            last = role if role not in fields else None
            if last:
                fields[last] = value
        elif last and value and not has_label(value):
            fields[last] = f"{fields[last]} {value}".strip()
    return fields
