"""Settings in, plain values for the rooms out, where more than one command needs the same."""

import ipaddress
import time
from collections.abc import Callable, Sequence

from gateway.delivery.policy import Policy
from gateway.intake.addresses import Recipients
from gateway.intake.peers import Peers
from gateway.settings import Settings
from gateway.staffapi.client import Desk
from gateway.staffapi.session import Refusals, Register

#: In GATEWAY_SMTP__TRUSTED_RELAYS: whoever comes over a unix socket, which file permissions guard.
_UNIX = "unix"


def policy(settings: Settings) -> Policy:
    """What settings say about pushing."""
    # `*` serves everybody, customers too: then only the recipients of a mail are known to be ours.
    own = Recipients.parse([each for each in settings.smtp.accept if each != "*"])
    return Policy(
        follow_up=settings.desk.follow_up,
        marker=settings.desk.marker,
        clutter=settings.desk.clutter,
        max_file=settings.desk.max_file,
        max_post=settings.desk.max_post,
        served=own.serves,
        staff_mail=settings.desk.staff_mail,
        client=bool(settings.desk.api_key.get_secret_value() and settings.desk.api_secret.get_secret_value()),
        relays=trusted_relays(settings.smtp.trusted_relays),
        authserv_ids=settings.smtp.authserv_ids,
    )


def trusted_relays(names: Sequence[str]) -> Callable[[str], bool]:
    """Whether a peer, as in Envelope, is one of these. Raises BadNetwork for a name that is no network."""
    networks = Peers.parse([name for name in names if name != _UNIX]).networks

    def trusts(peer: str) -> bool:
        if peer == _UNIX:
            return _UNIX in names
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return False
        return any(address in network for network in networks)

    return trusts


def desk_of(
    settings: Settings,
    *,
    concurrency: int | None = None,
    register: Register | None = None,
    refusals: Refusals | None = None,
) -> Desk:
    """The way to the desk; its `aclose` logs out. `register` and `refusals` are those of a node, see `Session`."""
    return Desk(
        settings.desk.url,
        settings.desk.username,
        settings.desk.password.get_secret_value(),
        request_seconds=settings.request_seconds,
        concurrency=concurrency or settings.desk.concurrency,
        # It runs on while the machine sleeps: a push that slept through its time is not finished.
        boottime=lambda: time.clock_gettime(time.CLOCK_BOOTTIME),
        allow_plain_http=settings.desk.allow_plain_http,
        tags=settings.desk.tags,
        api_key=settings.desk.api_key.get_secret_value(),
        api_secret=settings.desk.api_secret.get_secret_value(),
        register=register,
        refusals=refusals,
    )
