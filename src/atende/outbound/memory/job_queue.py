"""The job table in memory, as the workers of all tenants see it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from atende.core.work.model import Claim, JobHealth
from atende.core.work.ports import JobQueue, JobWatch
from atende.outbound.memory.jobs import JOBS, Job, is_held, waiting_again
from atende.outbound.memory.store import MemoryStore
from atende.outbound.memory.table import Rows
from atende.outbound.memory.tenancy import rests

WAITING = ("queued", "running")
NOTIFIED_AGAIN = timedelta(seconds=5)


class MemoryJobQueue(JobQueue, JobWatch):
    """Works across tenants; each call is a transaction of its own."""

    def __init__(self, store: MemoryStore) -> None:
        self._store, self._jobs = store, Rows(store, JOBS)

    async def claim(
        self, worker: str, *, limit: int, lease: timedelta, only: Sequence[int] | None = None
    ) -> list[Claim]:
        async with self._store.system():
            now = self._store.clock.now()
            self._set_aside(now)
            wanted = self._all(lambda job: (only is None or job.id in only) and not rests(self._store, job.scope))
            lost = sorted((job for job in wanted if _is_lost(job, now)), key=lambda job: job.lease_until or now)
            heads = self._heads()
            ready = sorted((job for job in wanted if _is_ready(job, now, heads)), key=lambda job: job.run_at)
            return [self._claim(job, worker, lease) for job in (lost + ready)[:limit]]

    def _set_aside(self, now: datetime) -> None:
        """Of projects that rest: their lost jobs wait again, and no time runs out for them."""
        for job in self._all(lambda job: rests(self._store, job.scope)):
            if job.status == "queued":
                self._jobs.update(replace(job, deadline=None))
            elif _is_lost(job, now):
                back = replace(job, status="queued", run_at=now, dedupe_key=None, lease_until=None, deadline=None)
                self._jobs.update(back)

    def _claim(self, job: Job, worker: str, lease: timedelta) -> Claim:
        now = self._store.clock.now()
        taken = replace(
            job,
            status="running",
            attempts=job.attempts + 1,
            token=job.token + 1,
            lease_until=now + lease,
            worker=worker,
            notified_at=None,
            deadline=job.deadline or (None if job.time_limit is None else now + job.time_limit),
        )
        self._jobs.update(taken)
        return Claim(
            job_id=taken.id,
            scope=taken.scope,
            kind=taken.kind,
            payload=dict(taken.payload),
            token=taken.token,
            attempt=taken.attempts,
            max_attempts=taken.max_attempts,
            created_at=taken.created_at,
            expired=taken.deadline is not None and taken.deadline < now,
        )

    async def extend(self, claims: Sequence[Claim], *, lease: timedelta) -> set[int]:
        async with self._store.system():
            until = self._store.clock.now() + lease
            held = self._held(claims)
            for job in held:
                self._jobs.update(replace(job, lease_until=until))
            return {job.id for job in held}

    async def finish(self, claims: Sequence[Claim]) -> None:
        async with self._store.system():
            now = self._store.clock.now()
            for job in self._held(claims):
                self._jobs.update(replace(job, status="done", finished_at=now, lease_until=None))

    async def put_back(self, claim: Claim, *, delay: timedelta, error: str | None, counts: bool) -> bool:
        async with self._store.system():
            for job in self._held([claim]):
                now = self._store.clock.now()
                self._jobs.update(waiting_again(job, now + delay, error=error, counts=counts))
                self._store.wake()
                return True
            return False

    async def health(self) -> JobHealth:
        now = self._store.clock.now()
        jobs = [row.entity for row in self._jobs.committed()]
        waiting = [job for job in jobs if job.status == "queued" and not rests(self._store, job.scope)]
        first = min((job.run_at for job in waiting), default=None)
        lease = min((job.lease_until for job in jobs if job.status == "running" and job.lease_until), default=now)
        return JobHealth(
            None if first is None else (first - now).total_seconds(),
            0.0 if first is None else max((now - first).total_seconds(), 0.0),
            max((now - lease).total_seconds(), 0.0),
            sum(job.status == "dead" for job in jobs),
        )

    async def due(self, limit: int) -> list[int]:
        async with self._store.system():
            now, heads = self._store.clock.now(), self._heads()
            due = self._all(lambda job: _is_unheard(job, now, heads) or (_is_lost(job, now) and _is_head(job, heads)))
            due = [job for job in due if not rests(self._store, job.scope)]
            due.sort(key=lambda job: job.run_at)
            for job in due[:limit]:
                self._jobs.update(replace(job, notified_at=now))
            return [job.id for job in due[:limit]]

    def _all(self, where: Callable[[Job], bool] = lambda _: True) -> list[Job]:
        return self._jobs.all(where=lambda job: job.status in WAITING and where(job))

    def _held(self, claims: Sequence[Claim]) -> list[Job]:
        held = ((self._jobs.get(claim.job_id), claim) for claim in claims)
        return [job for job, claim in held if job is not None and is_held(job, claim)]

    def _heads(self) -> dict[str, int]:
        """The first job of each lane that is waiting or running: only that one may run."""
        heads: dict[str, int] = {}
        for job in self._all():
            if job.order_key is not None:
                heads[job.order_key] = min(heads.get(job.order_key, job.id), job.id)
        return heads


def _is_head(job: Job, heads: dict[str, int]) -> bool:
    return job.order_key is None or heads[job.order_key] == job.id


def _is_ready(job: Job, now: datetime, heads: dict[str, int]) -> bool:
    return job.status == "queued" and job.run_at <= now and _is_head(job, heads)


def _is_unheard(job: Job, now: datetime, heads: dict[str, int]) -> bool:
    recently = job.notified_at is not None and job.notified_at >= now - NOTIFIED_AGAIN
    return _is_ready(job, now, heads) and not recently


def _is_lost(job: Job, now: datetime) -> bool:
    """Its worker did not come back in time."""
    return job.status == "running" and job.lease_until is not None and job.lease_until < now
