"""Which address a request comes from: what its peer says of itself counts only as far as our own proxies vouch for it."""

from collections.abc import Mapping
from typing import Any

from litestar.connection import ASGIConnection
from litestar.types import Scope

from atende.core.limits.addresses import UNKNOWN, read_address

_PLACE = "atende.address"


def client_address(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The address that the call is counted under, recorded with a sign-in, and named in the audit log."""
    return address_of(connection.scope)


def address_of(scope: Scope) -> str:
    """The same for those who have the scope alone."""
    known = scope.get(_PLACE)
    return known if isinstance(known, str) else find_address(scope, hops=0)


def note_address(scope: Scope, *, hops: int) -> str:
    """Settles it for the request. `hops`: how many proxies of ours stand in front."""
    address = find_address(scope, hops=hops)
    scope[_PLACE] = address  # type: ignore[literal-required]
    return address


def find_address(scope: Mapping[str, Any] | Scope, *, hops: int) -> str:
    """The `hops`-th address from the right of X-Forwarded-For: the one that our outermost proxy saw.

    Without proxies, or when that place is empty or unreadable, it is the socket's peer.
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
