"""The desk's address as set -> the same, proven usable; ValueError with what to do where it is not."""

import ipaddress
from urllib.parse import urlsplit

#: Where clouds hand out credentials to whoever asks from inside.
_METADATA = {"metadata", "metadata.google.internal", "metadata.goog", "instance-data"}


def base_url(url: str, *, allow_plain_http: bool = False) -> str:
    """Without a slash at the end. Plain http only to this machine, unless allowed: a password goes over it."""
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise ValueError("the desk's address cannot be read; write it as https://desk.example.com") from None
    if parts.scheme not in {"https", "http"} or not host or port == 0:
        raise ValueError("the desk's address must begin with https:// and name a host, as in https://desk.example.com")
    if parts.username is not None or parts.password is not None:
        raise ValueError("the desk's address holds a user name; set GATEWAY_DESK__USERNAME and GATEWAY_DESK__PASSWORD")
    if parts.query or parts.fragment or parts.path.rstrip("/").endswith(("/staffapi", ".php")):
        raise ValueError("give the desk's address as far as /staffapi/index.php, which is appended, and without it")
    if any(mark.isspace() or not mark.isprintable() for mark in url.strip()):
        raise ValueError("the desk's address holds a space or a control character")
    address = _ip(host)
    if host.lower() in _METADATA or (address and (address.is_link_local or address.is_unspecified)):
        raise ValueError(f"the desk's address names {host}, where no help desk can be")
    if parts.scheme == "http" and not allow_plain_http and not _is_loopback(host, address):
        raise ValueError(
            f"the desk's address is plain http to {host}, which shows the password to the network; use https, or allow it "
            "with GATEWAY_DESK__ALLOW_PLAIN_HTTP"
        )
    return url.strip().rstrip("/")


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return (address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None) or address


def _is_loopback(host: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address | None) -> bool:
    return address.is_loopback if address else host.lower() == "localhost" or host.lower().endswith(".localhost")
