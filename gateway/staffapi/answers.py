"""HTTP answer of the desk in -> its document as values, and what became of the push that asked. Pure.

What a desk says is judged by the ticket it shows, not by its status alone: desks in the field say 1 for what they
skipped in silence, and 0 for what they did in part.
"""

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree
from lxml.etree import _Element as Element

from gateway.staffapi.documents import Create, Delete, Modify
from gateway.staffapi.outcome import (
    Accepted,
    Deferred,
    InDoubt,
    Outcome,
    Receipt,
    Refused,
    Ticket,
    Unseen,
)
from gateway.staffapi.tickets import read_int, read_text, read_ticket

#: Bytes of an answer, as sent and after gunzip.
LARGEST_ANSWER = 4 * 1024 * 1024

_START = re.compile(rb"<kayako_staffapi[\s>]")
_END = re.compile(rb"</kayako_staffapi\s*>")
# XML 1.0 2.2 "Char", by exclusion.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# What desks say when a part of a create or modify was not allowed, the rest having been done.
_PART_FAILED = re.compile("Unable to (?:watch|insert note|insert billing|update notes|update billing|update watch)")


class Unreadable(Exception):
    """No StaffAPI document can be had from an answer; `str()` of it says why."""


class TooLarge(Unreadable):
    """The answer has more than LARGEST_ANSWER bytes, as sent or unpacked."""


@dataclass(frozen=True, slots=True)
class SessionExpired:
    """Status -2: the session is gone, or the form came too large for PHP and arrived empty. Nothing was made."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The document of one answer."""

    #: 1 is success; an empty one is 0; None where there is none or it is no number.
    status: int | None
    error: str
    tickets: tuple[Ticket, ...]
    #: Every element directly below the root that has text and no elements, such as "version".
    values: Mapping[str, str] = field(repr=False)
    root: Element = field(repr=False, compare=False)


def read_answer(headers: Mapping[str, str], body: bytes) -> Answer:
    """The first StaffAPI document in `body`, gzip or not, whatever stands around it.

    `headers` are used in words only, for desks send gzip unasked and lengths that are wrong. Raises Unreadable, and of
    its kind TooLarge.
    """
    try:
        root = _parse(_document(_unpack(body)))
    except TooLarge:
        raise
    except Unreadable as reason:
        kind = _shown(_header(headers, "content-type"), 60)
        raise Unreadable(f"{reason}, sent as {kind}" if kind else str(reason)) from None
    values = {
        str(child.tag): read_text(child) for child in reversed(root) if isinstance(child.tag, str) and not len(child)
    }
    status = values.get("status")
    return Answer(
        status=None if status is None else _status(status),
        error=values.get("error", ""),
        tickets=tuple(read_ticket(node) for node in root.iterfind("tickets/ticket") if read_int(node.get("id"))),
        values=values,
        root=root,
    )


def judge(
    push: Create | Modify | Delete, status_code: int, headers: Mapping[str, str], body: bytes
) -> Outcome | SessionExpired:
    """What became of `push`, from the whole answer to it.

    HTTP 3xx, 401, 404, 405, 411, 414, 415, 429: nothing was made, and settings or the desk are at fault. 400, 403:
    nothing was made, perhaps for what this mail says (a filter before the desk). 413: too large, ever. Other HTTP
    errors, and what is no StaffAPI document: in doubt, since a desk may die after it has made the ticket.
    """
    if status_code != 200:
        return judge_http(status_code, headers)
    try:
        answer = read_answer(headers, body)
    except Unreadable as reason:
        return InDoubt(f"the desk's answer is no StaffAPI document: {reason}")
    if answer.status == -2:
        return SessionExpired()
    if answer.status is None:
        return InDoubt("the desk's answer has no status")
    match push:
        case Create():
            return _judge_create(push, answer)
        case Modify():
            return _judge_modify(push, answer)
        case Delete():
            return Accepted(None) if answer.status == 1 else _no(answer)


def judge_http(status_code: int, headers: Mapping[str, str]) -> Deferred | Refused | InDoubt:
    """An HTTP answer other than 200. 5xx and 408 may come after the ticket was made."""
    said = f"the desk answered HTTP {status_code}"
    if 300 <= status_code < 400:
        where = _shown(_header(headers, "location")) or "nowhere"
        return Deferred(f"{said} and points to {where}; set GATEWAY_DESK__URL to where the desk really is", desk=True)
    match status_code:
        case 401:
            return Deferred(f"{said}: a web server before the desk wants its own password", desk=True)
        case 404 | 405 | 411 | 414 | 415:
            return Deferred(f"{said}; check GATEWAY_DESK__URL: there is no StaffAPI at that address", desk=True)
        case 429:
            return Deferred(f"{said}: too many requests", desk=True, retry_after=_retry_after(headers))
        case 400 | 403:
            return Deferred(f"{said}: a filter before the desk, or its list of allowed addresses, said no", desk=False)
        case 413:
            return Refused(f"{said}: the request is too large for the web server before the desk")
        case _:
            return InDoubt(said)


def judge_early(status_code: int, headers: Mapping[str, str]) -> Deferred | Refused:
    """An answer that came before the session id was sent: nothing was made, whatever it says."""
    outcome = None if status_code == 200 else judge_http(status_code, headers)
    if outcome is None or isinstance(outcome, InDoubt):
        return Deferred(f"the desk answered HTTP {status_code} before it had the whole request", desk=True)
    return outcome


