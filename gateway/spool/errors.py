"""What the spool says when it cannot do its work. Both are temporary toward the SMTP peer."""

from gateway.problems import GatewayError


class SpoolError(GatewayError):
    """The spool cannot be used."""


class SpoolUnavailable(SpoolError):
    """A write or a sync failed, or the database does not answer."""


class SpoolFull(SpoolError):
    """No room is left for mail."""


class NameTaken(SpoolError):
    """Two gateways of one name would take each other's work for their own."""
