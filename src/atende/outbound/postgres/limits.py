"""Counting calls in PostgreSQL: one statement for all limits of a call."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import asyncpg

from atende.core.kernel import Clock
from atende.core.limits.model import Limit, Verdict
from atende.core.limits.ports import RateLimits
from atende.core.limits.windows import Window, judge, windows
from atende.outbound.postgres.constraints import database_errors

KEPT = timedelta(days=1)
_ASKED = "unnest($1::text[], $2::text[], $3::int[], $4::timestamptz[], $5::int[]) AS a (type, identifier, seconds, start, most)"
# Rows are locked in the order of their keys, so that calls with common limits cannot deadlock.
_COUNT = f"""
INSERT INTO rate_limit AS r (identifier_type, identifier, window_start, window_size_seconds, request_count, max_requests)
SELECT type, identifier, start, seconds, $6, most FROM {_ASKED} ORDER BY type, identifier, seconds
ON CONFLICT (identifier_type, identifier, window_size_seconds, window_start)
DO UPDATE SET request_count = r.request_count + excluded.request_count, max_requests = excluded.max_requests
RETURNING identifier_type, identifier, window_size_seconds, request_count
"""
_LOOK = f"""
SELECT r.identifier_type, r.identifier, r.window_size_seconds, r.request_count FROM {_ASKED}
JOIN rate_limit r ON r.identifier_type = a.type AND r.identifier = a.identifier
  AND r.window_size_seconds = a.seconds AND r.window_start = a.start
"""
_FORGET = """
DELETE FROM rate_limit WHERE window_start < $1 AND window_start + make_interval(secs => window_size_seconds) < $1
"""


class PostgresRateLimits(RateLimits):
    """Uses the unlogged table `rate_limit`: a call does not wait for the disk, and a crash of the server resets the counts.

    `patience`: timeout in seconds.
    """

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", clock: Clock, *, patience: float = 2.0) -> None:
        self._pool, self._clock, self._patience = pool, clock, patience

    async def hit(self, limits: Sequence[Limit], *, cost: int = 1) -> Verdict:
        asked = windows(limits, self._clock.now())
        used = await self._count(asked, cost) if asked else {}
        return judge(asked, [used.get(window.counter, 0) for window in asked], cost=cost)

    async def forget_old(self) -> None:
        """Removes windows that ended more than a day ago."""
        with database_errors():
            await self._pool.execute(_FORGET, self._clock.now() - KEPT)

    async def _count(self, asked: list[Window], cost: int) -> dict[tuple[str, str, int], int]:
        counters = [window.counter for window in asked]
        arguments: list[object] = [list(column) for column in zip(*counters, strict=True)]
        arguments.append([datetime.fromtimestamp(window.start, UTC) for window in asked])
        arguments.append([window.limit.most for window in asked])
        with database_errors():  # also translates the timeout
            async with asyncio.timeout(self._patience):
                rows = await (
                    self._pool.fetch(_COUNT, *arguments, cost) if cost else self._pool.fetch(_LOOK, *arguments)
                )
        return {
            (row["identifier_type"], row["identifier"], row["window_size_seconds"]): row["request_count"]
            for row in rows
        }
