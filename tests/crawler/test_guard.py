"""Which addresses are of the open internet."""

from __future__ import annotations

import pytest

from crawler.guard import is_public


@pytest.mark.parametrize(
    "address",
    "127.0.0.1 127.8.8.8 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1"
    " 239.255.255.255 240.0.0.1 255.255.255.255 198.18.0.1 192.0.2.1 203.0.113.9 192.0.0.8 :: ::1 ::127.0.0.1 ::ffff:10.0.0.1"
    " ::ffff:127.0.0.1 64:ff9b::a00:1 64:ff9b::7f00:1 64:ff9b:1::1 2002:7f00:1:: 2002:a00:1::1 2001:0:4136:e378::1 2001:db8::1"
    " fc00::1 fd12::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1 not-an-address".split(),
)
def test_private_and_special_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    "1.1.1.1 8.8.8.8 172.32.0.1 172.15.0.1 100.63.0.1 100.128.0.1 192.167.1.1 2606:4700::1111 2a00:1450::1"
    " ::ffff:8.8.8.8 64:ff9b::808:808 2002:808:808::1".split(),
)
def test_others_are(address: str) -> None:
    assert is_public(address)
