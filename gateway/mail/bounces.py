"""A mail in, the recipients it could not be delivered to out: RFC 3464 reports, and prose of servers that send none."""

import re
from collections.abc import Iterator

from gateway.mail.addresses import is_addr_spec
from gateway.mail.decode import content
from gateway.mail.fields import read_block
from gateway.mail.message import Bounce, BounceRecipient
from gateway.mail.mime import Structure
from gateway.mail.words import decode_words

_MAX_RECIPIENTS = 100
_MAX_REPORT = 256 * 1024
_MAX_PROSE = 64 * 1024
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?<![\d.])([45]\d\d)(?=[\s\-])")
_ADDRESS = re.compile(r"<?([A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,255})>?")
#: How qmail, Postfix and Exim begin what they say about one recipient.
_TOLD = re.compile(r"^\s{0,4}<([^\s<>@]{1,64}@[^\s<>]{1,255})>\s{0,2}(?::|\n|\()", re.MULTILINE)
_GROUP_END = re.compile(rb"\n[ \t]*\r?\n")
_ORIGINAL = re.compile(
    r"^\s*(?:-{2,}.{0,60}(?:copy of|original message|returned message|message header|unsent message)|return-path:|received:)",
    re.IGNORECASE | re.MULTILINE,
)
#: RFC 3463 3: what the address itself is to blame for, so that sending again is useless.
_GONE = ("5.1.1", "5.1.2", "5.1.6", "5.1.10", "5.2.1", "5.4.4")
_GONE_PHRASES = re.compile(
    r"user(?: is)? unknown|unknown (?:user|recipient|local|address|mailbox)|no such (?:user|mailbox|recipient|address|person|local)|"
    r"(?:user|account|mailbox|recipient|address)[^\n]{0,40}(?:does not exist|doesn't exist|not found|unknown|is disabled|is inactive|invalid)|"
    r"(?:host|domain)(?: name)?(?: is)? (?:unknown|not found)|(?:unknown|invalid|no such) (?:host|domain)|name or service not known|"
    r"invalid (?:mailbox|recipient|user)|unrouteable address|not a (?:valid|known) (?:user|mailbox|recipient)|nonexistent|"
    r"recipient address rejected|recipient rejected|address rejected|no mailbox (?:here )?by that name|mailbox unavailable|recipient not found|not our customer|no account",
    re.IGNORECASE,
)
_OTHER_PHRASES = re.compile(
    r"quota|mailbox (?:is )?full|over ?quota|spam|blocked|blacklist|block list|policy|too (?:large|big|many)|relay|sender (?:address|domain)|of sender",
    re.IGNORECASE,
)


def read_bounce(raw: bytes, structure: Structure, text: str) -> Bounce:
    """The recipients that the mail reports on, as a bounce; read it only if the mail is one. At most 100."""
    recipients = [recipient for part in _reports(raw, structure) for recipient in _from_report(part)]
    if not recipients:
        recipients = list(_from_prose(structure, text))
    return Bounce(tuple(recipients[:_MAX_RECIPIENTS]))


def _reports(raw: bytes, structure: Structure) -> Iterator[bytes]:
    for part in structure.parts:
        if part.content_type in ("message/delivery-status", "message/global-delivery-status"):
            yield content(raw, part.span)[:_MAX_REPORT]


def _from_report(report: bytes) -> Iterator[BounceRecipient]:
    """RFC 3464 2.1: groups of fields; the first is about the mail, each other about one recipient."""
    at = 0
    for _ in range(_MAX_RECIPIENTS + 1):
        if at >= len(report):
            return
        end = _GROUP_END.search(report, at)
        stop = end.start() + 1 if end else len(report)
        fields = {
            field.name.decode("latin-1").lower(): decode_words(field.value)
            for field in read_block(report, at, stop, top=False).fields
        }
        at = end.end() if end else len(report)
        named = fields.get("final-recipient") or fields.get("original-recipient")
        if not named:
            continue
        action = fields.get("action", "").split(" ")[0].lower() or None
        diagnostic = fields.get("diagnostic-code", "")
        yield _recipient(_typed(named), fields.get("status", ""), action, _typed(diagnostic))


def _typed(value: str) -> str:
    """What stands behind the type of an RFC 3464 field such as "rfc822; a@b"."""
    type_, semicolon, rest = value.partition(";")
    return (rest if semicolon and " " not in type_.strip() else value).strip().strip("<>")


def _recipient(address: str, status: str, action: str | None, diagnostic: str) -> BounceRecipient:
    given = _STATUS.search(status)
    said = _STATUS.search(diagnostic)
    best = given if given and (given[2] != "0" or not said or said[1] != given[1]) else said or given
    code = best[0] if best else ""
    if not code and (reply := _REPLY_CODE.search(diagnostic)):
        code = f"{reply[1][0]}.0.0"
    failed = action in (None, "failed")
    return BounceRecipient(
        address=address if is_addr_spec(address) else None,
        status=code,
        action=action,
        permanent=failed and _is_permanent(code, diagnostic),
        diagnostic=diagnostic[:1000],
    )


def _is_permanent(code: str, diagnostic: str) -> bool:
    if code.startswith(("4", "2")):
        return False
    if _OTHER_PHRASES.search(diagnostic):
        return False
    return code in _GONE or bool(_GONE_PHRASES.search(diagnostic))


def _from_prose(structure: Structure, text: str) -> Iterator[BounceRecipient]:
    text = text[:_MAX_PROSE]
    cut = _ORIGINAL.search(text)
    prose = text[: cut.start()] if cut and cut.start() else text
    top = structure.parts[0].block
    failed = decode_words(b" ".join(top.all(b"x-failed-recipients")[:20]))
    named = [found[1].rstrip(".") for found in _ADDRESS.finditer(failed or prose)]
    told = [(found[1], found.start()) for found in _TOLD.finditer(prose)][:20]
    if not failed and told:
        named = list(dict.fromkeys(address for address, _ in told))
        prose = prose[told[0][1] :]
    for address in list(dict.fromkeys(named))[: 20 if failed or told else 1] or [""]:
        yield _recipient(address, "", None, " ".join(prose.split())[:4000])
