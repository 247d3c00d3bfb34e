"""Setting such as "127.0.0.1:2525" in, a bound socket out, or a sentence that says what to do."""

import contextlib
import errno
import ipaddress
import os
import re
import socket
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from gateway.problems import GatewayError

_TCP = re.compile(r"(?:\[(?P<v6>[^\[\]]+)\]|(?P<v4>[^\[\]:]+)):(?P<port>[0-9]{1,5})")


class BadEndpoint(GatewayError, ValueError):
    """A setting that names no place to listen at."""


class CannotListen(GatewayError):
    """The place is there and cannot be had."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to listen: an IP address with a port (0 lets the system choose), or the path of a unix socket."""

    host: str = ""
    port: int = 0
    path: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """From "127.0.0.1:2525", "[::1]:25", "localhost:2525" or "unix:PATH". Raises BadEndpoint."""
        text = text.strip()
        if text.startswith("unix:") and len(text) > len("unix:"):
            return cls(path=text.removeprefix("unix:"))
        found = _TCP.fullmatch(text)
        if found is None or int(found["port"]) > 65_535:
            raise BadEndpoint(f"`{text}` is no address to listen on; write 127.0.0.1:2525, [::1]:2525 or unix:PATH")
        host = found["v6"] or found["v4"]
        if host == "localhost":
            host = "127.0.0.1"
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            raise BadEndpoint(
                f"`{text}`: {host} is not an IP address; write one of this machine, or 0.0.0.0 or [::] for all of them"
            ) from None
        if (address.version == 6) != (found["v6"] is not None):
            raise BadEndpoint(f"`{text}`: only an IPv6 address stands in brackets; write 127.0.0.1:2525 or [::1]:2525")
        return cls(str(address), int(found["port"]))

    def __str__(self) -> str:
        if self.path:
            return f"unix:{self.path}"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        return bool(self.path) or ipaddress.ip_address(self.host).is_loopback

    def bind(self) -> socket.socket:
        """A socket bound here, not yet listening. Raises CannotListen."""
        if self.path:
            return self._bind_unix()
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        # Without the protocol's number asyncio leaves TCP_NODELAY off, and each answer waits 40 ms for an ACK.
        try:
            bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        except OSError as error:
            raise CannotListen(f"cannot listen on {self}: {error.strerror}; this machine may have no IPv6") from error
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                # [::] means IPv6 alone; clients would else appear as ::ffff:1.2.3.4 and miss their network.
                bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            bound.bind((self.host, self.port))
        except OSError as error:
            bound.close()
            raise CannotListen(f"cannot listen on {self}: {_advice(error)}") from error
        return bound

    def release(self) -> None:
        """Take the file of a unix socket away, once nobody listens any more."""
        if self.path:
            Path(self.path).unlink(missing_ok=True)

    def _bind_unix(self) -> socket.socket:
        bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._remove_stale()
            bound.bind(self.path)
            Path(self.path).chmod(0o660)
        except OSError as error:
            bound.close()
            raise CannotListen(f"cannot listen on {self}: {_advice(error)}") from error
        return bound

    def _remove_stale(self) -> None:
        """Take away the socket file of a program that is gone, and nothing else."""
        with contextlib.suppress(FileNotFoundError):
            if not stat.S_ISSOCK(os.lstat(self.path).st_mode):
                raise OSError(errno.EEXIST, "there is a file of this name")
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
                try:
                    probe.connect(self.path)
                except ConnectionRefusedError:
                    Path(self.path).unlink()
                else:
                    raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))


def loopback_only(endpoints: Iterable[Endpoint]) -> bool:
    """Whether nobody beyond this machine can reach any of them."""
    return all(endpoint.is_loopback for endpoint in endpoints)


def _advice(error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return "another program listens there; stop it, or listen elsewhere (GATEWAY_SMTP__LISTEN)"
        case errno.EACCES | errno.EPERM:
            return "not allowed; take a port above 1023, or give the program CAP_NET_BIND_SERVICE (for a unix socket: a folder it may write to)"
        case errno.EADDRNOTAVAIL:
            return "this machine has no such address; `ip address` lists those it has"
        case errno.EEXIST:
            return "there is a file of this name that is no socket; choose another name"
        case errno.ENOENT:
            return "the folder does not exist; make it first"
    return f"{error.strerror or error}"
