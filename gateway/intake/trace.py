"""Envelope in, our Received line out, and how many of them a mail has already (RFC 5321 4.4, 6.3)."""

import re
from email.utils import format_datetime
from typing import Literal

from gateway.mail.envelope import Envelope

#: "with" of RFC 5321 4.4, RFC 3848 and RFC 6531 4.3.
Transmission = Literal["SMTP", "ESMTP", "ESMTPS", "UTF8SMTP", "UTF8SMTPS"]
_EMPTY_LINE = re.compile(rb"\n\r?\n")
_STRANGE = re.compile(r"[^A-Za-z0-9.:_\[\]-]")
#: Bytes of a header block that are searched; more is no honest mail, and counting them would stop the loop.
_LONGEST_BLOCK = 262_144


def received_line(envelope: Envelope, *, hostname: str, transmission: Transmission) -> bytes:
    """The Received field to put in front of the mail, folded, with its final CRLF; ASCII whatever the client said."""
    helo = _STRANGE.sub("?", envelope.helo) or "unknown"
    if envelope.peer == "unix":
        source = helo
    elif ":" in envelope.peer:
        source = f"{helo} ([IPv6:{envelope.peer}])"
    else:
        source = f"{helo} ([{envelope.peer}])"
    date = format_datetime(envelope.received_at)
    return f"Received: from {source}\r\n\tby {hostname} with {transmission};\r\n\t{date}\r\n".encode("ascii", "replace")


def count_hops(raw: bytes) -> int:
    """How many Received fields the header block of `raw` has."""
    end = _EMPTY_LINE.search(raw, 0, _LONGEST_BLOCK)
    block = raw[: end.start() if end else _LONGEST_BLOCK].lower()
    return block.startswith(b"received:") + block.count(b"\nreceived:")
