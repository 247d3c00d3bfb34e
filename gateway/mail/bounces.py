"""A mail of a mail daemon in, the recipients it could not be delivered to out: RFC 3464 reports, and the prose of
servers that send none.
"""

import re
from collections.abc import Iterable

from gateway.mail.addresses import is_addr_spec, parse_addresses
from gateway.mail.bounce_reasons import (
    ADDRESSES,
    AFTER_CONTENT,
    GONE,
    GONE_FOR_CERTAIN,
    REASON_OF_CODE,
    REASONS,
    Reason,
)
from gateway.mail.bounce_words import DELAY
from gateway.mail.delivery_reports import Group, head_of, read_reports, untyped
from gateway.mail.fields import Block, read_block
from gateway.mail.ids import thread_ids
from gateway.mail.message import Bounce, BounceRecipient
from gateway.mail.mime import Structure
from gateway.mail.prose_bounces import Told, any_address, prose_of, told_recipients
from gateway.mail.words import decode_words

_MAX_DIAGNOSTIC = 1000
_MAX_JUDGED = 4000
_MAX_RETURNED = 256 * 1024
_SAYS_LITTLE = ("expired", "protocol", "encryption")
_DONE = ("delivered", "relayed", "expanded")
_RETURNED_TYPES = (
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global-headers",
)
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
#: An enhanced code right behind its reply code or "#" is the server's own; elsewhere the figures may be anything.
_SERVER_CODE = re.compile(
    r"(?:(?<!\d)([45])\d\d[ -]{1,3}[#<(\[]{0,2}|#|smtp;[ ]?)([45])\.(\d{1,3})\.(\d{1,3})(?![\d.])"
)
_REPLY_CODE = re.compile(r"(?<![\d.:/@-])([45])[0-5]\d(?=[\s\-,:;]|\Z)")
_RETURNED_TO = re.compile(r"^[ \t>]{0,8}to:[ \t]{0,8}([^\n]{1,400})", re.IGNORECASE | re.MULTILINE)
_RETURNED_ID = re.compile(
    r"^[ \t>]{0,8}message-id:[ \t]{0,8}(?:\r?\n[ \t]{1,8})?<([^<>\s]{3,900})>", re.IGNORECASE | re.MULTILINE
)


def read_bounce(raw: bytes, structure: Structure, text: str) -> Bounce:
    """The recipients that the mail reports on, as a bounce; read it only if the mail is one. At most 100."""
    top = structure.parts[0].block
    subject = decode_words(top.first(b"subject") or b"")
    prose, behind = prose_of(text)
    returned = _returned_block(raw, structure)
    reported = read_reports(raw, structure)
    if reported:
        return Bounce(tuple(_from_groups(reported, prose)), _returned_id(top, returned, behind))
    recipients = _from_prose(top, subject, prose, returned, behind, _own_addresses(top))
    return Bounce(tuple(recipients), _returned_id(top, returned, behind))


def reports_success_only(raw: bytes, structure: Structure) -> bool:
    """Whether all that the reports tell of was delivered or passed on (RFC 3464 2.3.3): nothing came back."""
    groups = read_reports(raw, structure)
    return bool(groups) and all(group.get("action", "").split(" ")[0].lower() in _DONE for group in groups)


def _own_addresses(top: Block) -> set[str]:
    """Whom the bounce is from and to. A server may name both; neither is whom the mail could not be delivered to."""
    names = (b"to", b"delivered-to", b"from", b"sender", b"reply-to", b"x-original-to", b"return-path", b"errors-to")
    return {
        mailbox.address.lower()
        for name in names
        for value in top.all(name)[:5]
        for mailbox in parse_addresses(value[:2000]).addresses
    }


def _from_groups(groups: list[Group], prose: str) -> list[BounceRecipient]:
    addresses = [_address_in(group) for group in groups]
    told = {
        one.address.lower(): one for one in told_recipients(prose, (), [address for address in addresses if address])
    }
    found = []
    for group, address in zip(groups, addresses, strict=True):
        action = re.split(r"[\s;(]", group.get("action", "").strip().lower(), maxsplit=1)[0] or None
        diagnostic = untyped(group.get("diagnostic-code", "")) or group.get("x-supplementary-info", "")
        about = told.get(address.lower()) if address else None
        said = about.said if about else (prose if len(groups) == 1 else "")
        found.append(_recipient(address, group.get("status", ""), action, diagnostic, said, alone=len(groups) == 1))
    return found


def _address_in(group: Group) -> str:
    for name in ("final-recipient", "x-actual-recipient", "original-recipient"):
        address = untyped(group.get(name, "")).strip("<> ").removeprefix("mailto:")
        if is_addr_spec(address):
            return address
    return ""


def _from_prose(
    top: Block, subject: str, prose: str, returned: Block | None, behind: str, own: set[str]
) -> list[BounceRecipient]:
    """What is told best goes first: X-Failed-Recipients (Exim, Gmail), lines that begin with or name an address, any
    address, and at last whom the returned mail was for.
    """
    failed = [
        mailbox.address
        for value in top.all(b"x-failed-recipients")[:20]
        for mailbox in parse_addresses(value).addresses
    ]
    told = told_recipients(prose, own, [address for address in failed if is_addr_spec(address)])
    told = told or told_recipients(prose, ())
    if not told:
        others = [*any_address(prose, own), *_written_to(returned, behind), *any_address(behind[:4096], own)]
        told = [Told(address) for address in list(dict.fromkeys(others))[:1] or [""]]
    delayed = bool(DELAY.search(subject) or DELAY.search(_judged(prose)))
    action = "delayed" if delayed else "failed"
    found = []
    for one in told[:100]:
        alone = len(told) == 1
        said = (
            prose
            if alone and not one.is_headed
            else one.said
            if one.is_reason() or _reason(one.said, _MAX_DIAGNOSTIC)
            else f"{one.said}\n{prose}"
        )
        found.append(_recipient(one.address, "", action, " ".join(said.split()), prose if alone else "", alone=alone))
    return found


