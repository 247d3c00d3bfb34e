"""The text of a mail in, what its writer wrote and what is quoted or signed below and between out. Linear, by lines.

Every line goes to one side or the other; where no word of the writer would be left, all is the writer's. Quotes between
answers stay with the answers, which cannot be read without them.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from gateway.mail.attributions import MARK, attribution_at, groupwise_at, may_begin, quote_follows
from gateway.mail.closings import ABOVE_THIS, ANSWER_WORDS, PREVIOUS
from gateway.mail.lines import fold, seen
from gateway.mail.phrases import FORWARDED_NAMES, FORWARDED_STARTS, ORIGINAL_NAMES
from gateway.mail.quote_marks import Mark, quote_marks, squeeze
from gateway.mail.quoted_headers import header_block_at, label_role, notes_header
from gateway.mail.signatures import signature_lines

#: Text beyond is the writer's, unread: a reply is near the top.
_MAX_LINES = 5000
_MAX_LINE = 1000
#: Marks of the HTML are looked for in this much text.
_MAX_MARKED = 512 * 1024

_RULES = "-_=~*—–‐―─━"
_RULE_SIGNS = _RULES + ":： "
#: Characters of a line that has a name for what is below it, or says that one should write above it.
_MAX_NAME = 200
_UNDERSCORES = re.compile(r"(?:_{5,}|-{5,}|={5,}|—{5,}|\*{5,}|(?:- ){5,}-?)\Z")
_GAP = re.compile(r"\n{3,}+")
_SIGNS = "-#=*_<>~+.[|"
_SHORT = 10

_Kind = Literal["text", "blank", "quote", "gone"]
_GONE: list[_Kind] = ["gone"]
#: Longer lines without a sign at either end hold more than the name of what is below.
_LONGEST_NAME = max(map(len, FORWARDED_NAMES | ORIGINAL_NAMES)) + 8
#: Phrases that hold none of the others.
_ABOVE = tuple(phrase for phrase in ABOVE_THIS if not any(other in phrase for other in ABOVE_THIS if other != phrase))
_ABOVE_IN_ASCII = tuple(filter(str.isascii, _ABOVE))


@dataclass(frozen=True, slots=True)
class Divided:
    """`reply` and `quoted` together hold every line of the text."""

    reply: str
    quoted: str


def divide(text: str, html: str | None = None, sender: str = "") -> Divided:
    """Never raises; `reply` is empty only where `text` has no words.

    `html` is the mail's HTML body, whether `text` was made from it or not; `sender` the name and address of its From.
    """
    # All beyond is one piece: a line of its own for each of millions would take ten times the memory of the mail.
    lines = text.split("\n", _MAX_LINES)
    read = lines[:_MAX_LINES]
    marked = _marked_lines(read, quote_marks(html)) if html else {}
    kinds = _kinds(read, marked, _names(sender))
    kinds += ["text"] * (len(lines) - len(kinds))
    reply = [line for line, kind in zip(lines, kinds, strict=True) if kind in ("text", "blank")]
    if not any(map(_has_words, reply)):
        return Divided(text.strip(), "")
    quoted = [line for line, kind in zip(lines, kinds, strict=True) if kind in ("quote", "gone")]
    return Divided(_tidy(reply), _tidy(quoted))


def _names(sender: str) -> frozenset[str]:
    return frozenset(word for word in re.split(r"[\W_]+", fold(sender[:300])) if len(word) > 2)


def _kinds(lines: Sequence[str], marked: dict[int, str], names: frozenset[str]) -> list[_Kind]:
    kinds = _divided(lines, marked)
    for nth, (start, end) in enumerate(_stretches(kinds)):
        for n in signature_lines(lines, start, end, names, begins=nth == 0):
            kinds[n] = "gone"
    for n, sort in marked.items():
        if sort == "signature" and n < len(kinds) and kinds[n] == "text" and "text" in kinds[:n]:
            kinds[n] = "gone"
    _keep_asked(kinds)
    return kinds + _GONE * (len(lines) - len(kinds))


def _divided(lines: Sequence[str], marked: dict[int, str]) -> list[_Kind]:
    """The kinds of the lines down to where all the rest is quoted."""
    kinds: list[_Kind] = []
    wrote = False
    near = may_begin(lines)
    # Rare, and many phrases to compare with each line; so all lines are asked at once first.
    whole = fold("\n".join(filter(_may_say_above, [seen(line[:_MAX_LINE]) for line in lines])))
    above = any(phrase in whole for phrase in (_ABOVE_IN_ASCII if whole.isascii() else _ABOVE))
    notes = notes_header(lines)
    at = 0
    while at < len(lines):
        line = lines[at][:_MAX_LINE]
        stripped = seen(line)
        if not stripped:
            kinds.append("blank")
            at += 1
        elif wrote and stripped.startswith(">>> ") and (count := groupwise_at(lines, at)):
            if not quote_follows(lines, at + count):
                break
            kinds += ["quote"] * count
            at += count
        elif stripped[0] in ">|›" and MARK.match(line) and (stripped[0] != "|" or _is_in_quote(kinds)):
            kinds.append("quote")
            at += 1
        elif wrote and (at == notes or marked.get(at) == "cut" or _ends_reply(lines, at, stripped, above=above)):
            break
        elif count := _attribution(lines, at, marked, near):
            follows = quote_follows(lines, at + count)
            if not follows and wrote:
                break
            wrote |= not follows
            kinds += ["gone"] * count if follows else ["text"] * count
            at += count
        else:
            kinds.append("text")
            wrote = True
            at += 1
    return kinds


def _is_in_quote(kinds: Sequence[_Kind]) -> bool:
    """Whether what is above are quotes or an attribution: a bar at the start of a line may be a table's."""
    return next((kind for kind in reversed(kinds[-5:]) if kind != "blank"), "text") != "text"


