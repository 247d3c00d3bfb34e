"""A mail and the spool in, what rules may know besides the mail out. Blocks while it asks the spool."""

from gateway.mail.ids import ThreadIds
from gateway.mail.message import Message
from gateway.routing.decision import Facts, Thread, TicketRef
from gateway.spool.spool import Spool


def gather(spool: Spool, message: Message, *, delivery_id: int | None = None, lane: int | None = None) -> Facts:
    """The facts for a mail; `delivery_id` and `lane` are those of its delivery, None for one that is not in the spool.

    Raises SpoolError.
    """
    ids = ThreadIds(message.message_id, message.in_reply_to, message.references)
    known = spool.find_thread(ids, delivery_id=delivery_id, lane=lane)
    if known is None:
        return Facts()
    # Only From counts: anybody may write any Reply-To.
    sender = message.from_.address if message.from_ is not None and not message.ambiguous_sender else ""
    trusted = bool(sender) and spool.takes_part(known.ticket.ticket_id, sender)
    return Facts(thread=Thread(TicketRef(known.ticket.ticket_id, known.ticket.display_id), known.evidence, trusted))