def _written_to(returned: Block | None, behind: str) -> list[str]:
    if returned is not None:
        values = returned.all(b"to")[:3]
    else:
        values = tuple(line[1].encode("utf-8", "replace") for line in list(_RETURNED_TO.finditer(behind[:16_384]))[:1])
    return [
        mailbox.address
        for value in values
        for mailbox in parse_addresses(value[:2000]).addresses
        if is_addr_spec(mailbox.address)
    ]


def _recipient(
    address: str, status: str, action: str | None, diagnostic: str, said: str, *, alone: bool
) -> BounceRecipient:
    """`diagnostic` is the server's word on this recipient, `said` what else the mail tells of it. Where it is one of many, less is looked at."""
    limit = _MAX_JUDGED if alone else _MAX_DIAGNOSTIC
    reason = _reason(diagnostic, limit) or _reason(said, limit)
    delayed = action == "delayed"
    given = _status(status, diagnostic, said)
    code = given or _derived(reason, diagnostic or said, delayed=delayed)
    context = f"{diagnostic} {said[:_MAX_JUDGED]}".lower()
    certain = given in GONE_FOR_CERTAIN or (reason is not None and reason.is_certain)
    after_content = not certain and bool(AFTER_CONTENT.search(context))
    failed = action not in ("delayed", *_DONE)
    return BounceRecipient(
        address=address if is_addr_spec(address) else None,
        status=code,
        action=action,
        permanent=failed
        and _is_permanent(
            code, reason, after_content=after_content, final=action == "failed" and bool(_REPLY_CODE.search(diagnostic))
        ),
        diagnostic=(diagnostic or " ".join(said.split()))[:_MAX_DIAGNOSTIC],
        reason=reason.name if reason else REASON_OF_CODE.get(code[2:], ""),
    )


def _judged(words: str) -> str:
    return " ".join(ADDRESSES.sub(" ", words[:_MAX_JUDGED].lower()).split())


def _reason(words: str, limit: int) -> Reason | None:
    judged = _judged(words[:limit])
    return next((reason for reason in REASONS if reason.words.search(judged)), None) if judged else None


def _status(given: str, diagnostic: str, said: str) -> str:
    """The enhanced code of the report; the server's own where the report's says less or contradicts the reply (RFC 3463)."""
    first = _STATUS.search(given)
    second = _server_code(diagnostic) or (_server_code(said) if not first else "")
    if not first:
        return second
    code = first[0]
    if not second:
        return code
    vague = code.endswith(".0.0") and code[0] == second[0] and not second.endswith(".0.0")
    expired = code in ("4.4.7", "5.4.7")
    reply = _REPLY_CODE.search(diagnostic)
    contradicted = code[0] != second[0] and reply is not None and reply[1] == second[0]
    return second if vague or expired or contradicted else code


def _server_code(words: str) -> str:
    words = words[:_MAX_JUDGED]
    codes = [
        f"{found[2]}.{found[3]}.{found[4]}" for found in _SERVER_CODE.finditer(words) if found[1] in (None, found[2])
    ]
    codes = codes or [found[0] for found in _STATUS.finditer(words) if found[1] != "2"]
    return next((code for code in codes if not code.endswith(".0.0")), codes[0] if codes else "")


def _derived(reason: Reason | None, words: str, *, delayed: bool) -> str:
    reply = _REPLY_CODE.search(words[:_MAX_JUDGED])
    if reason is None:
        return f"{reply[1]}.0.0" if reply else ""
    class_ = reply[1] if reply else "4" if delayed or reason.transient else "5"
    return f"{class_}.{reason.detail}"


def _is_permanent(code: str, reason: Reason | None, *, after_content: bool, final: bool) -> bool:
    """Whether the address itself is to blame for good: what is unknown stays so; what is full, blocked or too big may not.

    A server that takes RCPT and calls the user unknown after the content is a filter, and judges the mail.
    """
    if code.startswith("2"):
        return False
    by_words = reason is not None and reason.is_gone and not (reason.name == "unknown_user" and after_content)
    if code.startswith("4"):
        # Servers answer 450 where they could not verify a user; who has given up for good after days of it settles that.
        return final and by_words and reason is not None and reason.name == "unknown_user"
    if reason is None or reason.name in _SAYS_LITTLE:
        return code in GONE
    return by_words


def _returned_block(raw: bytes, structure: Structure) -> Block | None:
    """The header of the returned mail, if it stands in a part of its own."""
    for part in structure.parts[1:]:
        if part.content_type in _RETURNED_TYPES:
            return read_block(head_of(raw, part, _MAX_RETURNED))
    return None


def _returned_id(top: Block, returned: Block | None, behind: str) -> str | None:
    """Message-ID of the returned mail, from its header, from the text, or from what the bounce says it answers."""
    if returned is not None:
        ids = _ids(returned, b"message-id")
        if ids:
            return ids[0]
    if named := _RETURNED_ID.search(behind):
        return named[1]
    for name in (b"x-original-message-id", b"original-message-id", b"in-reply-to", b"references"):
        if ids := _ids(top, name):
            return ids[-1]
    return None


def _ids(block: Block, name: bytes) -> list[str]:
    values: Iterable[bytes] = block.all(name)[:3]
    return [
        found for value in values for found in thread_ids(b"References: " + value[:64_000] + b"\r\n\r\n").references
    ]
