"""Which address a request comes from, and what it is counted with."""

from typing import Any

import pytest

from atende.core.limits.addresses import counted_address, read_address
from atende.inbound.http.middleware.client_address import find_address

PEER = "198.51.100.1"


def found(hops: int, *forwarded: str, peer: str | None = PEER) -> str:
    headers = [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded]
    scope: Any = {"client": (peer, 1) if peer is not None else None, "headers": [(b"host", b"x"), *headers]}
    return find_address(scope, hops=hops)


@pytest.mark.parametrize(
    ("hops", "forwarded", "address"),
    [
        (0, (), PEER),
        (0, ("203.0.113.7",), PEER),
        (1, ("203.0.113.7",), "203.0.113.7"),
        (1, ("10.0.0.1, 203.0.113.7",), "203.0.113.7"),
        (1, ("10.0.0.1", "203.0.113.7"), "203.0.113.7"),
        (2, ("10.0.0.1, 203.0.113.7, 192.0.2.9",), "203.0.113.7"),
        (2, ("10.0.0.1, 203.0.113.7", " 192.0.2.9 "), "203.0.113.7"),
        (2, ("203.0.113.7",), PEER),
        (1, (), PEER),
        (1, ("",), PEER),
        (1, ("203.0.113.7,",), PEER),
        (1, ("203.0.113.7, unknown",), PEER),
        (1, ("203.0.113.7:4711",), "203.0.113.7"),
        (1, ("[2001:db8::1]:443",), "2001:db8::1"),
        (1, ("2001:DB8:0::1",), "2001:db8::1"),
        (1, ("fe80::1%eth0",), "fe80::1"),
        (1, ("::ffff:203.0.113.7",), "203.0.113.7"),
        (1, ('"203.0.113.7"',), "203.0.113.7"),
        (1, ("203.0.113.7\0",), PEER),
        (1, ("\xff\xfe",), PEER),
        (1, ("1" * 5_000,), PEER),
        (1, ("203.0.113.007",), PEER),
    ],
)
def test_proxies_of_ours_are_believed_and_nobody_else(hops: int, forwarded: tuple[str, ...], address: str) -> None:
    assert found(hops, *forwarded) == address


def test_without_a_peer_everybody_is_the_same() -> None:
    assert found(0, peer=None) == found(1, peer="") == found(0, "203.0.113.7", peer="/run/web.sock") == "anonymous"


def test_an_ipv6_client_is_counted_by_its_network() -> None:
    assert counted_address("2001:db8:1:2:ffff::9") == counted_address("2001:db8:1:2::") == "2001:db8:1:2::/64"
    assert counted_address("2001:db8:1:3::") != counted_address("2001:db8:1:2::")
    assert counted_address("203.0.113.7") == "203.0.113.7"
    assert counted_address("") == counted_address("anonymous") == "anonymous"


@pytest.mark.parametrize("text", ["", "a", "1", "1.2.3", "[", "[]", "]:80", "1.2.3.4.5", ":::", "0x7f.1", "a:1", "%"])
def test_what_is_no_address_is_none(text: str) -> None:
    assert read_address(text) is None
