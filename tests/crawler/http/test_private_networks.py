"""Which addresses are public, and which the resolver returns."""

from __future__ import annotations

import os
from typing import Any

import pytest
from twisted.internet.address import IPv4Address

from crawler.http.private_networks import (
    PublicOnlyReceiver,
    PublicOnlyResolver,
    egress_proxies,
    is_public,
    private_literal,
    refused,
)


@pytest.mark.parametrize(
    "address",
    "127.0.0.1 127.8.8.8 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1"
    " 239.255.255.255 240.0.0.1 255.255.255.255 198.18.0.1 192.0.2.1 203.0.113.9 192.0.0.8 :: ::1 ::127.0.0.1 ::8.8.8.8"
    " ::ffff:10.0.0.1 ::ffff:127.0.0.1 ::ffff:0:7f00:1 64:ff9b::a00:1 64:ff9b::7f00:1 64:ff9b:1::1 64:ff9b:1::808:808"
    " 2606:4700::5efe:7f00:1 2606:4700::200:5efe:a00:1"
    " 2002:7f00:1:: 2002:a00:1::1 2001:0:4136:e378::1 2001:db8::1 3fff::1 5f00::1 100::1 4000::1"
    " fc00::1 fd12::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1 not-an-address".split(),
)
def test_private_and_special_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    "1.1.1.1 8.8.8.8 172.32.0.1 172.15.0.1 100.63.0.1 100.128.0.1 192.167.1.1 2606:4700::1111 2a00:1450::1"
    " ::ffff:8.8.8.8 64:ff9b::808:808 2002:808:808::1".split(),
)
def test_other_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1.", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0x7f000001", "127.0.0.1"),
        ("0x7f.0.0.1", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1"),
        ("0", "0.0.0.0"),
        ("LOCALHOST.", "127.0.0.1"),
        ("news.localhost", "127.0.0.1"),
        ("[::1]", "::1"),
        ("::ffff:7f00:1", "::ffff:7f00:1"),
        ("fe80::1%25eth0", "fe80::1"),
    ],
)
def test_a_private_address_is_recognised_in_every_notation(host: str, address: str) -> None:
    assert private_literal(host) == address


@pytest.mark.parametrize("host", ["8.8.8.8", "134744072", "example.org", "0x7f.example", "1and1.example", ""])
def test_names_and_public_addresses_are_not_private_addresses(host: str) -> None:
    assert private_literal(host) is None


class PollObservation:
    """An IResolutionReceiver that records its calls."""

    def __init__(self) -> None:
        self.addresses: list[str] = []
        self.complete = False

    def resolutionBegan(self, resolution: Any) -> None:
        """Not used."""

    def addressResolved(self, address: Any) -> None:
        self.addresses.append(address.host)

    def resolutionComplete(self) -> None:
        self.complete = True


def resolve(host: str, *addresses: str) -> PollObservation:
    observation = PollObservation()
    receiver = PublicOnlyReceiver(observation, host)
    receiver.resolutionBegan(None)
    for address in addresses:
        receiver.addressResolved(IPv4Address("TCP", address, 80))
    receiver.resolutionComplete()
    assert observation.complete
    return observation


def test_only_the_public_addresses_of_a_host_are_used() -> None:
    assert resolve("both.example", "10.0.0.1", "8.8.8.8").addresses == ["8.8.8.8"]
    assert refused("both.example") is None


def test_the_reason_for_refusing_a_host_is_kept_until_it_has_a_public_address() -> None:
    assert resolve("inside.example", "10.0.0.1").addresses == []
    assert refused("INSIDE.example.") == (
        "inside.example is 10.0.0.1, a private address; allow_private = true in sources.toml permits it for its source's"
        " own hosts"
    )
    resolve("inside.example", "8.8.8.8")
    assert refused("inside.example") is None


def test_a_host_that_is_not_found_does_not_count_as_refused() -> None:
    assert resolve("nowhere.example").addresses == []
    assert refused("nowhere.example") is None


class Reactor:
    """The part of a reactor that the resolver uses: names have the given addresses."""

    def __init__(self, **names: str) -> None:
        self.names = names
        self.asked: list[str] = []
        self.nameResolver = self

    def resolveHostName(self, receiver: Any, host: str, port: int = 0, *_: Any) -> Any:
        self.asked.append(host)
        receiver.resolutionBegan(None)
        receiver.addressResolved(IPv4Address("TCP", self.names[host], port))
        receiver.resolutionComplete()
        return receiver


def test_only_an_allowed_host_may_be_private_even_if_the_dns_cache_has_other_addresses() -> None:
    reactor: Any = Reactor(intranet="10.0.0.1", other="10.0.0.2")
    guarded = PublicOnlyResolver(reactor, 100, ["Intranet"])
    for _ in range(2):
        allowed, other = PollObservation(), PollObservation()
        guarded.resolveHostName(allowed, "intranet", 80)
        guarded.resolveHostName(other, "other", 80)
        assert (allowed.addresses, other.addresses) == (["10.0.0.1"], [])
    assert reactor.asked == ["intranet", "other"]
    # a resolver that allows nothing, over the same cache
    observation = PollObservation()
    PublicOnlyResolver(reactor, 100).resolveHostName(observation, "intranet", 80)
    assert observation.addresses == []


def test_the_proxies_of_the_environment_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("http_proxy", "http://user:secret@proxy.intranet:3128")
    monkeypatch.setenv("https_proxy", "10.0.0.9:3128")
    assert sorted(egress_proxies()) == ["10.0.0.9", "proxy.intranet"]
