"""The text of a mail daemon in, what it says about each recipient out. Linear: one pass over the lines of its head."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from gateway.mail.bounce_words import RETURNED

_MAX_PROSE = 64 * 1024
_MAX_LINES = 1500
_MAX_LINE = 1000
_MAX_SAID = 2000
MAX_RECIPIENTS = 50

_ADDR = r"(?:\"[^\"\s@]{1,64}\"|[^\s<>\"'()\[\],;:@|*：（）【】「」、。，；“”]{1,100}+)@(?:[A-Za-z0-9\u0080-\uffff_-]{1,63}\.){1,8}[A-Za-z0-9\u0080-\uffff-]{2,63}"
_ADDRESS = re.compile(_ADDR)
#: A line that begins with the address it speaks of: qmail, Postfix, Exim, sendmail, Courier, Exchange, GMX, Yahoo, dma.
_LEADING = re.compile(
    rf"[ \t>*•\-–:|]{{0,40}}(?:to:? |smtp:|rfc822;|recipient:? |address:? |mailbox:? |\d{{1,3}}[.)] )?[<\"'\[(]{{0,2}}(?:smtp:|mailto:|rfc822;)?({_ADDR})[>\"'\])]{{0,2}}"
    r"(?=[ \t]{0,8}(?:$|:|,|;|\(|\.\.\.|\.$|<|->|=>|[-–—] |on \d|on \w{3}[ ,]|\.? {2}|\t|[A-Z\[]|\d{3}[ -]|failed|was|has|is |does|because|cannot|could|undeliver|unknown|user|not |no |mailbox|account))",
    re.IGNORECASE,
)
#: A reply of a server that repeats the address, as in sendmail's transcripts.
_REPLIED = re.compile(
    rf"[ \t]{{0,16}}(?:<<<[ \t]{{0,8}})?(?:smtp error: )?[45]\d\d[ -](?:[45]\.\d{{1,3}}\.\d{{1,3}}[ \t]{{1,8}})?(?:\[?<?|[^\n<@]{{0,60}}<)({_ADDR})>?",
    re.IGNORECASE,
)
#: Words that stand before the address.
_LABELLED = re.compile(
    r"(?:rcpt[ \t]{1,4}to[ \t]{0,2}|recipient(?:s|\(s\))?(?:[ \t](?:address|name)(?:es)?)?(?:[ \t]affected)?[ \t]{0,4}|addressed[ \t]to|address(?:ee|es)?|to(?:[ \t]the[ \t](?:following[ \t])?(?:address|recipient)s?)?|(?:unknown|invalid|no[ \t]such|bad)[ \t](?:user|recipient|address|mailbox)(?:[ \t]name)?|user|mailbox|"
    r"deliver(?:ing|y|ed|able)?(?:[ \t](?:your|the|a|this))?(?:[ \t](?:e-?mail|mail|message))?[ \t](?:to|for)|message[ \t](?:to|for)|mail[ \t](?:to|for)|sent[ \t]to|affected|size|attempts?|receiver|destination|"
    r"宛先|受信者|送信先|あて先|收件人|得意先|empfänger|destinataire|destinatario|destinatário|ontvanger|получател\w{0,4}|адресат\w{0,4}|адрес\w{0,4})"
    rf"[ \t]{{0,8}}(?:[:：=\-][ \t]{{0,8}}|[ \t]|(?=<))(?:is[ \t]|was[ \t])?[<\"'\[(]{{0,2}}(?:smtp:|mailto:|rfc822;[ \t]?)?({_ADDR})",
    re.IGNORECASE,
)
_SENDS = re.compile(
    r"[ \t>*<\-]{0,12}(?:in:[ \t]{1,4})?(?:mail[ \t]{1,4}from|from|sender|reply-to|return-path|envelope-sender|x-sender|von|de|差出人|送信者|contact|errors-to|cc|message-id|in-reply-to|references)[ \t]{0,4}[:：]",
    re.IGNORECASE,
)
_HELP = re.compile(
    r"(?:contact|ask|write to|mail to|e-mail to|questions?|assistance|help|forward this|report)[^\n]{0,60}$",
    re.IGNORECASE,
)
_FAILS = re.compile(
    r"[45]\d\d[ -]|[45]\.\d\.\d|unknown|invalid|reject|denied|full|quota|not |n't|no such|refus|block|disabled|inactive|timed|error|fail|exceed|spam|unable|cannot|不明|できま|не |nicht",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Told:
    """One recipient and the lines that speak of it, joined by line breaks."""

    address: str
    #: Whether a line began with the address, so that what follows speaks of it.
    is_headed: bool = False
    lines: list[str] = field(default_factory=list)

    @property
    def said(self) -> str:
        return "\n".join(self.lines)[:_MAX_SAID]

    def is_reason(self) -> bool:
        """Whether the lines hold more than the address."""
        return bool(_FAILS.search(_ADDRESS.sub("", self.said)))


def prose_of(text: str) -> tuple[str, str]:
    """What the daemon says, and the returned mail behind it. Looks at the first 64 KiB."""
    text = text[:_MAX_PROSE]
    for cut in RETURNED.finditer(text):
        before = text[: cut.start()]
        if len(before.strip()) > 40:
            return before, text[cut.start() :]
    return text, ""


def told_recipients(prose: str, own: Iterable[str], expected: Iterable[str] = ()) -> list[Told]:
    """Recipients in the order in which they are told of. `own` are addresses of the sender and of the daemon itself, of
    which a mail is rarely a report; `expected` are recipients known from elsewhere, which alone count then. At most 50.
    """
    lines = [line[:_MAX_LINE].rstrip() for line in prose.split("\n", _MAX_LINES)[:_MAX_LINES]]
    wanted = {address.lower() for address in expected}
    excluded = {address.lower() for address in own} - wanted
    leading: dict[str, Told] = {address: Told(address) for address in expected}
    labelled: dict[str, Told] = {}
    current: Told | None = None
    for line in lines:
        found, level = _address_of(line)
        key = found.lower()
        if level and key not in excluded and (not wanted or key in wanted):
            group = leading if level > 1 or key in wanted else labelled
            known = next((told for told in group.values() if told.address.lower() == key), None)
            if known is None and len(group) < MAX_RECIPIENTS:
                known = group[found] = Told(found)
            if known is not None:
                current = known
                known.is_headed |= level > 1
        if current is not None:
            current.lines.append(line)
    return list(leading.values()) or list(labelled.values())


def _address_of(line: str) -> tuple[str, int]:
    """The address that `line` begins to speak of, and how plainly: 0 none, 1 behind a label, 2 at its head."""
    if "@" not in line or _SENDS.match(line):
        return "", 0
    if found := _LEADING.match(line):
        return _cleaned(found[1]), 2
    if found := _REPLIED.match(line):
        return _cleaned(found[1]), 2
    if (found := _LABELLED.search(line)) and not _HELP.search(line[: found.start() + 8]):
        return _cleaned(found[1]), 1
    return "", 0


def _cleaned(address: str) -> str:
    return address.strip("<>\"'.,;:") if not address.startswith('"') else address.strip("<>.,;:")


def any_address(prose: str, own: Iterable[str]) -> Iterator[str]:
    """Addresses that stand anywhere in the prose but on lines that name senders or offer help."""
    excluded = {address.lower() for address in own}
    for line in prose.split("\n", _MAX_LINES)[:_MAX_LINES]:
        if "@" not in line or _SENDS.match(line) or _HELP.match(line.strip()):
            continue
        for found in _ADDRESS.finditer(line[:_MAX_LINE]):
            if _cleaned(found[0]).lower() not in excluded:
                yield _cleaned(found[0])
