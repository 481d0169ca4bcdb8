"""Addresses of clients, as they are counted."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

UNKNOWN = "anonymous"


@lru_cache(4_096)
def read_address(text: str) -> str | None:
    """The plain spelling of an address that may have a port, brackets or a zone; None for anything else."""
    bare = text.strip().strip('"')
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        found: IPv4Address | IPv6Address = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped or found)


@lru_cache(4_096)
def counted_address(address: str) -> str:
    """What shares a counter with it: itself, or its network of 64 bits, since one IPv6 client has as many addresses as it likes."""
    try:
        found = ip_address(address)
    except ValueError:
        return address or UNKNOWN
    if isinstance(found, IPv4Address):
        return address
    return str(IPv6Network((int(found) >> 64 << 64, 64)))
