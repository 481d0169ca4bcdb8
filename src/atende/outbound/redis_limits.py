"""Counting calls in Redis: one script for all limits of a call."""

import asyncio
from collections.abc import Sequence

from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

from atende.core.kernel import PLATFORM, Clock, Unavailable
from atende.core.limits.model import Limit, Verdict
from atende.core.limits.ports import RateLimits
from atende.core.limits.windows import Window, judge, windows

_COUNT = """
local cost, used = tonumber(ARGV[1]), {}
for i, key in ipairs(KEYS) do
  if cost == 0 then
    used[i] = tonumber(redis.call('GET', key) or '0')
  else
    used[i] = redis.call('INCRBY', key, cost)
    if used[i] == cost then redis.call('EXPIRE', key, ARGV[i + 1]) end
  end
end
return used
"""


def counter_key(window: Window) -> str:
    """The key of a window's counter. Counters belong to the installation, not to a tenant."""
    kind, identifier, seconds = window.counter
    return f"t/{PLATFORM.tenant_id}/limits/{kind}/{identifier}/{seconds}/{window.number}"


class RedisRateLimits(RateLimits):
    """Keys expire after one window. `patience`: timeout in seconds."""

    def __init__(self, url: str, clock: Clock, *, patience: float = 0.5, connections: int = 16) -> None:
        self._clock, self._patience = clock, patience
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=connections,
            timeout=patience,
            socket_timeout=patience,
            socket_connect_timeout=patience,
        )
        self._redis = Redis.from_pool(pool)
        self._script = self._redis.register_script(_COUNT)

    async def hit(self, limits: Sequence[Limit], *, cost: int = 1) -> Verdict:
        asked = windows(limits, self._clock.now())
        if not asked:
            return judge([], [], cost=cost)
        lengths = [window.limit.seconds for window in asked]
        try:
            async with asyncio.timeout(self._patience):
                used = await self._script(keys=[counter_key(window) for window in asked], args=[cost, *lengths])
        except (RedisError, OSError, TimeoutError) as error:
            raise Unavailable(f"Redis does not answer: {error}") from error
        return judge(asked, [int(count) for count in used], cost=cost)

    async def close(self) -> None:
        await self._redis.aclose()
