"""Message in, the object that `gateway inspect --json` prints out. Its keys are a promise: they may grow."""

from typing import Any

from gateway.mail.message import Address, Attachment, Bounce, Forwarded, MailingList, Message, Trace
from gateway.mail.names import safe_filename


def report(message: Message) -> dict[str, Any]:
    """Plain values that `json.dumps` takes."""
    return {
        "subject": message.subject,
        "message_id": message.message_id,
        "in_reply_to": list(message.in_reply_to),
        "references": list(message.references),
        "date": message.date.isoformat() if message.date else None,
        "from": _mailbox(message.from_),
        "sender": _mailbox(message.sender),
        "to": _mailboxes(message.to),
        "cc": _mailboxes(message.cc),
        "reply_to": _mailboxes(message.reply_to),
        "original_recipients": list(message.original_recipients),
        "importance": message.importance,
        "text": message.text,
        "html": message.html,
        "reply_text": message.reply_text,
        "quoted_text": message.quoted_text,
        "attachments": [_attachment(attachment, n) for n, attachment in enumerate(message.attachments, 1)],
        "kind": message.kind,
        "may_autorespond": message.may_autorespond,
        "bounce": _bounce(message.bounce) if message.bounce else None,
        "forwarded": _forwarded(message.forwarded) if message.forwarded else None,
        "ticket_mentions": list(message.ticket_mentions),
        "mentions": [{"ticket": mention.ticket, "source": mention.source} for mention in message.mentions],
        "defects": list(message.defects),
        "ambiguous_sender": message.ambiguous_sender,
        "traces": [_trace(trace) for trace in message.traces],
        "mailing_list": _list(message.mailing_list) if message.mailing_list else None,
    }


def _trace(trace: Trace) -> dict[str, Any]:
    return {
        "kind": trace.kind,
        "address": trace.address,
        "field": trace.field,
        "position": trace.position,
        "hop": trace.hop,
        "schemes": list(trace.schemes),
    }


def _list(mailing_list: MailingList) -> dict[str, Any]:
    return {
        "id": mailing_list.id,
        "name": mailing_list.name,
        "addresses": list(mailing_list.addresses),
        "unsubscribe": list(mailing_list.unsubscribe),
        "one_click": mailing_list.one_click,
    }


def _mailbox(address: Address | None) -> dict[str, str] | None:
    return None if address is None else {"name": address.name, "address": address.address}


def _mailboxes(addresses: tuple[Address, ...]) -> list[dict[str, str]]:
    return [{"name": address.name, "address": address.address} for address in addresses]


def _attachment(attachment: Attachment, number: int) -> dict[str, Any]:
    return {
        "filename": attachment.filename,
        "safe_filename": safe_filename(attachment.filename, attachment.content_type, number),
        "content_type": attachment.content_type,
        "size": attachment.size,
        "sha256": attachment.sha256,
        "md5": attachment.md5,
        "inline": attachment.inline,
        "content_id": attachment.content_id,
    }


def _bounce(bounce: Bounce) -> dict[str, Any]:
    return {
        "recipients": [
            {
                "address": recipient.address,
                "status": recipient.status,
                "action": recipient.action,
                "permanent": recipient.permanent,
                "diagnostic": recipient.diagnostic,
                "reason": recipient.reason,
            }
            for recipient in bounce.recipients
        ],
        "message_id": bounce.message_id,
    }


def _forwarded(forwarded: Forwarded) -> dict[str, Any]:
    return {
        "from": _mailbox(forwarded.from_),
        "to": _mailboxes(forwarded.to),
        "cc": _mailboxes(forwarded.cc),
        "subject": forwarded.subject,
        "date": forwarded.date,
        "text": forwarded.text,
        "comment": forwarded.comment,
    }
