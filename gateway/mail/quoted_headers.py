"""Lines of text in, where a mail's header is quoted in them ("From: … Sent: … Subject: …") out. Linear, by lines."""

import re
from collections.abc import Sequence

from gateway.mail.lines import fold, seen
from gateway.mail.phrases import LABELS, Role

#: Lines of one header block, and lines over which the addresses of one field may run.
_MAX_BLOCK = 40
_MAX_FOLDED = 12
_LABELLED = re.compile(
    r"[\s>*_|\"•\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]*+([^\W\d_](?:[^:：*\n]{0,38}[^:：*\s])?)\s{0,5}+[*_]{0,3}+\s?+[:：][*_]{0,3}+"
)
_CLOCK = re.compile(r"\d{1,2}\s?[:.h時时点點]\s?\d{2}")
_MAX_NOTES = 14
_MAX_NOTES_LINE = 200
#: A longer line of one cell is none.
_LONGEST_LABEL = max(map(len, LABELS)) + 8
_CELLS = re.compile(r"\s{2,}+|\t")
_YEAR = re.compile(r"\d{4}|\d{1,2}[./-]\d{1,2}[./-]\d{2}")
#: Fields that stand in a block twice in some languages or programs, and lists of addresses.
_REPEATED = ("date", "other")
_LISTS = ("to", "cc", "bcc")
_NOTHING = " >*_|\t\u00a0"


def label_role(line: str) -> Role | None:
    """What the label at the start of a line says, in any language we know."""
    found = _LABELLED.match(line[:80])
    return LABELS.get(fold(seen(found[1]))) if found else None


def label_and_value(line: str) -> tuple[Role | None, str]:
    """The role of the line's label and what stands behind it; the whole line where it has none."""
    found = _LABELLED.match(line[:80])
    role = LABELS.get(fold(seen(found[1]))) if found else None
    return (role, line[found.end() :].strip(" *_\t\u00a0")) if found and role else (None, line.strip())


def has_label(line: str) -> bool:
    """Whether the line begins like a field, if only with a label of a language we do not know."""
    found = _LABELLED.match(line[:40])
    return found is not None and found[1].count(" ") < 3 and line[found.end() : found.end() + 1].isspace()


def header_block_at(lines: Sequence[str], at: int, *, told: bool = False) -> int:
    """How many lines from `at` are a quoted header; 0 where it is none.

    It names a sender, and a subject, somebody's address or a time of day; a list such as "From: Berlin, To: Paris,
    Date: 5 May" is none. Where a line above has `told` of a quoted mail, two labels of different roles are enough.
    """
    roles: list[Role] = []
    end = at
    addressed = timed = False
    for n in range(at, min(at + _MAX_BLOCK, len(lines))):
        role, value = label_and_value(lines[n])
        if role:
            if role in roles and role not in _REPEATED:
                break
            roles.append(role)
            end = n + 1
        elif not roles:
            break
        elif not lines[n].strip(_NOTHING):
            if not _goes_on(lines, n, roles):
                break
        elif roles[-1] in _LISTS and _is_addresses(lines[n]) and n - end < _MAX_FOLDED:
            end = n + 1
        elif n - end >= 2:
            break
        addressed |= "@" in value
        timed |= roles[-1] == "date" and bool(_CLOCK.search(seen(value)))
    known = set(roles) - {"other"}
    if told:
        is_header = len(known) >= 2
    elif "from" in known:
        is_header = "subject" in known or (addressed and bool(known & {"date", "to"})) or (timed and len(known) >= 3)
    else:
        is_header = len(known) >= 3 and "subject" in known and (addressed or timed)
    return end - at if is_header else 0


def notes_header(lines: Sequence[str]) -> int | None:
    """Where Lotus Notes' quoted header begins: a name and a date, then "To", "cc" and "Subject" without colons."""
    for n, line in enumerate(lines):
        if len(line) < _MAX_NOTES_LINE and "subject" in _cell_roles(line):
            start = max(0, n - _MAX_NOTES)
            above = [seen(before[:_MAX_NOTES_LINE]) for before in lines[start:n]]
            tos = [k for k, before in enumerate(above) if "to" in _cell_roles(before)]
            dates = [k for k, before in enumerate(above) if _YEAR.search(before) and _CLOCK.search(before)]
            if tos and dates:
                first = min(tos[-1], dates[-1])
                while first > 0 and above[first - 1]:
                    first -= 1
                if first == min(tos[-1], dates[-1]) and first > 1 and not above[first - 1] and above[first - 2]:
                    # The HTML's paragraphs stand apart.
                    first -= 2
                return start + first
    return None


def _cell_roles(line: str) -> set[Role]:
    if len(line) > _LONGEST_LABEL and line.isascii() and "  " not in line and "\t" not in line:
        return set()
    return {LABELS[cell] for cell in map(fold, _CELLS.split(line.strip())) if cell in LABELS}


def _goes_on(lines: Sequence[str], at: int, roles: list[Role]) -> bool:
    """Whether the header goes on below the blank line at `at`, as where each line is a paragraph."""
    if at + 1 >= len(lines) or len({*roles} & {"from", "to", "date", "subject"}) == 4:
        return False
    role = label_role(lines[at + 1])
    return role is not None and role != "other" and role not in roles


def _is_addresses(line: str) -> bool:
    bare = line.rstrip(" *_>\t\u00a0")
    return "@" in bare or bare.endswith((",", ";"))
