"""Refuse connections to private addresses (protection against server-side request forgery).

A feed may link to http://169.254.169.254/ (a cloud's metadata service), http://[::1]:8001/ or a name that resolves to
such an address. The resolver below checks the address of every connection, literal addresses included, so neither a
redirect nor a DNS answer can reach a private network. A source's table may permit its own private hosts.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from scrapy.resolver import CachingHostnameResolver
from twisted.internet.interfaces import IAddress, IResolutionReceiver
from zope.interface import implementer

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.internet.base import ReactorBase
    from twisted.internet.interfaces import IHostResolution
    from typing_extensions import Self

_REFUSED = [
    ipaddress.ip_network(network)
    for network in (
        # IANA's special-purpose registries; `ipaddress` treats some of these networks as global
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        "2001::/23", "2001:db8::/32", "3fff::/20",
    )
]  # fmt: skip
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
"""The only part of IPv6 that IANA assigns; loopback, unique local, link-local and multicast addresses lie outside."""
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_6TO4 = ipaddress.ip_network("2002::/16")
_ISATAP = 0x00005EFE
"""Upper half of an ISATAP interface identifier (RFC 5214); the universal bit, 0x02000000, may be set."""


def is_public(address: str) -> bool:
    """Return whether an address is on the public internet. An IPv6 address that contains an IPv4 address counts as that one."""
    try:
        ip = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        wrapped = _wrapped(ip)
        if wrapped is not None:
            return is_public(str(wrapped))
        if ip not in _GLOBAL_UNICAST:
            return False
    return not any(ip.version == network.version and ip in network for network in _REFUSED)


def _wrapped(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    if ip in _6TO4:
        return ip.sixtofour
    if (int(ip) >> 32) & 0xFDFFFFFF == _ISATAP:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return None


def private_literal(host: str) -> str | None:
    """Return the private address that a host denotes, in any notation: "127.1", "0x7f000001"; None for all other hosts."""
    name = bare(host)
    if name == "localhost" or name.endswith(".localhost"):
        return "127.0.0.1"  # RFC 6761
    try:
        address = str(ipaddress.ip_address(name.split("%", maxsplit=1)[0]))
    except ValueError:
        try:
            address = socket.inet_ntoa(socket.inet_aton(name)) if name[:1].isdigit() else ""
        except (OSError, ValueError):
            address = ""
    return address if address and not is_public(address) else None


def bare(host: str) -> str:
    """Return a host in the form used for comparison: lower case, without brackets and final dot."""
    return host.lower().strip("[]").rstrip(".")


_REFUSALS: dict[str, str] = {}
"""Host to the private address that it had last. The reactor has one resolver for the whole process."""


def record_refusal(host: str, refused_address: str | None) -> None:
    """Record that a host was refused because of its address, or with None that it may be connected to."""
    if refused_address is None:
        _REFUSALS.pop(bare(host), None)
    else:
        _REFUSALS[bare(host)] = refused_address


def refused(host: str) -> str | None:
    """Return the message of a refused host; None if it was not refused."""
    address = _REFUSALS.get(bare(host))
    return refusal(bare(host), address) if address is not None else None


def refusal(host: str, address: str) -> str:
    """Return the message for a refused host."""
    where = "a private address" if host == address else f"{address}, a private address"
    return f"{host} is {where}; allow_private = true in sources.toml permits it for its source's own hosts"


def egress_proxies() -> list[str]:
    """Return the hosts of the proxies in the environment (http_proxy and similar)."""
    hosts = (urlsplit(url if "//" in url else f"//{url}").hostname for url in getproxies().values())
    return [host for host in hosts if host]


class PublicOnlyResolver(CachingHostnameResolver):
    """Resolver for Scrapy's TWISTED_DNS_RESOLVER: returns public addresses only, except for hosts in WIREWATCH_PRIVATE_HOSTS."""

    def __init__(self, reactor: ReactorBase, cache_size: int, allowed: Iterable[str] = ()) -> None:
        super().__init__(reactor, cache_size)
        self.allowed = frozenset(bare(host) for host in allowed)

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        """Create the resolver. The proxies of the environment are permitted: the user chose them."""
        settings = crawler.settings
        cache_size = settings.getint("DNSCACHE_SIZE") if settings.getbool("DNSCACHE_ENABLED") else 0
        return cls(reactor, cache_size, (*settings.getlist("WIREWATCH_PRIVATE_HOSTS"), *egress_proxies()))

    def resolveHostName(  # noqa: N802 -- Twisted's interface
        self,
        resolutionReceiver: IResolutionReceiver,  # noqa: N803 -- Twisted's interface
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type[IAddress]] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> IHostResolution:
        """Resolve a name; the receiver gets public addresses only."""
        receiver: Any = resolutionReceiver
        if bare(hostName) not in self.allowed:
            receiver = PublicOnlyReceiver(resolutionReceiver, hostName)
        return super().resolveHostName(receiver, hostName, portNumber, addressTypes, transportSemantics)


@implementer(IResolutionReceiver)
class PublicOnlyReceiver:
    """Passes on public addresses, and records hosts that have none."""

    def __init__(self, receiver: Any, host: str) -> None:
        self._receiver = receiver
        self._host = host
        self._refused: str | None = None
        self._forwarded = 0

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802 -- Twisted's interface
        """Pass on."""
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:  # noqa: N802 -- Twisted's interface
        """Pass on a public address."""
        if is_public(address.host):
            self._forwarded += 1
            self._receiver.addressResolved(address)
        else:
            self._refused = address.host

    def resolutionComplete(self) -> None:  # noqa: N802 -- Twisted's interface
        """Pass on. If nothing was passed on, Twisted reports "no results", and `refused` returns the reason."""
        record_refusal(self._host, None if self._forwarded else self._refused)
        self._receiver.resolutionComplete()
