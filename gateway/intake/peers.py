"""Address of a client in, whether it may speak to us out."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from gateway.problems import GatewayError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class BadNetwork(GatewayError, ValueError):
    """A setting that names no network."""


@dataclass(frozen=True, slots=True)
class Peers:
    """Networks that may connect. This machine always may: loopback, and unix sockets, which file permissions guard."""

    networks: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, spec: Sequence[str]) -> Self:
        """From CIDRs or single addresses, such as "10.1.0.0/16" or "fd00::5". Raises BadNetwork on the first bad one."""
        networks = []
        for item in map(str.strip, spec):
            try:
                networks.append(ipaddress.ip_network(item))
            except ValueError as error:
                raise BadNetwork(
                    f"`{item}` is not a network ({error}); write an address such as 10.1.2.3 or a CIDR such as 10.1.0.0/16"
                ) from None
        return cls(tuple(networks))

    def allows(self, peer: str) -> bool:
        """`peer` as in Envelope."""
        if peer == "unix":
            return True
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return False
        return address.is_loopback or any(address in network for network in self.networks)
