"""The text of a mail in, what its writer wrote and what is quoted or signed below and between out. Linear, by lines.

Every line goes to one side or the other; where no word of the writer would be left, all is the writer's.
"""

import re
from dataclasses import dataclass
from typing import Literal

from gateway.mail.phrases import FORWARDED_NAMES, LABELS, ORIGINAL_NAMES, SENT_FROM, WROTE

#: Text beyond is the writer's, unread: a reply is near the top.
_MAX_LINES = 20_000
_MAX_LINE = 1000
_ATTRIBUTION_LINES = 4
_MAX_ATTRIBUTION = 600

_MARK = re.compile(r"\s{0,3}[>|›»]")
_LABELLED = re.compile(
    r"[\s>*_|\"]*+([^\W\d_](?:[^:：*\n]{0,30}[^:：*\s])?)\s{0,3}\*{0,2}\s?[:：]\*{0,2}(?:\s|\Z|(?=\S))"
)
_RULED = re.compile(r"\s*[-_=~*—–]{2,}+\s*([^\s\-_=~*—–].{2,80}?)\s*[-_=~*—–:]{2,}+\s*\Z")
_UNDERSCORES = re.compile(r"\s*(?:_{8,}|-{20,}|={20,})\s*\Z")
_DELIMITER = re.compile(
    r"[\s\-#=*_<>]{2,}.{0,40}(?:(?:reply|respond|write|type)\b.{0,40}\babove (?:this|the|dieser) line|"
    r"(?:antwort|antworten|schreiben).{0,60}(?:über|oberhalb) dieser (?:zeile|linie)|"
    r"répond\w*.{0,40}au-dessus de cette ligne|respond\w*.{0,40}(?:encima|por encima) de esta línea)",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(r"(?:--|—|--\s)\s?\Z")
_CLOCK = re.compile(r"\d{1,2}\s?[:.h時时점]\s?\d{2}")
_DATE = re.compile(r"\d{4}|\d{1,2}[./-]\d{1,2}")
_WROTE = re.compile(
    r"(?<!\w)(?:" + "|".join(re.escape(verb) for verb in sorted(WROTE, key=len, reverse=True)) + r")(?!\w)",
    re.IGNORECASE,
)
_NOT_LATIN = re.compile("[\u0590-\u06ff\u0e00-\u0e7f\u3040-\u9fff\uac00-\ud7af]")
_ENDS = (":", "：", ":*", ":_", "följande")
_ADDRESS_END = re.compile(r"<[^<>\s]{1,200}@[^<>\s]{1,200}>\s?[:：]\Z")

_Kind = Literal["text", "blank", "quote", "gone"]


@dataclass(frozen=True, slots=True)
class Divided:
    """`reply` and `quoted` together hold every line of the text."""

    reply: str
    quoted: str


def divide(text: str) -> Divided:
    """Never raises; `reply` is empty only where `text` has no words."""
    lines = text.split("\n")
    kinds = _kinds(lines[:_MAX_LINES])
    kinds += ["text"] * (len(lines) - len(kinds))
    reply = [line for line, kind in zip(lines, kinds, strict=True) if kind in ("text", "blank")]
    if not any(map(_has_words, reply)):
        return Divided(text.strip(), "")
    quoted = [line for line, kind in zip(lines, kinds, strict=True) if kind in ("quote", "gone")]
    return Divided(_tidy(reply), _tidy(quoted))


def header_block_at(lines: list[str], at: int) -> int:
    """How many lines from `at` are a quoted header ("From: … Sent: … Subject: …"); 0 where it is none.

    Told by at least three labels of different roles, or two with a sender among them and a date or subject.
    """
    roles: set[str] = set()
    end = at
    for n in range(at, min(at + 14, len(lines))):
        role = label_role(lines[n])
        if role:
            roles.add(role)
            end = n + 1
        elif not lines[n].strip(" >*\t") or not roles or n - end >= 2:
            break
    known = roles - {"other"}
    is_header = len(known) >= 3 or ("from" in known and bool(known & {"date", "subject", "to"}) and len(known) >= 2)
    return end - at if is_header else 0


def label_role(line: str) -> str | None:
    """What the label at the start of a line says, in any language we know."""
    found = _LABELLED.match(line[:200])
    return LABELS.get(found[1].strip().lower()) if found else None


def _kinds(lines: list[str]) -> list[_Kind]:
    kinds: list[_Kind] = []
    wrote = False
    at = 0
    while at < len(lines):
        line = lines[at][:_MAX_LINE]
        stripped = line.strip()
        if not stripped:
            kinds.append("blank")
            at += 1
        elif _MARK.match(line):
            kinds.append("quote")
            at += 1
        elif wrote and _ends_reply(lines, at, stripped):
            break
        elif count := attribution_at(lines, at):
            quote_follows = _quote_follows(lines, at + count)
            if not quote_follows and wrote:
                break
            wrote |= not quote_follows
            kinds += ["gone"] * count if quote_follows else ["text"] * count
            at += count
        else:
            kinds.append("text")
            wrote = True
            at += 1
    _sign(lines, kinds)
    kinds += ["gone"] * (len(lines) - len(kinds))
    return kinds


def _ends_reply(lines: list[str], at: int, stripped: str) -> bool:
    if _DELIMITER.match(stripped):
        return True
    ruled = _RULED.match(stripped[:200])
    if ruled and ruled[1].strip().lower() in ORIGINAL_NAMES | FORWARDED_NAMES:
        return True
    if stripped.rstrip(":").lower() in FORWARDED_NAMES:
        return True
    if _UNDERSCORES.match(stripped):
        following = next((n for n in range(at + 1, min(at + 3, len(lines))) if lines[n].strip()), None)
        return following is not None and header_block_at(lines, following) > 0
    return label_role(stripped) is not None and header_block_at(lines, at) > 0


def attribution_at(lines: list[str], at: int) -> int:
    """How many lines from `at` are an attribution such as "On … wrote:"; 0 where they are none."""
    joined = ""
    for n in range(at, min(at + _ATTRIBUTION_LINES, len(lines))):
        line = lines[n].strip()
        if not line or _MARK.match(line) or len(joined) + len(line) > _MAX_ATTRIBUTION:
            return 0
        joined = f"{joined} {line}".strip()
        if line.endswith(_ENDS) and _is_attribution(joined, lines, n + 1):
            return 0 if _starts_later(lines, at, n + 1, joined) else n + 1 - at
        if _ends_sentence(line) and not _DATE.search(joined):
            return 0
    return 0


def _starts_later(lines: list[str], at: int, after: int, joined: str) -> bool:
    """Whether the line at `at` is the writer's, and the attribution begins below it."""
    dated = bool(_DATE.search(joined))
    for start in range(at + 1, after):
        shorter = " ".join(line.strip() for line in lines[start:after])
        if bool(_DATE.search(shorter)) == dated and _is_attribution(shorter, lines, after):
            return True
    return False


def _ends_sentence(line: str) -> bool:
    return line.endswith((".", "!", "?", "。"))


def _is_attribution(joined: str, lines: list[str], after: int) -> bool:
    dated = bool(_CLOCK.search(joined) or _DATE.search(joined))
    if _ADDRESS_END.search(joined) and dated:
        return True
    verb = _WROTE.search(joined) or (
        _NOT_LATIN.search(joined) and any(word in joined for word in WROTE if _NOT_LATIN.match(word))
    )
    if not verb:
        return False
    if dated and ("@" in joined or _CLOCK.search(joined)):
        return True
    return (dated or "@" in joined or len(joined) < 80) and _quote_follows(lines, after)


def _quote_follows(lines: list[str], at: int) -> bool:
    following = next((lines[n] for n in range(at, min(at + 5, len(lines))) if lines[n].strip()), "")
    return bool(_MARK.match(following))


def _sign(lines: list[str], kinds: list[_Kind]) -> None:
    """Take the signature off the end of what has been read: from "-- " on, and lines that a phone adds."""
    first = kinds.index("text") if "text" in kinds else len(kinds)
    for n, kind in enumerate(kinds):
        if kind == "text" and _SIGNATURE.fullmatch(lines[n].strip()) and n > first:
            kinds[n:] = ["gone"] * (len(kinds) - n)
            break
    for n in range(len(kinds) - 1, -1, -1):
        if kinds[n] != "text":
            continue
        if not lines[n].strip(" *_([<").lower().startswith(SENT_FROM) or len(lines[n]) > 200:
            return
        if n > first:
            kinds[n] = "gone"


def _has_words(line: str) -> bool:
    return any(map(str.isalnum, line)) or bool(line.strip(" \t\r*_->|#=.\u00a0"))


def _tidy(lines: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip("\n").strip()
