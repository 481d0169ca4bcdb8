"""Client addresses in the form in which they are counted."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

UNKNOWN = "anonymous"


@lru_cache(4_096)
def read_address(text: str) -> str | None:
    """Normal form of an IP address that may have a port, brackets or a zone; None if it is not an address."""
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
    """The address, or for IPv6 its /64 network, because one client can use all addresses of such a network."""
    try:
        found = ip_address(address)
    except ValueError:
        return address or UNKNOWN
    if isinstance(found, IPv4Address):
        return address
    return str(IPv6Network((int(found) >> 64 << 64, 64)))
