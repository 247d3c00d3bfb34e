"""Settings in, plain values for the rooms out, where more than one command needs the same."""

import time

from gateway.delivery.plan import Policy
from gateway.intake.addresses import Recipients
from gateway.settings import Settings
from gateway.staffapi.client import Desk


def policy(settings: Settings) -> Policy:
    """What settings say about pushing."""
    # `*` serves everybody, customers too: then only the recipients of a mail are known to be ours.
    own = Recipients.parse([each for each in settings.smtp.accept if each != "*"])
    return Policy(
        settings.desk.follow_up, settings.desk.marker, settings.desk.max_file, settings.desk.max_post, own.serves
    )


def desk_of(settings: Settings, *, concurrency: int | None = None) -> Desk:
    """The way to the desk; its `aclose` logs out."""
    return Desk(
        settings.desk.url,
        settings.desk.username,
        settings.desk.password.get_secret_value(),
        request_seconds=settings.request_seconds,
        concurrency=concurrency or settings.desk.concurrency,
        # It runs on while the machine sleeps: a push that slept through its time is not finished.
        boottime=lambda: time.clock_gettime(time.CLOCK_BOOTTIME),
        allow_plain_http=settings.desk.allow_plain_http,
    )
