"""What settings say about pushing, as plain values: the desk's limits, and how follow-ups are posted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from gateway.routing.decision import FollowUp


@dataclass(frozen=True, slots=True)
class Policy:
    """What settings say about pushing."""

    follow_up: FollowUp = "reply"
    marker: Literal["tag", "line"] = "tag"
    #: "name": files that are in a mail twice and pictures of signatures are named in the text instead of attached.
    clutter: Literal["attach", "name"] = "attach"
    #: Bytes of the largest file the desk takes.
    max_file: int = 7_000_000
    #: Bytes of the largest POST the desk takes.
    max_post: int = 8_000_000
    #: Whether an address is one of the gateway's own, which takes part in no ticket: anybody may write it into From.
    served: Callable[[str], bool] = lambda _address: False
    #: How an authenticated staff member's mail on a known ticket is pushed: `reply` goes to the customer.
    staff_mail: Literal["note", "reply"] = "note"
    #: Whether there is a key for the desk's REST API, without which no post can be the customer's own.
    client: bool = False
    #: Whether a peer (as in Envelope) is a relay whose Authentication-Results count.
    relays: Callable[[str], bool] = lambda _peer: False
    #: Names that those relays give themselves there (RFC 8601 2.5).
    authserv_ids: tuple[str, ...] = ()
