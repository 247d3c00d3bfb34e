"""Raw mail in, Message out. Never raises on any bytes, linear; what is broken is said in `defects`."""

from gateway.mail import bodies, markup
from gateway.mail.addresses import is_addr_spec
from gateway.mail.attached_forwards import read_attached_forward
from gateway.mail.attachments import attachments_of
from gateway.mail.bounces import read_bounce
from gateway.mail.forwards import read_forward
from gateway.mail.head import read_head
from gateway.mail.ids import ids_of
from gateway.mail.journal import journal_report, unwrapped
from gateway.mail.kinds import kind_of, may_autorespond
from gateway.mail.mentions import find_mentions
from gateway.mail.message import Message
from gateway.mail.mime import Structure, split
from gateway.mail.protection import protection_of
from gateway.mail.replies import divide

_MAX_HTML_FOR_CIDS = 4 * 1024 * 1024


def read(raw: bytes) -> Message:
    """What the mail says; of a journal report, what the mail inside it says. Python's `email` takes no part in it."""
    structure = split(raw)
    if report := journal_report(raw, structure):
        inside = raw[report.start : report.end]
        return unwrapped(_read(inside, split(inside)), report)
    return _read(raw, structure)


def _read(raw: bytes, structure: Structure) -> Message:
    top = structure.parts[0].block
    ids = ids_of(top)
    found = bodies.choose_bodies(raw, structure)
    head = read_head(top, _charset_of_texts(structure))
    addressed = (*head.original_recipients, *(mailbox.address for mailbox in (*head.to, *head.cc)))
    mentions = find_mentions(head.subject, addressed, (*ids.in_reply_to, *ids.references))
    kind = kind_of(raw, structure, head.from_, head.subject, found.text)
    forwarded = read_forward(found.text, head.subject, has_parent=bool(ids.in_reply_to or ids.references))
    if forwarded is None and kind not in ("bounce", "feedback"):
        forwarded = read_attached_forward(raw, structure, head.subject, found.text)
    protection, sayings = protection_of(structure, found.text)
    origin = forwarded.from_ if forwarded else None
    parted = divide(found.text, found.html, f"{head.from_.name} {head.from_.address}" if head.from_ else "")
    return Message(
        subject=head.subject,
        message_id=ids.message_id,
        in_reply_to=ids.in_reply_to,
        references=ids.references,
        date=head.date,
        from_=head.from_,
        sender=origin if origin and is_addr_spec(origin.address) else head.sender,
        to=head.to,
        cc=head.cc,
        reply_to=head.reply_to,
        original_recipients=head.original_recipients,
        importance=head.importance,
        text=found.text,
        html=found.html,
        reply_text=parted.reply,
        quoted_text=parted.quoted,
        attachments=attachments_of(raw, structure, found.attached, _shown(found)),
        kind=kind,
        may_autorespond=not head.ambiguous_sender and may_autorespond(structure, kind, head.from_),
        bounce=read_bounce(raw, structure, found.text) if kind == "bounce" else None,
        forwarded=forwarded,
        ticket_mentions=tuple(mention.ticket for mention in mentions),
        mentions=mentions,
        defects=tuple(dict.fromkeys((*structure.defects, *found.defects, *head.defects, *sayings))),
        headers=head.headers,
        ambiguous_sender=head.ambiguous_sender,
        traces=head.traces,
        mailing_list=head.mailing_list,
        protection=protection,
    )


def _charset_of_texts(structure: Structure) -> str | None:
    texts = (part for part in structure.parts if part.content_type.startswith("text/"))
    return next((charset for part in texts if (charset := part.parameters.get("charset"))), None)


def _shown(found: bodies.Bodies) -> frozenset[str]:
    return markup.content_ids(found.html[:_MAX_HTML_FOR_CIDS]) if found.html else frozenset()
