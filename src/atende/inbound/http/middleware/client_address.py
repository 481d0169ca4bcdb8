"""The address of the client. X-Forwarded-For is believed only as far as our own proxies have written it."""

from collections.abc import Mapping
from typing import Any

from litestar.connection import ASGIConnection
from litestar.types import Scope

from atende.core.limits.addresses import UNKNOWN, read_address

DEVICE_COOKIE = "atende_device"
"""Marks a browser that somebody signed in on before."""
_SCOPE_KEY = "atende.address"


def client_address(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The address for rate limits, sessions and the audit log."""
    return address_of(connection.scope)


def address_of(scope: Scope) -> str:
    """The same, from the scope."""
    known = scope.get(_SCOPE_KEY)
    return known if isinstance(known, str) else find_address(scope, hops=0)


def note_address(scope: Scope, *, hops: int) -> str:
    """Determines it once for the request. `hops`: number of our own proxies in front."""
    address = find_address(scope, hops=hops)
    scope[_SCOPE_KEY] = address  # type: ignore[literal-required]
    return address


def find_address(scope: Mapping[str, Any] | Scope, *, hops: int) -> str:
    """The `hops`-th address from the right of X-Forwarded-For: the one that our outermost proxy saw.

    Without proxies, or if that entry is missing or unreadable, the peer of the socket.
    """
    client = scope.get("client")
    peer = (read_address(client[0]) if client else None) or UNKNOWN
    if not hops:
        return peer
    chain = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
    entries = chain.rsplit(b",", hops)[-hops:]
    if len(entries) < hops:
        return peer
    return read_address(entries[0].decode("latin-1")) or peer
