"""A mail that came in whole in, the spool's receipt out, or the answer that tells the client to come again."""

import asyncio
from collections.abc import Callable

from gateway import maillog
from gateway.intake.commands import Refusal
from gateway.intake.store import Store
from gateway.mail.envelope import Envelope
from gateway.mail.ids import thread_ids
from gateway.spool.errors import SpoolFull, SpoolUnavailable
from gateway.spool.stored import Stored

#: Said of every mistake of ours. Never a 5xx, which would make the relay give the mail up.
NOT_NOW = "451 4.3.0 The mail cannot be kept now, try again later"


async def keep(store: Store, envelope: Envelope, raw: bytes, *, trace: bytes, clock: Callable[[], float]) -> Stored:
    """Wait until `raw` is committed and write that down. Raises Refusal, always a temporary one.

    Run it as a task of its own: the mail is kept, and its line in the log written, also where nobody waits any more.
    """
    began = clock()
    try:
        ids = thread_ids(raw)
        future = store.accept(envelope, raw, ids, trace=trace)
        # A loop that ends cancels its tasks; the commit in the writer's thread must not hear of it.
        stored = await asyncio.shield(asyncio.wrap_future(future))
    except SpoolFull:
        raise Refusal("452 4.3.1 No room for mail now, try again later") from None
    except SpoolUnavailable:
        raise Refusal(NOT_NOW) from None
    except asyncio.CancelledError:
        if future.cancelled():
            raise Refusal(NOT_NOW) from None
        raise
    except Exception as error:
        # Whatever went wrong, the mail was not promised to anybody and the relay still has it.
        maillog.fault(where="intake.keep", error=error)
        raise Refusal(NOT_NOW) from None
    if stored.duplicate_of is not None:
        maillog.mail_duplicate(id=stored.id, first_id=stored.duplicate_of, peer=envelope.peer)
    else:
        maillog.mail_accepted(
            id=stored.id,
            peer=envelope.peer,
            helo=envelope.helo,
            tls=envelope.tls,
            mail_from=envelope.mail_from,
            rcpts=len(envelope.rcpt_to),
            size=len(raw),
            message_id=ids.message_id,
            ms=(clock() - began) * 1000,
        )
    return stored
