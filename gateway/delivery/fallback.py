"""A mail that no reader could read in, a Message out that carries it whole: it becomes a ticket, never a loss."""

import hashlib
import re

from gateway.mail.envelope import Envelope
from gateway.mail.message import Address, Attachment, Message, Span

_SUBJECT = re.compile(rb"^subject:[ \t]*([^\r\n]{0,250})", re.IGNORECASE | re.MULTILINE)


def unreadable(raw: bytes, envelope: Envelope, reason: str) -> Message:
    """What can be said without reading: the envelope's sender, a crude subject, and the mail itself as a file."""
    head = raw[:65536].partition(b"\r\n\r\n")[0]
    found = _SUBJECT.search(head)
    subject = found[1].decode("utf-8", "replace").strip() if found is not None else ""
    whole = Attachment(
        filename="mail.eml",
        content_type="message/rfc822",
        size=len(raw),
        sha256=hashlib.sha256(raw).hexdigest(),
        md5=hashlib.md5(raw, usedforsecurity=False).hexdigest(),
        inline=False,
        content_id=None,
        span=Span(0, len(raw), "identity"),
    )
    sender = Address("", envelope.mail_from) if envelope.mail_from else None
    return Message(
        subject=subject,
        from_=sender,
        sender=sender,
        text=f"The gateway could not read this mail ({reason}). It is attached as it arrived.",
        reply_text="",
        attachments=(whole,),
        may_autorespond=False,
        defects=(f"unreadable: {reason}",),
        ambiguous_sender=True,
    )
