"""The job table: queueing inside transactions, the workers' queue, monitoring and dead letters."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from sqlalchemy import BigInteger, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from atende.core.kernel import NotFound, Page, TenantScope
from atende.core.work.model import Claim, DeadLetter, Fenced, JobHealth, NewJob
from atende.core.work.ports import DeadLetters, JobQueue, Jobs, JobWatch
from atende.outbound.keyset import after_number
from atende.outbound.postgres.base import Row, TenantColumns, within
from atende.outbound.postgres.constraints import database_errors
from atende.outbound.postgres.pages import newest_by_time
from atende.outbound.postgres.unit import Unit

CHANNEL = "atende_jobs"


class JobRow(TenantColumns, Row):
    __tablename__ = "job"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    order_key: Mapped[str | None]
    dedupe_key: Mapped[str | None]
    status: Mapped[str]
    run_at: Mapped[datetime]
    created_at: Mapped[datetime]
    time_limit: Mapped[timedelta | None]
    deadline: Mapped[datetime | None]
    attempts: Mapped[int]
    max_attempts: Mapped[int]
    lease_token: Mapped[int] = mapped_column(BigInteger)
    lease_until: Mapped[datetime | None]
    last_error: Mapped[str | None]
    finished_at: Mapped[datetime | None]
    replay_of: Mapped[int | None] = mapped_column(BigInteger)


_PUT = """
WITH put AS (
  INSERT INTO job (organization_id, tenant_id, kind, payload, order_key, dedupe_key, max_attempts, run_at, time_limit)
  VALUES ($1, $2, $3, $4::text::jsonb, $5, $6, $7, now() + $8, $9)
  ON CONFLICT (dedupe_key) WHERE status = 'queued' AND dedupe_key IS NOT NULL DO NOTHING
)
SELECT pg_notify('atende_jobs', '')
"""
_HELD = "id = $1 AND organization_id = $2 AND tenant_id = $3 AND lease_token = $4 AND status = 'running'"
"""The job of a claim, unless the claim was lost; the first four parameters are `held`'s."""
FINISHED = f"""
finished AS (
  UPDATE job SET status = 'done', finished_at = now(), lease_until = NULL WHERE {_HELD} RETURNING order_key
), woken AS (
  SELECT pg_notify('atende_jobs', '') FROM finished
  WHERE EXISTS (SELECT 1 FROM job next WHERE next.order_key = finished.order_key AND next.status = 'queued')
)
"""
"""Marks the job of a claim as done. Other workers are woken when a job waited for this one."""
_FINISH = f"WITH {FINISHED} SELECT (SELECT count(*) FROM finished), (SELECT count(*) FROM woken)"
_KEEP = f"SELECT 1 FROM job WHERE {_HELD} FOR UPDATE"
_BURY = f"""
UPDATE job SET status = 'dead', finished_at = now(), lease_until = NULL, last_error = coalesce(last_error, $5)
WHERE {_HELD} RETURNING 1
"""
_PUT_BACK = "SELECT retry_job($1, $2, $3, $4, $5)"


class PostgresJobs(Jobs):
    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def put(self, scope: TenantScope, job: NewJob) -> None:
        kind, limit = job.kind, job.kind.deadline
        await self._unit.connection.execute(
            _PUT,
            scope.organization_id,
            scope.tenant_id,
            kind.name,
            msgspec.json.encode(job.payload).decode(),
            job.order_key,
            job.dedupe_key,
            kind.max_attempts,
            job.delay,
            None if limit is None else timedelta(seconds=limit),
        )

    async def keep(self, claim: Claim) -> None:
        raise_if_lost(claim, await self._unit.connection.fetchval(_KEEP, *held(claim)))

    async def finish(self, claim: Claim) -> None:
        raise_if_lost(claim, await self._unit.connection.fetchval(_FINISH, *held(claim)))

    async def bury(self, claim: Claim, error: str) -> None:
        raise_if_lost(claim, await self._unit.connection.fetchval(_BURY, *held(claim), error[:2000]))

    async def put_back(self, claim: Claim, *, delay: timedelta, error: str | None, counts: bool) -> None:
        await self.keep(claim)
        given = (claim.job_id, claim.token, delay, error and error[:2000], counts)
        await self._unit.connection.execute(_PUT_BACK, *given)


def held(claim: Claim) -> tuple[int, UUID, str, int]:
    return claim.job_id, claim.scope.organization_id, claim.scope.tenant_id, claim.token


def raise_if_lost(claim: Claim, found: object) -> None:
    """Raises Fenced when a statement found no job of this claim."""
    if not found:
        raise Fenced(f"another worker may have job {claim.job_id} now")


