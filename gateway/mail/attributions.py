"""Lines of text in, the lines that name whom the mail below them is from ("On … wrote:") out. Linear, by lines."""

import re
from collections.abc import Sequence
from itertools import accumulate

from gateway.mail.lines import fold, seen
from gateway.mail.phrases import ATTRIBUTION_STARTS, FIRST_PERSON, WROTE

_MAX_LINES = 4
_MAX_LENGTH = 600
_TAIL = 40
#: Lines that look like the end of an attribution and are tried.
_MAX_ENDS = 500
#: A quote mark, RFC 3676 4.5, and those of other clients.
MARK = re.compile(r"\s{0,3}[>|›»]")
_CLOCK = re.compile(r"\d{1,2}\s?[:.h時时点點점시]\s?\d{2}|\d{1,2}\s?(?:[ap]\.?m\b|h\b|시|時|时|点|點)", re.IGNORECASE)
_DATE = re.compile(r"\d{4}|\d{1,2}\.?[./-]\s?\d{1,2}|\d{1,2}\.?\s[^\W\d]{3,12}|[^\W\d]{3,12}\.?\s\d{1,2}(?!\d)")
# Scripts that do without spaces, or write what stands beside a name together with it.
_NOT_LATIN = re.compile("[\u0590-\u06ff\u0900-\u0dff\u0e00-\u0e7f\u3040-\u9fff\uac00-\ud7af]")
_WROTE_JOINED = tuple(verb for verb in WROTE if _NOT_LATIN.match(verb))
_ENDS = (":", "：", ">", ")", "följande", ":*", ":_", ":**", "*:", "։", "՝", "៖", "يلي", "글")
_LAST = frozenset(end[-1] for end in (*_ENDS, "-"))
_RULED_END = re.compile(r"[-—–]{2,}\Z")
_MAILBOX = re.compile(r"[<(\[«]\s?(?:mailto:)?[^<>()\[\]\s]{1,200}@[^<>()\[\]\s]{1,200}\s?[>)\]»]")
_MAILBOX_END = re.compile(_MAILBOX.pattern + r"[\s*_,]{0,4}[:：][*_]{0,2}\Z")
#: Tuta: "5 May 2025, 10:11 by ann@a.example:"
_ADDRESS_END = re.compile(r"\s[^<>()\[\]\s@]{1,64}@[^<>()\[\]\s@]{1,200}:\Z")
_MAILBOX_BARE_END = re.compile(_MAILBOX.pattern + r"\Z")
#: Longer lines without a verb are the writer's; Mutt's "* Ann <ann@a.example> [2025-05-05 10:11]:" is short.
_MAX_VERBLESS = 250
_MAX_ADDRESSED = 100
_GROUPWISE = ">>>"
_SENTENCE_ENDS = (".", "!", "?", "。", "؟")


def may_begin(lines: Sequence[str]) -> list[bool]:
    """For each line whether one of the next few may end an attribution: cheap, and no more than some hundred are."""
    counted = [min(count, _MAX_ENDS) for count in accumulate(map(_may_end, lines), initial=0)]
    return [counted[min(n + _MAX_LINES, len(lines))] > counted[n] for n in range(len(lines))]


def _may_end(line: str) -> bool:
    bare = line[-_TAIL:].rstrip() if line.isascii() else seen(line[-_TAIL:])
    if bare[-1:] not in _LAST:
        return False
    return bare.endswith(_ENDS) or (bare.endswith("-") and _RULED_END.search(bare) is not None)


def attribution_at(lines: Sequence[str], at: int) -> int:
    """How many lines from `at` are an attribution; 0 where they are none."""
    joined = ""
    for n in range(at, min(at + _MAX_LINES, len(lines))):
        line = seen(lines[n][:_MAX_LENGTH])
        if not line or (MARK.match(line) and not line.startswith("»")) or len(joined) + len(line) > _MAX_LENGTH:
            return 0
        joined = f"{joined} {line}".strip()
        if _may_end(line) and _is_attribution(joined, lines, n + 1):
            return 0 if _starts_later(lines, at, n + 1, joined) else n + 1 - at
        if line.endswith(_SENTENCE_ENDS) and not _DATE.search(joined):
            return 0
    return 0


