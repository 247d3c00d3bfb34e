"""What the gateway itself writes into a ticket, and whom a mail is from."""

import re
from collections.abc import Callable, Sequence
from typing import Literal

from gateway.mail.envelope import Envelope
from gateway.mail.message import Message
from gateway.routing.decision import Thread, TicketRef
from gateway.staffapi.documents import File

#: RFC 5321 4.1.2, the common part of it: what every desk takes. One that is refused would come back for ever.
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
#: RFC 2606: a name that no mail is ever delivered to.
NOBODY = "nobody@sender.invalid"


def requester_of(message: Message, envelope: Envelope, which: Literal["from", "reply_to"]) -> tuple[str, str]:
    """Full name and address of the person a ticket is for; the desk needs both, so neither is ever empty."""
    candidates = [message.from_]
    if which == "reply_to" and len(message.reply_to) == 1:
        candidates.insert(0, message.reply_to[0])
    for candidate in candidates:
        if candidate is not None and _PLAIN_ADDRESS.fullmatch(candidate.address) and len(candidate.address) <= 150:
            name = " ".join(candidate.name.split())
            return name or candidate.address, candidate.address
    name = " ".join((message.from_.name or message.from_.address).split()) if message.from_ is not None else ""
    if _PLAIN_ADDRESS.fullmatch(envelope.mail_from) and len(envelope.mail_from) <= 150:
        return name or envelope.mail_from, envelope.mail_from
    return name or "Unknown sender", NOBODY


def taking_part(message: Message, envelope: Envelope, served: Callable[[str], bool]) -> tuple[str, ...]:
    """Who may write to the mail's ticket from now on; never an address `served` here, which anybody may write into From."""
    received = {address.lower() for address in envelope.rcpt_to}
    people = [message.from_] if message.from_ is not None and not message.ambiguous_sender else []
    addresses = dict.fromkeys(each.address for each in (*people, *message.to, *message.cc) if each.address)
    return tuple(each for each in addresses if each.lower() not in received and not served(each))


def body_text(message: Message) -> str:
    """The text of the mail, or a word where it has none: a desk dies on an empty one."""
    text = message.text.strip("\n")
    return text if text.strip() else "(This mail has no text.)"


def reply_to_customer(message: Message) -> str:
    """What a staff member wrote, without what is quoted below, which was perhaps not meant for the customer; or ""."""
    own = message.reply_text.strip()
    # Where no word of the writer's is found, the reader calls the whole the reply, quotes and all.
    if own == message.text.strip() and any(line.startswith(">") for line in own.split("\n")):
        return ""
    return own


def with_marker(text: str, marker: str) -> str:
    """The text with the marker in its last line; in its first, where a desk might cut the text at an emoji."""
    if any(ord(mark) > 0xFFFF for mark in text):
        return f"[{marker}]\n\n{text}"
    return f"{text}\n\n[{marker}]"


def attribution(fullname: str, email: str, marker: str, *, unproven: bool = False) -> str:
    """First line of a follow-up, which the desk shows as the staff account's: who really wrote it, and the marker.

    `unproven`: the address is a staff member's, and nothing proves that it was theirs to write.
    """
    who = f"{fullname} <{email}>" if fullname != email else f"<{email}>"
    doubt = " (an address of staff, not authenticated)" if unproven else ""
    return f"{who}{doubt} wrote by mail: [{marker}]"


def more_files(files: Sequence[File], marker: str) -> str:
    names = ", ".join(file.filename for file in files)
    return f"Further attachments of the mail above: {names} [{marker}]"


def left_out_note(files: Sequence[File], delivery_id: int) -> str:
    return _kept_back("Too large for the help desk", files, delivery_id)


def not_shown_note(files: Sequence[File], delivery_id: int) -> str:
    """For a note of staff: notes carry no files, and a post with them would be shown to the customer."""
    return _kept_back("Not attached, because the customer would see it", files, delivery_id)


def _kept_back(why: str, files: Sequence[File], delivery_id: int) -> str:
    lines = [f"- {file.filename}, {file.size} bytes, SHA-256 {file.sha256}" for file in files]
    return "\n".join([f"{why}, kept in the mail gateway's spool as mail {delivery_id}:", *lines])


def claim_note(claimed: Thread, email: str) -> str:
    return (
        f"This mail claims to belong to ticket {shown(claimed.ticket)} ({claimed.evidence}), but {email} has no part in "
        "that ticket. It was therefore made a ticket of its own."
    )


def lost_ticket_note(thread: Thread, where: str) -> str:
    """`where`: why it does not go there, such as "is in the desk's Trash"."""
    return (
        f"This mail belongs to ticket {shown(thread.ticket)} ({thread.evidence}), which {where}. It was therefore made a "
        "ticket of its own."
    )


def shown(ticket: TicketRef) -> str:
    """A ticket as people name it."""
    return ticket.display_id or str(ticket.ticket_id)
