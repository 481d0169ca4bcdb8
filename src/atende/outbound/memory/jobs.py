"""The job table in memory, from inside a transaction."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from atende.core.kernel import NotFound, Page, TenantScope
from atende.core.work.model import Claim, DeadLetter, Fenced, NewJob
from atende.core.work.ports import DeadLetters, Jobs
from atende.outbound.keyset import after_number
from atende.outbound.memory.pages import newest_by_time
from atende.outbound.memory.row import Row
from atende.outbound.memory.store import MemoryStore
from atende.outbound.memory.table import OF_PROJECT, Rows, Table, narrow

MAX_ERROR = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A row of the job table."""

    id: int
    scope: TenantScope
    kind: str
    payload: dict[str, str]
    order_key: str | None
    dedupe_key: str | None
    run_at: datetime
    created_at: datetime
    max_attempts: int
    time_limit: timedelta | None = None
    deadline: datetime | None = None
    status: str = "queued"
    attempts: int = 0
    token: int = 0
    lease_until: datetime | None = None
    worker: str | None = None
    notified_at: datetime | None = None
    error: str | None = None
    finished_at: datetime | None = None
    replay_of: int | None = None


def _lane(row: Row[Any]) -> str | None:
    job: Job = row.entity
    return job.order_key if job.status == "running" else None


def _dedupe(row: Row[Any]) -> str | None:
    job: Job = row.entity
    return job.dedupe_key if job.status == "queued" else None


DEDUPE = "job_dedupe"
JOBS = Table[Job](name="job", unique={"job_one_running": _lane, DEDUPE: _dedupe}, parents=OF_PROJECT)


def new_job(store: MemoryStore, scope: TenantScope, job: NewJob) -> Job:
    """The row of a job that is made now."""
    now = store.clock.now()
    limit = job.kind.deadline
    return Job(
        id=store.next_number(),
        scope=TenantScope(scope.organization_id, scope.tenant_id),
        kind=job.kind.name,
        payload=dict(job.payload),
        order_key=job.order_key,
        dedupe_key=job.dedupe_key,
        run_at=now + job.delay,
        created_at=now,
        max_attempts=job.kind.max_attempts,
        time_limit=None if limit is None else timedelta(seconds=limit),
    )


class MemoryJobs(Jobs):
    def __init__(self, store: MemoryStore) -> None:
        self._store, self._jobs = store, Rows(store, JOBS)

    async def put(self, scope: TenantScope, job: NewJob) -> None:
        if job.dedupe_key is None or job.dedupe_key not in self._store.read(DEDUPE):
            self._jobs.insert(new_job(self._store, scope, job), at=scope)
        self._store.wake()

    async def keep(self, claim: Claim) -> None:
        self._held(claim)

    async def finish(self, claim: Claim) -> None:
        job = self._held(claim)
        self._jobs.update(replace(job, status="done", finished_at=self._store.clock.now(), lease_until=None))
        self._store.wake()

    async def bury(self, claim: Claim, error: str) -> None:
        job = self._held(claim)
        now, kept = self._store.clock.now(), job.error or error[:MAX_ERROR]
        self._jobs.update(replace(job, status="dead", finished_at=now, lease_until=None, error=kept))

    async def put_back(self, claim: Claim, *, delay: timedelta, error: str | None, counts: bool) -> None:
        now = self._store.clock.now()
        self._jobs.update(waiting_again(self._held(claim), now + delay, error=error, counts=counts))
        self._store.wake()

    def _held(self, claim: Claim) -> Job:
        job = self._jobs.get(claim.job_id, narrow(claim.scope))
        if job is None or not is_held(job, claim):
            raise Fenced(f"job {claim.job_id} is no longer ours")
        return job


def is_held(job: Job, claim: Claim) -> bool:
    return job.status == "running" and job.token == claim.token


def waiting_again(job: Job, run_at: datetime, *, error: str | None, counts: bool) -> Job:
    return replace(
        job,
        status="queued",
        run_at=run_at,
        dedupe_key=None,
        lease_until=None,
        error=error[:MAX_ERROR] if error else job.error,
        attempts=job.attempts if counts else job.attempts - 1,
        deadline=job.deadline if counts or job.attempts > 1 else None,
    )


class MemoryDeadLetters(DeadLetters):
    def __init__(self, store: MemoryStore) -> None:
        self._store, self._jobs = store, Rows(store, JOBS)

    async def page(self, scope: TenantScope, *, page: int, limit: int, after: str | None = None) -> Page[DeadLetter]:
        dead = [_to_dead_letter(job) for job in self._jobs.all(scope, lambda job: job.status == "dead")]
        return newest_by_time(
            dead, lambda letter: letter.finished_at, page=page, limit=limit, after=after, id_of=after_number
        )

    async def home(self, scope: TenantScope, job_id: int) -> TenantScope:
        return self._dead(scope, job_id).scope

    async def replay(self, scope: TenantScope, job_id: int) -> int:
        dead, now = self._settle(scope, job_id), self._store.clock.now()
        again = Job(
            id=self._store.next_number(),
            scope=dead.scope,
            kind=dead.kind,
            payload=dead.payload,
            order_key=dead.order_key,
            dedupe_key=None,
            run_at=now,
            created_at=now,
            max_attempts=dead.max_attempts,
            time_limit=dead.time_limit,
            replay_of=dead.id,
        )
        self._jobs.insert(again, at=again.scope)
        self._store.wake()
        return again.id

    async def discard(self, scope: TenantScope, job_id: int) -> None:
        self._settle(scope, job_id)

    def _settle(self, scope: TenantScope, job_id: int) -> Job:
        job = self._dead(scope, job_id)
        self._jobs.update(replace(job, status="discarded"))
        return job

    def _dead(self, scope: TenantScope, job_id: int) -> Job:
        job = self._jobs.get(job_id, scope)
        if job is None or job.status != "dead":
            raise NotFound("no such dead letter")
        return job


def _to_dead_letter(job: Job) -> DeadLetter:
    return DeadLetter(
        id=job.id,
        kind=job.kind,
        payload=dict(job.payload),
        attempts=job.attempts,
        error=job.error,
        created_at=job.created_at,
        finished_at=job.finished_at or job.created_at,
    )
