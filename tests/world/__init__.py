"""The world of a test: ports over one database, tenants to fill it, and units of work."""

from tests.world.unit import CIPHER, Unit
from tests.world.world import (
    CAP,
    DIMENSION,
    LEASE,
    MODEL,
    OF_PLATFORM,
    WINDOW,
    Queue,
    Tenant,
    World,
    WorldClock,
    open_world,
    under,
)

__all__ = [
    "CAP",
    "CIPHER",
    "DIMENSION",
    "LEASE",
    "MODEL",
    "OF_PLATFORM",
    "WINDOW",
    "Queue",
    "Tenant",
    "Unit",
    "World",
    "WorldClock",
    "open_world",
    "under",
]