def groupwise_at(lines: Sequence[str], at: int) -> int:
    """How many lines from `at` are GroupWise's ">>> Ann Bell 5/5/2025 10:11 AM >>>" or ">>> On … wrote:"; else 0."""
    bare = [lines[at].strip()[len(_GROUPWISE) :].strip(), *lines[at + 1 : at + _MAX_LINES]]
    if bare[0].endswith(_GROUPWISE):
        return 1 if len(bare[0]) < _MAX_LENGTH and _DATE.search(bare[0]) and _CLOCK.search(bare[0]) else 0
    return attribution_at(bare, 0)


def quote_follows(lines: Sequence[str], at: int, *, within: int = 5) -> bool:
    """Whether the first words from `at` on, in so many lines, are quoted."""
    following = next((lines[n] for n in range(at, min(at + within, len(lines))) if lines[n].strip()), "")
    return bool(MARK.match(following))


def _starts_later(lines: Sequence[str], at: int, after: int, joined: str) -> bool:
    """Whether the line at `at` is the writer's, and the attribution begins below it."""
    dated, addressed = bool(_DATE.search(joined)), bool(_MAILBOX.search(joined))
    for start in range(at + 1, after):
        shorter = " ".join(seen(line) for line in lines[start:after])
        if (
            bool(_DATE.search(shorter)) == dated
            and bool(_MAILBOX.search(shorter)) == addressed
            and _is_attribution(shorter, lines, after)
        ):
            # A name alone on its line belongs to the address that was wrapped to the next.
            return not _is_begun(seen(lines[start - 1]), shorter)
    return False


def _is_begun(before: str, rest: str) -> bool:
    """Whether `before` begins what `rest` goes on with: its first words stand before the line, its verb comes later."""
    return bool(_DATE.search(before) and _CLOCK.search(before)) and not bool(_CLOCK.search(rest))


def _is_attribution(joined: str, lines: Sequence[str], after: int) -> bool:
    clock, date = bool(_CLOCK.search(joined)), bool(_DATE.search(joined))
    mailbox = "@" in joined
    if (clock or date) and _MAILBOX_END.search(joined) and ((clock and date) or quote_follows(lines, after)):
        return True
    if clock and date and len(joined) < _MAX_ADDRESSED and joined[:1].isalnum() and _ADDRESS_END.search(joined):
        return True
    if joined.endswith((">", ")")):
        return date and _MAILBOX_BARE_END.search(joined) is not None and quote_follows(lines, after, within=2)
    folded = fold(joined)
    if joined.startswith("--") and _RULED_END.search(joined) and _verb_at(folded) > 0:
        return True
    if folded.startswith(ATTRIBUTION_STARTS):
        return mailbox or quote_follows(lines, after)
    verb = _verb_at(folded)
    if verb < 0 and date and clock and joined[:1].isdigit() and len(joined) < _MAX_ADDRESSED and joined[-1] in ":：":
        return quote_follows(lines, after)
    if verb < 0 and not (_NOT_LATIN.search(joined) and any(word in folded for word in _WROTE_JOINED)):
        return mailbox and (clock or date) and len(joined) < _MAX_VERBLESS and quote_follows(lines, after)
    if verb >= 0 and _is_own_sentence(folded[:verb]) and not quote_follows(lines, after):
        return False
    if (date and (mailbox or clock)) or (clock and mailbox):
        return True
    return (date or mailbox or len(joined) < 80) and quote_follows(lines, after)


def _verb_at(folded: str) -> int:
    """Where a verb such as "wrote" stands as a word of its own; -1 where none does."""
    for verb in WROTE:
        at = folded.find(verb)
        if at >= 0 and not folded[at - 1 : at].isalnum() and not folded[at + len(verb) : at + len(verb) + 1].isalnum():
            return at
    return -1


def _is_own_sentence(before: str) -> bool:
    """Whether the words before the verb end with whom the writer calls I, as in "On Monday at 10:30 I wrote:"."""
    return not FIRST_PERSON.isdisjoint(before.replace(",", " ").split()[-2:])
