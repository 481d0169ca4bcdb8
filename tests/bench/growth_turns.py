"""An answered turn by what lies in the tables: from the message that was stored to the reply that is on its way."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from itertools import count

import asyncpg

from tests.bench.load import drive
from tests.bench.measure import Figures, Rounds, Row, percentile
from tests.bench.setting import Place
from tests.bench.turns import SAID, Product, started, upload

_NUMBERS = count(1)
_TOOK = """
SELECT extract(epoch FROM o.sending_at - i.created_at)::float8 * 1000 FROM contact_address a
JOIN conversation c ON c.organization_id = a.organization_id AND c.tenant_id = a.tenant_id AND c.contact_id = a.contact_id AND c.status = 'active'
JOIN message i ON i.conversation_id = c.id AND i.direction = 'inbound'
JOIN message o ON o.conversation_id = c.id AND o.direction = 'outbound' AND o.delivery = 'read'
WHERE a.organization_id = $1 AND a.tenant_id = $2 AND a.kind = 'whatsapp' AND a.address = $3
"""
_WAIT = 60.0


async def measure(places: Mapping[str, Place], rounds: int, turns: int) -> list[Row]:
    """The sizes take turns with every message, each of a new contact. The first size is the reference."""
    seen: dict[str, list[Figures]] = {name: [] for name in places}
    async with AsyncExitStack() as stack:
        products: dict[str, Product] = {}
        for name, where in places.items():
            await upload(where)
            products[name] = await stack.enter_async_context(started("turns_serving", where, turns))
        for number in range(rounds + 1):
            taken: dict[str, list[float]] = {name: [] for name in places}
            for _ in range(turns):
                for name, product in products.items():
                    taken[name].append(await _turn(product))
            if number:  # the first round warms up
                for name, milliseconds in taken.items():
                    seen[name].append({"ms": percentile(milliseconds, 0.25)})
    small, *others = places
    found = Rounds(seen)
    return [found.compare(f"growth: turn, {other}", other, small, figure="ms", unit="ms") for other in others]


async def _turn(product: Product) -> float:
    """Milliseconds. Waits until nothing of the turn is left to do."""
    number = next(_NUMBERS)
    sender, owner = f"5521{number:09}", product.where.tenant.owner
    await drive(product.port, [product.request(SAID["answer"], sender, number)], connections=1)
    async with asyncio.timeout(_WAIT):
        while (took := await _took(product.admin, owner.organization_id, owner.tenant_id, f"+{sender}")) is None:
            await asyncio.sleep(0.005)
    return took


async def _took(admin: "asyncpg.Connection[asyncpg.Record]", *key: object) -> float | None:
    found: float | None = await admin.fetchval(_TOOK, *key)
    return found
