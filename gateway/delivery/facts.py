"""A mail and the spool in, what rules may know besides the mail out. Blocks while it asks the spool."""

from gateway.delivery.authors import author_address
from gateway.mail.ids import ThreadIds
from gateway.mail.message import Message
from gateway.routing.decision import Facts, Thread, TicketRef
from gateway.spool.spool import Spool


def gather(
    spool: Spool,
    message: Message,
    *,
    delivery_id: int | None = None,
    lane: int | None = None,
    released: bool = False,
    staff: bool = False,
) -> Facts:
    """The facts for a mail; `delivery_id` and `lane` are those of its delivery, None for one that is not in the spool.

    Of several tickets the first counts where the sender takes part, else the most likely one. `staff`: the sender has been
    proven to be a staff member, who takes part in every ticket. Raises SpoolError.
    """
    ids = ThreadIds(message.message_id, message.in_reply_to, message.references)
    sender = author_address(message)
    first: Thread | None = None
    for known in spool.find_threads(ids, delivery_id=delivery_id, lane=lane):
        trusted = bool(sender) and (staff or known.awaited or spool.takes_part(known.ticket.ticket_id, sender))
        thread = Thread(TicketRef(known.ticket.ticket_id, known.ticket.display_id), known.evidence, trusted)
        if trusted:
            return Facts(thread=thread, released=released)
        first = first or thread
    return Facts(thread=first, released=released)
