"""A journal report in, the envelope it tells of and the place of the mail inside it out.

Exchange and Microsoft 365 send each mail to the journal's mailbox as a multipart/mixed of a text in fixed English words
and the mail as it was; the text has the real recipients, whom the mail's own header may not name.
"""

import re
from dataclasses import dataclass, replace

from gateway.mail.decode import content
from gateway.mail.message import Attachment, Header, Message, Span
from gateway.mail.mime import Structure

_MAX_TEXT = 64 * 1024
_MAX_RECIPIENTS = 200
_LINE = re.compile(rb"([A-Za-z][A-Za-z-]{1,20}+):[ \t]*+(.*+)")
_ADDRESS = re.compile(r"[^\s<>;,:\"'@]{1,64}+@[^\s<>;,:\"'@]{1,255}+")
#: The names of lines, in lower case; of those that name recipients, the value may say what list they stood on.
_RECIPIENTS = (b"recipient", b"to", b"cc", b"bcc")
_OTHERS = (b"sender", b"subject", b"message-id", b"on-behalf-of", b"label", b"sentutc")
_SAID = "The mail is a journal report; what is read is the mail inside it, and whom that is from is the report's word alone."
#: Only a relay of ours may write these on top of a mail; inside a report nobody of ours has.
_WORDS_OF_RELAYS = ("authentication-results", "arc-")


@dataclass(frozen=True, slots=True)
class JournalReport:
    """`start` and `end` of the mail inside, in the raw bytes; the envelope as the report gives it."""

    start: int
    end: int
    sender: str
    recipients: tuple[str, ...]


def journal_report(raw: bytes, structure: Structure) -> JournalReport | None:
    """None for any other mail, and for a report whose mail is encoded, which has no place of its own in `raw`."""
    if len(structure.parts) != 3:
        return None
    root, words, mail = structure.parts
    if root.content_type != "multipart/mixed" or words.content_type != "text/plain" or words.filename:
        return None
    if mail.content_type != "message/rfc822" or mail.span.encoding != "identity" or words.span.length > _MAX_TEXT:
        return None
    said: dict[bytes, list[bytes]] = {}
    name = b""
    for line in content(raw, words.span).splitlines():
        found = _LINE.fullmatch(line.strip())
        if found and found[1].lower() in (*_RECIPIENTS, *_OTHERS):
            name = found[1].lower()
            said.setdefault(name, []).append(found[2])
        elif name in _RECIPIENTS and line.startswith((b" ", b"\t")):
            said[name].append(line)
        elif line.strip():
            # Prose: a person wrote this and attached a mail.
            return None
    if b"sender" not in said or not said.keys() & {b"message-id", *_RECIPIENTS}:
        return None
    named = b"\n".join(value for name in _RECIPIENTS for value in said.get(name, ()))
    recipients = dict.fromkeys(_ADDRESS.findall(named.decode("utf-8", "replace")))
    sender = _ADDRESS.search(said[b"sender"][0].decode("utf-8", "replace"))
    end = mail.span.offset + mail.span.length
    return JournalReport(mail.span.offset, end, sender[0] if sender else "", tuple(recipients)[:_MAX_RECIPIENTS])


def unwrapped(inside: Message, report: JournalReport) -> Message:
    """What was read of the mail inside, with its places in the whole mail and the recipients of the report."""
    # Anybody can send what looks like a report: whose mail is inside is a claim, whatever was authenticated outside.
    return replace(
        inside,
        ambiguous_sender=True,
        may_autorespond=False,
        original_recipients=tuple(dict.fromkeys((*report.recipients, *inside.original_recipients))),
        attachments=tuple(_moved(attachment, report.start) for attachment in inside.attachments),
        headers=tuple(header for header in inside.headers if not _is_word_of_relay(header)),
        defects=(_SAID, *inside.defects),
    )


def _moved(attachment: Attachment, by: int) -> Attachment:
    span = attachment.span
    return replace(attachment, span=Span(span.offset + by, span.length, span.encoding, span.inner))


def _is_word_of_relay(header: Header) -> bool:
    return header.name.lower().startswith(_WORDS_OF_RELAYS)