class PostgresDeadLetters(DeadLetters):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def page(self, scope: TenantScope, *, page: int, limit: int, after: str | None = None) -> Page[DeadLetter]:
        return await newest_by_time(
            self._session,
            JobRow,
            JobRow.finished_at,
            _to_dead_letter,
            *within(JobRow, scope),
            JobRow.status == literal("dead", literal_execute=True),  # as the index says it
            page=page,
            limit=limit,
            after=after,
            id_of=after_number,
        )

    async def home(self, scope: TenantScope, job_id: int) -> TenantScope:
        query = select(JobRow.tenant_id).where(JobRow.id == job_id, *within(JobRow, scope))
        tenant_id = await self._session.scalar(query.where(JobRow.status == "dead"))
        if tenant_id is None:
            raise NotFound("no such dead letter")
        return TenantScope(scope.organization_id, tenant_id)

    async def replay(self, scope: TenantScope, job_id: int) -> int:
        row = await self._settle(scope, job_id)
        again = insert(JobRow).values(
            organization_id=row.organization_id,
            tenant_id=row.tenant_id,
            kind=row.kind,
            payload=row.payload,
            order_key=row.order_key,
            max_attempts=row.max_attempts,
            time_limit=row.time_limit,
            replay_of=row.id,
        )
        made = await self._session.scalar(again.returning(JobRow.id))
        await self._session.execute(select(func.pg_notify(CHANNEL, "")))
        return int(made or 0)

    async def discard(self, scope: TenantScope, job_id: int) -> None:
        await self._settle(scope, job_id)

    async def _settle(self, scope: TenantScope, job_id: int) -> JobRow:
        settled = update(JobRow).where(JobRow.id == job_id, *within(JobRow, scope), JobRow.status == "dead")
        row: JobRow | None = await self._session.scalar(settled.values(status="discarded").returning(JobRow))
        if row is None:
            raise NotFound("no such dead letter")
        return row


def _to_dead_letter(row: JobRow) -> DeadLetter:
    return DeadLetter(
        id=row.id,
        kind=row.kind,
        payload=row.payload,
        attempts=row.attempts,
        error=row.last_error,
        created_at=row.created_at,
        finished_at=row.finished_at or row.created_at,
    )


class PostgresJobQueue(JobQueue, JobWatch):
    """Each call is one statement with a named function that works across tenants and can access jobs only."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def claim(
        self, worker: str, *, limit: int, lease: timedelta, only: Sequence[int] | None = None
    ) -> list[Claim]:
        with database_errors():
            try:
                rows = await self._pool.fetch("SELECT * FROM claim_jobs($1, $2, $3, $4)", worker, limit, lease, only)
            except asyncpg.UniqueViolationError:  # another worker claimed a job with this order key at the same time
                return []
        return [_to_claim(row) for row in rows]

    async def extend(self, claims: Sequence[Claim], *, lease: timedelta) -> set[int]:
        with database_errors():
            rows = await self._pool.fetch("SELECT extend_leases($1, $2, $3) AS id", *_held_arrays(claims), lease)
        return {row["id"] for row in rows}

    async def finish(self, claims: Sequence[Claim]) -> None:
        with database_errors():
            await self._pool.execute("SELECT finish_jobs($1, $2)", *_held_arrays(claims))

    async def put_back(self, claim: Claim, *, delay: timedelta, error: str | None, counts: bool) -> bool:
        with database_errors():
            return bool(
                await self._pool.fetchval(
                    "SELECT retry_job($1, $2, $3, $4, $5)",
                    claim.job_id,
                    claim.token,
                    delay,
                    error and error[:2000],
                    counts,
                )
            )

    async def next_due(self) -> float | None:
        with database_errors():
            found: float | None = await self._pool.fetchval("SELECT next_due()")
        return found

    async def health(self) -> JobHealth:
        with database_errors():
            row = await self._pool.fetchrow("SELECT * FROM job_health()")
        if row is None:
            raise NotFound("job_health() returned no row")
        return JobHealth(
            row["next_due_seconds"],
            row["oldest_ready_seconds"] or 0.0,
            row["expired_lease_seconds"] or 0.0,
            row["dead"],
        )

    async def due(self, limit: int) -> list[int]:
        with database_errors():
            return [row["id"] for row in await self._pool.fetch("SELECT sweep_jobs($1) AS id", limit)]


def _held_arrays(claims: Sequence[Claim]) -> tuple[list[int], list[int]]:
    return [claim.job_id for claim in claims], [claim.token for claim in claims]


_payload = msgspec.json.Decoder(dict[str, str])


def _to_claim(row: asyncpg.Record) -> Claim:
    organization_id: UUID = row["organization_id"]
    return Claim(
        job_id=row["id"],
        scope=TenantScope(organization_id, row["tenant_id"]),
        kind=row["kind"],
        payload=_payload.decode(row["payload"]),
        token=row["lease_token"],
        attempt=row["attempts"],
        max_attempts=row["max_attempts"],
        created_at=row["created_at"],
        expired=row["expired"],
    )
