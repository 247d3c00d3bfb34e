"""What the door needs of the room that keeps mail."""

from concurrent.futures import Future
from typing import Protocol

from gateway.mail.envelope import Envelope
from gateway.mail.ids import ThreadIds
from gateway.spool.stored import Stored


class Store(Protocol):
    """Keeps mail. Calls come from the event loop and must not block it."""

    def accept(self, envelope: Envelope, raw: bytes, ids: ThreadIds, *, trace: bytes) -> Future[Stored]:
        """Keep `trace` + `raw`; the future resolves once that is durable. A second copy is known by `raw` alone.

        The future, or the call, raises SpoolFull or SpoolUnavailable where the mail is not kept.
        """
        ...
