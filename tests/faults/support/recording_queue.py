"""The real queue, recording what a worker asked of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from atende.core.work.model import Claim
from atende.core.work.ports import JobQueue
from atende.inbound.jobs.handler import Handler, PutBack


class WatchedQueue(JobQueue):
    """`pauses` are those that jobs were put back with, in seconds; `extended` counts the heart's beats."""

    def __init__(self, queue: JobQueue) -> None:
        self._queue = queue
        self.pauses: list[float] = []
        self.extended = 0

    async def claim(
        self, worker: str, *, limit: int, lease: timedelta, only: Sequence[int] | None = None
    ) -> list[Claim]:
        return await self._queue.claim(worker, limit=limit, lease=lease, only=only)

    async def extend(self, claims: Sequence[Claim], *, lease: timedelta) -> set[int]:
        self.extended += 1
        return await self._queue.extend(claims, lease=lease)

    async def finish(self, claims: Sequence[Claim]) -> None:
        await self._queue.finish(claims)

    def watch(self, handlers: Mapping[str, Handler]) -> dict[str, Handler]:
        """The same, heard as well where they put their jobs back themselves."""
        return {
            name: one if one.put_back is None else replace(one, put_back=self._heard(one.put_back))
            for name, one in handlers.items()
        }

    def _heard(self, put_back: PutBack) -> PutBack:
        async def noted(claim: Claim, *, delay: timedelta, error: str | None, counts: bool) -> None:
            self.pauses.append(delay.total_seconds())
            await put_back(claim, delay=delay, error=error, counts=counts)

        return noted

    async def put_back(self, claim: Claim, *, delay: timedelta, error: str | None, counts: bool) -> bool:
        self.pauses.append(delay.total_seconds())
        return await self._queue.put_back(claim, delay=delay, error=error, counts=counts)