def _attribution(lines: Sequence[str], at: int, marked: dict[int, str], near: list[bool]) -> int:
    if marked.get(at) == "attribution":
        count = 1
        while marked.get(at + count) == "attribution":
            count += 1
        return count
    return attribution_at(lines, at) if near[at] else 0


def _keep_asked(kinds: list[_Kind]) -> None:
    """Turn quotes above answers into the writer's; not the only one, where a line names whom it is from: that is all of it."""
    last_text = max((n for n, kind in enumerate(kinds) if kind == "text"), default=0)
    asked = [n for n in range(last_text) if kinds[n] == "quote"]
    before: _Kind = "text"
    begun_by: list[_Kind] = []
    for kind in kinds[:last_text]:
        if kind == "quote" and before != "quote":
            begun_by.append(before)
        before = before if kind == "blank" else kind
    if begun_by == ["gone"]:
        return
    for n in asked:
        kinds[n] = "text"


def _stretches(kinds: Sequence[_Kind]) -> list[tuple[int, int]]:
    """Where lines of the writer's stand together, blank ones among them: first and behind the last."""
    found: list[tuple[int, int]] = []
    start = None
    for n, kind in enumerate([*kinds, "gone"]):
        if kind in ("text", "blank"):
            start = n if start is None else start
        elif start is not None:
            found.append((start, n))
            start = None
    return found


def _ends_reply(lines: Sequence[str], at: int, stripped: str, *, above: bool) -> bool:
    """Whether all from the line at `at` on, of which `stripped` is what one sees, is quoted.

    `above`: some line says that one should write above it.
    """
    is_ruled = stripped[0] in _RULES
    if len(stripped) <= _MAX_NAME and (len(stripped) <= _LONGEST_NAME or is_ruled or stripped[-1] in _RULE_SIGNS):
        name = fold(stripped.strip(_RULE_SIGNS))
        if name in FORWARDED_NAMES or (name in ORIGINAL_NAMES and (is_ruled or _is_header_below(lines, at))):
            return True
        if is_ruled and _ends_below_rule(lines, at, stripped, name):
            return True
    if above and len(stripped) <= _MAX_NAME and _is_reply_above(stripped):
        return True
    has_label = ":" in stripped[:60] or "：" in stripped[:60]
    return has_label and label_role(stripped) not in (None, "other") and header_block_at(lines, at) > 0


def _ends_below_rule(lines: Sequence[str], at: int, stripped: str, name: str) -> bool:
    if name:
        return stripped[1:2] in _RULES and (
            name.startswith(FORWARDED_STARTS) or header_block_at(lines, _first_below(lines, at)) > 0
        )
    below = _first_below(lines, at)
    if _is_previous(lines, below):
        return True
    return _UNDERSCORES.match(stripped) is not None and header_block_at(lines, below) > 0


def _is_header_below(lines: Sequence[str], at: int) -> bool:
    return header_block_at(lines, _first_below(lines, at), told=True) > 0


def _first_below(lines: Sequence[str], at: int) -> int:
    return next((n for n in range(at + 1, min(at + 4, len(lines))) if lines[n].strip()), len(lines))


def _is_previous(lines: Sequence[str], at: int) -> bool:
    return at < len(lines) and fold(seen(lines[at][:200]).strip("*_#:： ")) in PREVIOUS


def _may_say_above(stripped: str) -> bool:
    return stripped.count(" ") < _SHORT or stripped[0] == "[" or stripped[:2].strip(_SIGNS) == ""


def _is_reply_above(stripped: str) -> bool:
    if not _may_say_above(stripped):
        return False
    said = fold(stripped)
    return any(phrase in said for phrase in ABOVE_THIS) and any(word in said for word in ANSWER_WORDS)


def _marked_lines(lines: Sequence[str], marks: Sequence[Mark]) -> dict[int, str]:
    """On which lines the words of the marks stand, each mark below the one before; a mark that is not found is none."""
    if not marks:
        return {}
    squeezed = [squeeze(line) for line in _up_to(lines, _MAX_MARKED)]
    ends = list(accumulate(map(len, squeezed)))
    whole = "".join(squeezed)
    found: dict[int, str] = {}
    at = 0
    for mark in marks:
        start = whole.find(mark.words, at)
        if start < 0 or (mark.sort == "cut" and len(mark.words) < 8):
            continue
        first = bisect_left(ends, start + 1)
        if start != ends[first] - len(squeezed[first]):
            continue
        last = bisect_left(ends, start + len(mark.words)) if mark.whole else first
        if mark.whole and ends[last] != start + len(mark.words):
            continue
        at = start + len(mark.words)
        found |= dict.fromkeys(range(first, last + 1), mark.sort)
    return found


def _up_to(lines: Sequence[str], limit: int) -> Sequence[str]:
    total = 0
    for n, line in enumerate(lines):
        total += len(line)
        if total > limit:
            return lines[:n]
    return lines


def _has_words(line: str) -> bool:
    return any(map(str.isalnum, line)) or bool(line.strip(" \t\r*_->|#=.\u00a0"))


def _tidy(lines: list[str]) -> str:
    text = "\n".join(map(str.rstrip, lines))
    return (_GAP.sub("\n\n", text) if "\n\n\n" in text else text).strip()
