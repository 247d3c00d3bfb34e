"""What was said in the SMTP dialogue: RFC 5321's truth, which no header can change."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Envelope:
    """Sender, recipients and peer of one accepted mail."""

    #: RFC 5321 4.1.1.2, without angle brackets; "" is the null sender.
    mail_from: str
    #: RFC 5321 4.1.1.3, without angle brackets, in the order given; never empty.
    rcpt_to: tuple[str, ...]
    #: Address of the client, "127.0.0.1" or "::1"; "unix" for a unix socket, "import" for `gateway import`.
    peer: str
    #: What the client called itself in HELO, EHLO or LHLO; "" if it did not.
    helo: str
    #: Protocol and cipher, such as "TLSv1.3 TLS_AES_256_GCM_SHA384"; "" without TLS.
    tls: str
    #: Aware, UTC.
    received_at: datetime
