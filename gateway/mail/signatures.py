"""Lines of text and which of them are the writer's in, those that sign the mail out: "-- " blocks, "Sent from my …",
notices of a company. Linear, by lines.
"""

import re
from collections.abc import Sequence

from gateway.mail.closings import DEVICES, DISCLAIMERS, SENT_FROM, SENT_FROM_ENDS
from gateway.mail.lines import fold, seen

#: RFC 3676 4.3 has "-- "; many write it without the space or longer.
_SIGNATURE = re.compile(r"(?:--|—|–)\Z")
_RULE = re.compile(r"[-_=*~#+—–ᐧ━─═┏┓┗┛┌┐└┘☆★◆◇■□＝＊－]{2,}\Z|[-_=*~#+—–]{1,3}(?:\s[-_=*~#+—–]{1,3}){2,30}\Z")
_REACHED = re.compile(
    r"@|\bwww\.|https?://|\+?\(?\d[\d ()./-]{6,20}\d|(?:\b|_)(?:tel|phone|fax|mob|mobile)\b", re.IGNORECASE
)
_DASHED_NAME = re.compile(r"[-–—~]{1,2}\s?([^\W\d_][\w.'’]{0,30}(?:\s[^\W\d_][\w.'’]{0,30}){0,2})\Z")
_RULES = "-_=*~#+—–ᐧ━─═┏┗┌└☆★◆◇■□＝＊－"
#: Longer blocks below a line are the writer's.
_MAX_SIGNATURE = 25
_MAX_RULED = 14
_MAX_DEVICE_LINE = 200
_MAX_DEVICE_WORDS = 8
_LINK = re.compile(r"[<(]?(?:https?://|#)\S{1,300}\Z")
_LINK_SHOWN = re.compile(r"<https?://[^<>\s]{1,300}+>\s{0,3}")
_MAX_LINKS = 3
_CLAUSE_END = re.compile(r"[,;.!?](?=\s)")


def signature_lines(lines: Sequence[str], start: int, end: int, names: frozenset[str], *, begins: bool) -> list[int]:
    """Which of the lines from `start` until `end`, a stretch of the writer's, sign it.

    Where the stretch `begins` the mail its first line of words never does. `names` are the words of the sender's name and
    address in lower case.
    """
    first = next((n for n in range(start, end) if lines[n].strip()), end)
    first = first if begins else start - 1
    begin = _block(lines, first, end, names)
    signed = list(range(begin, end))
    while begin > first + 1:
        begin, took = _closing(lines, first, begin, names)
        if not took:
            break
        signed += took
    return sorted(signed)


def _block(lines: Sequence[str], first: int, end: int, names: frozenset[str]) -> int:
    """Where a signature begins that a line divides from the words; `end` where there is none."""
    for n in range(first + 1, end):
        if lines[n].startswith("-- ") and not lines[n][3:].strip():
            return n
    found = end
    below: list[str] = []
    for n in range(end - 1, first, -1):
        line = seen(lines[n])
        if not line:
            continue
        if line[0] in _RULES and (_SIGNATURE.match(line) or (_RULE.match(line) and _signs(below, names))):
            found = n
        below.append(line)
        if len(below) > _MAX_SIGNATURE:
            break
    return found


def _signs(below: list[str], names: frozenset[str]) -> bool:
    """Whether a short block, its last line first, tells how to reach somebody, or the sender's name."""
    if len(below) > _MAX_RULED:
        return False
    words = {word for line in below[-3:] for word in fold(line).replace(",", " ").split()}
    return any(map(_REACHED.search, below)) or not words.isdisjoint(names) or all(map(is_device_line, below))


def _closing(lines: Sequence[str], first: int, end: int, names: frozenset[str]) -> tuple[int, list[int]]:
    """The last paragraph or line above `end` if it is a notice or a device's line: where it begins, and its lines."""
    last = end - 1
    while last > first and not lines[last].strip():
        last -= 1
    if last <= first:
        return end, []
    alone = not lines[last - 1].strip() or (last + 1 < len(lines) and is_device_line(seen(lines[last - 1])))
    if is_device_line(seen(lines[last]), alone=alone):
        return last, [last]
    above = last
    while last - above < _MAX_LINKS and above - 1 > first and _LINK.match(seen(lines[above])):
        above -= 1
    if above < last and is_device_line(seen(lines[above]), alone=not lines[above - 1].strip()):
        return above, list(range(above, last + 1))
    top = last
    while top > first + 1 and lines[top - 1].strip() and last - top < 40:
        top -= 1
    said = lines[top + 1] if top < last and _RULE.match(seen(lines[top])) else lines[top]
    if top > first and not lines[top - 1].strip() and fold(seen(said).strip("*_> ")).startswith(DISCLAIMERS):
        return top, list(range(top, last + 1))
    dashed = _DASHED_NAME.match(seen(lines[last]))
    if dashed and not lines[last - 1].strip():
        words = set(fold(dashed[1]).split())
        if not words.isdisjoint(names) or seen(lines[last])[1:2].isupper():
            return last, [last]
    return end, []


def is_device_line(line: str, *, alone: bool = False) -> bool:
    """Whether a phone or a program wrote `line`: it names a device, or is short and `alone` in its paragraph."""
    if len(line) > _MAX_DEVICE_LINE:
        return False
    said = fold(_LINK_SHOWN.sub("", line).strip(" *_([<{>)]}|-–—\"'“”„·•"))
    words = len(said.split())
    if said.startswith(SENT_FROM):
        clause = _CLAUSE_END.split(said, 1)[0]
        return any(device in clause for device in DEVICES) or (alone and clause == said and words <= _MAX_DEVICE_WORDS)
    return words <= 8 and said.rstrip(".。!").endswith(SENT_FROM_ENDS) and (any(device in said for device in DEVICES))