def _judge_create(push: Create, answer: Answer) -> Outcome:
    ours = [ticket for ticket in answer.tickets if ticket.staffapiid == push.staffapiid]
    if len(ours) == 1:
        return Accepted(Receipt(ours[0].id, ours[0].display_id or "", ours[0], _shown(answer.error)))
    if ours:
        return InDoubt(f"the desk's answer shows {len(ours)} tickets where one was asked for")
    if answer.status == 1 or _PART_FAILED.search(answer.error):
        return Unseen(
            "the desk's answer is complete and does not show our ticket: either the account may not create tickets, or "
            f"the ticket was made and the account is not assigned to department {push.department_id}"
        )
    return _no(answer)


def _judge_modify(push: Modify, answer: Answer) -> Outcome:
    # The parts before the one that failed stay, and the reply is among the first.
    if "Invalid Ticket (Modify)" in answer.error:
        untouched = not push.adds or "Failed to load Ticket Object" in answer.error
        return _no(answer) if untouched else InDoubt(f"the desk failed on its way: {_shown(answer.error)}")
    failed = len(set(_PART_FAILED.findall(answer.error)))
    if failed and failed == _parts(push):
        return _no(answer)
    named = [ticket for ticket in answer.tickets if _is(ticket, push.ticket)]
    # A merged ticket answers with the number of the one it was merged into.
    found = named or (answer.tickets if len(answer.tickets) == 1 else [])
    if found:
        display_id = found[0].display_id or (push.ticket if isinstance(push.ticket, str) else "")
        return Accepted(Receipt(found[0].id, display_id, found[0], _shown(answer.error)))
    if answer.tickets:
        return InDoubt(f"the desk's answer shows {len(answer.tickets)} tickets, none of them {push.ticket}")
    if answer.status == 1 or failed:
        return Unseen(
            f"the desk's answer is complete and does not show ticket {push.ticket}: either it is gone, or the account may "
            "not change tickets, or it was changed in a department the account is not assigned to"
        )
    return _no(answer)


def _parts(push: Modify) -> int:
    """How many things the push asks for, each of which the desk may refuse by itself."""
    ids = (push.department_id, push.status_id, push.priority_id, push.type_id, push.owner_id, push.flag)
    given = [value is not None for value in (*ids, push.resolution_due, push.reply_due, push.watch, push.reply)]
    return sum(given) + sum(map(bool, (push.tags, push.ccto, push.bccto, push.notes, push.billing)))


def _no(answer: Answer) -> Deferred | Refused:
    said = f"the desk said: {_shown(answer.error) or 'no'} (status {answer.status})"
    # -1 is about the account or the address, never about one ticket.
    return Deferred(said, desk=True) if answer.status == -1 else Refused(said)


def _is(ticket: Ticket, wanted: int | str) -> bool:
    return str(ticket.id) == str(wanted) or (ticket.display_id or "").casefold() == str(wanted).casefold()


def _unpack(body: bytes) -> bytes:
    # Of what is longer only the beginning was kept: unpacked it would look as if it ended in the middle.
    if len(body) > LARGEST_ANSWER:
        raise TooLarge(f"it has more than {LARGEST_ANSWER} bytes")
    if not body.startswith(b"\x1f\x8b"):
        return body
    unzip = zlib.decompressobj(wbits=31)
    try:
        plain = unzip.decompress(body, LARGEST_ANSWER + 1)
    except zlib.error:
        raise Unreadable("it is broken gzip") from None
    if len(plain) > LARGEST_ANSWER:
        raise TooLarge(f"it unpacks to more than {LARGEST_ANSWER} bytes")
    return plain


def _document(body: bytes) -> bytes:
    """From the root's start to its end, which is the first end tag outside CDATA: a ticket's subject may hold one."""
    if not body.strip():
        raise Unreadable("it is empty")
    start = _START.search(body)
    if not start:
        raise Unreadable(f"it begins {_shown(body[:200].decode('utf-8', 'replace'), 80)!r}")
    if b"<!DOCTYPE" in body[: start.start()].upper():
        raise Unreadable("it has a DOCTYPE")
    position = start.end()
    end = _END.search(body, position)
    while end:
        cdata = body.find(b"<![CDATA[", position, end.start())
        if cdata < 0:
            return body[start.start() : end.end()]
        closed = body.find(b"]]>", cdata)
        if closed < 0:
            break
        position = closed + 3
        if position > end.start():
            end = _END.search(body, position)
    raise Unreadable("it ends in the middle")


def _parse(document: bytes) -> Element:
    try:
        return etree.fromstring(document, _parser())
    except etree.XMLSyntaxError:
        # Older desks let control characters and broken UTF-8 through (SWIFT-1949, 3408, 4108).
        text = _ILLEGAL.sub("", document.decode("utf-8", "replace"))
    try:
        return etree.fromstring(text.encode(), _parser())
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"it is broken XML ({_shown(error.msg or '', 80)})") from None


def _parser() -> etree.XMLParser:
    return etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _status(text: str) -> int | None:
    """PHP before 8 writes the number 0 as an empty element."""
    return read_int(text.strip() or "0")


def _shown(text: str, width: int = 300) -> str:
    """The desk's words on one line, fit for a person: no markup, no stack trace, no control character."""
    return " ".join(_ILLEGAL.sub(" ", text).split())[:width]


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """RFC 9110 10.2.3, seconds only, at most an hour."""
    seconds = read_int(_header(headers, "retry-after"))
    return None if seconds is None or seconds < 0 else float(min(seconds, 3600))
