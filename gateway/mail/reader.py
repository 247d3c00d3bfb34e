"""Raw mail in, Message out. Never raises on any bytes, linear; what is broken is said in `defects`."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from gateway.mail import bodies, markup, tnef
from gateway.mail.addresses import Mailboxes, is_addr_spec, parse_addresses
from gateway.mail.bounces import read_bounce
from gateway.mail.dates import parse_date
from gateway.mail.decode import content
from gateway.mail.fields import Block
from gateway.mail.forwards import read_forward
from gateway.mail.ids import thread_ids
from gateway.mail.kinds import kind_of, may_autorespond
from gateway.mail.message import Address, Attachment, Header, Importance, Message
from gateway.mail.mime import OPAQUE, Part, split
from gateway.mail.replies import divide
from gateway.mail.words import decode_words

#: Kayako Classic's display id: mask "ABC-123-45678".
_TICKET = re.compile(r"(?<![A-Za-z0-9-])([A-Z]{3}-\d{3}-\d{5})(?![A-Za-z0-9-])")
_ORIGINAL_RECIPIENTS = (
    b"x-original-to",
    b"delivered-to",
    b"envelope-to",
    b"x-envelope-to",
    b"x-rcpt-to",
    b"x-forwarded-to",
    b"x-forwarded-for",
    b"x-original-recipient",
)
_MAX_HTML_FOR_CIDS = 4 * 1024 * 1024


def read(raw: bytes) -> Message:
    """What the mail says. Python's `email` takes no part in it."""
    structure = split(raw)
    top = structure.parts[0].block
    ids = thread_ids(raw)
    found = bodies.choose_bodies(raw, structure)
    subject = decode_words(top.first(b"subject") or b"")
    defects = [*structure.defects, *found.defects]
    senders = _mailboxes(top, b"from", defects)
    reply_to = _mailboxes(top, b"reply-to", defects).addresses
    from_ = next(iter(senders.addresses), None)
    kind = kind_of(structure, from_, subject, found.text)
    forwarded = read_forward(found.text, subject, has_parent=bool(ids.in_reply_to or ids.references))
    parted = divide(found.text)
    return Message(
        subject=subject,
        message_id=ids.message_id,
        in_reply_to=ids.in_reply_to,
        references=ids.references,
        date=parse_date(decode_words(top.first(b"date") or b"")),
        from_=from_,
        sender=_sender(from_, reply_to, forwarded.from_ if forwarded else None),
        to=_mailboxes(top, b"to", defects).addresses,
        cc=_mailboxes(top, b"cc", defects).addresses,
        reply_to=reply_to,
        original_recipients=_original_recipients(top),
        importance=_importance(top),
        text=found.text,
        html=found.html,
        reply_text=parted.reply,
        quoted_text=parted.quoted,
        attachments=_attachments(raw, found),
        kind=kind,
        may_autorespond=may_autorespond(structure, kind, from_),
        bounce=read_bounce(raw, structure, found.text) if kind == "bounce" else None,
        forwarded=forwarded,
        ticket_mentions=tuple(dict.fromkeys(_TICKET.findall(subject))),
        defects=tuple(dict.fromkeys(defects)),
        headers=_headers(top),
        ambiguous_sender=_is_ambiguous(top, senders),
    )


def _headers(top: Block) -> tuple[Header, ...]:
    return tuple(Header(field.name.decode("utf-8", "replace"), decode_words(field.value)) for field in top.fields)


def _mailboxes(top: Block, name: bytes, defects: list[str]) -> Mailboxes:
    """Of all fields called `name`; programs that write two mean both."""
    read_ = [parse_addresses(value) for value in top.all(name)[:10]]
    if any(mailboxes.cut for mailboxes in read_):
        defects.append(f"The field {name.decode().title()} holds too many addresses; the rest was not read.")
    addresses = tuple(address for mailboxes in read_ for address in mailboxes.addresses)
    return Mailboxes(addresses, bool(read_) and all(mailboxes.exact for mailboxes in read_))


def _is_ambiguous(top: Block, senders: Mailboxes) -> bool:
    return len(top.all(b"from")) != 1 or len(senders.addresses) != 1 or not senders.exact


def _sender(from_: Address | None, reply_to: tuple[Address, ...], forwarded: Address | None) -> Address | None:
    if forwarded and is_addr_spec(forwarded.address):
        return forwarded
    answer = next((address for address in reply_to if is_addr_spec(address.address)), None)
    return answer or from_


def _original_recipients(top: Block) -> tuple[str, ...]:
    found = (
        mailbox.address
        for name in _ORIGINAL_RECIPIENTS
        for value in top.all(name)[:20]
        for mailbox in parse_addresses(value).addresses
        if is_addr_spec(mailbox.address)
    )
    return tuple(dict.fromkeys(found))


def _importance(top: Block) -> Importance:
    """RFC 2156 5.3.6 and what came before it; the field that says more than normal counts."""
    for name in (b"importance", b"x-priority", b"x-msmail-priority", b"priority"):
        word = decode_words(top.first(name) or b"").lower()[:40]
        if word.startswith(("high", "urgent", "1", "2")):
            return "high"
        if word.startswith(("low", "non-urgent", "nonurgent", "4", "5")):
            return "low"
    return "normal"


def _attachments(raw: bytes, found: bodies.Bodies) -> tuple[Attachment, ...]:
    shown = markup.content_ids((found.html or "")[:_MAX_HTML_FOR_CIDS])
    return tuple(attachment for part in found.attached for attachment in _attachment(raw, part, shown))


def _attachment(raw: bytes, part: Part, shown: frozenset[str]) -> Iterator[Attachment]:
    """What `part` holds: itself, and behind it the files of a winmail.dat."""
    data = content(raw, part.span)
    content_id = decode_words(part.block.first(b"content-id") or b"").strip("<> ")[:998] or None
    own = Attachment(
        filename=part.filename,
        content_type=part.content_type,
        size=len(data),
        **_digests(data),
        inline=content_id is not None and content_id in shown,
        content_id=content_id,
        span=part.span,
    )
    yield own
    if part.content_type in tnef.TYPES or part.filename.lower() == "winmail.dat":
        for file in tnef.inner_files(data):
            inner = data[file.offset : file.offset + file.length]
            yield replace(
                own,
                filename=file.name,
                content_type=OPAQUE,
                size=len(inner),
                **_digests(inner),
                inline=False,
                content_id=None,
                span=replace(part.span, inner=(file.offset, file.length)),
            )


def _digests(data: bytes) -> dict[str, Any]:
    return {
        "sha256": hashlib.sha256(data).hexdigest(),
        # The desk shows it; it protects nothing.
        "md5": hashlib.md5(data, usedforsecurity=False).hexdigest(),
    }
