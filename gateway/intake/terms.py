"""What the door offers and demands, the same for every connection of a listener."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from gateway.intake.addresses import Recipients
from gateway.intake.peers import Peers


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Terms:
    #: What the gateway calls itself in its greeting and in the Received line.
    hostname: str
    recipients: Recipients
    peers: Peers = field(default_factory=Peers)
    #: Bytes in a mail.
    max_size: int = 36_700_160
    connections: int = 100
    #: RFC 5321 4.5.3.1.8: no fewer than 100 must be taken.
    recipients_per_mail: int = 100
    #: Answers of 5xx since the last accepted mail after which a client is sent away.
    errors: int = 10
    #: Greetings, NOOP, RSET and the like since the last accepted mail.
    idle_commands: int = 20
    #: More Received fields than this is a loop, RFC 5321 6.3.
    hops: int = 50
    #: Seconds of silence, RFC 5321 4.5.3.2.7.
    idle_seconds: float = 300
    #: How long a client waits for a commit; relays give up on the final dot after some minutes.
    commit_seconds: float = 20
    now: Callable[[], datetime] = _utc_now
