"""Ports of the job table: for use cases, for workers, for monitoring and for dead letters."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from atende.core.kernel import Page, TenantScope
from atende.core.work.model import Claim, DeadLetter, JobHealth, NewJob


class Jobs(Protocol):
    """Inside a transaction: a job is queued, or finished, when the transaction commits."""

    async def put(self, scope: TenantScope, job: NewJob) -> None: ...

    async def keep(self, claim: Claim) -> None:
        """Locks the job until this transaction ends. Raises Fenced if the claim was lost."""

    async def finish(self, claim: Claim) -> None:
        """Raises Fenced if the claim was lost."""

    async def bury(self, claim: Claim, error: str) -> None:
        """Makes the job a dead letter. Raises Fenced if the claim was lost."""

    async def put_back(self, claim: Claim, *, delay: timedelta, error: str | None, counts: bool) -> None:
        """Queues the job again; with `counts` False the attempt is not counted. Raises Fenced if the claim was lost."""


class JobQueue(Protocol):
    """The queue as a worker uses it. Each call is a transaction of its own."""

    async def claim(
        self, worker: str, *, limit: int, lease: timedelta, only: Sequence[int] | None = None
    ) -> list[Claim]: ...

    async def extend(self, claims: Sequence[Claim], *, lease: timedelta) -> set[int]:
        """Extends leases and returns the ids of those jobs, without those of lost claims and those that a transaction has locked.

        It never waits for a lock, because one blocked job must not cost the others their leases.
        """

    async def finish(self, claims: Sequence[Claim]) -> None:
        """Ignores jobs that are finished already and claims that were lost."""

    async def put_back(self, claim: Claim, *, delay: timedelta, error: str | None, counts: bool) -> bool:
        """Queues the job again; with `counts` False the attempt is not counted (clean stop). False if the claim was lost."""


class JobWatch(Protocol):
    async def health(self) -> JobHealth: ...

    async def next_due(self) -> float | None:
        """Seconds until the next job is due, below 0 when one is; None when none waits."""

    async def due(self, limit: int) -> list[int]:
        """Ids of jobs that are ready and were not announced in the last five seconds; marks them as announced."""


class DeadLetters(Protocol):
    """Inside a transaction."""

    async def page(self, scope: TenantScope, *, page: int, limit: int, after: str | None = None) -> Page[DeadLetter]:
        """Newest first. `after` (a `Page.next`) takes precedence over `page`."""

    async def home(self, scope: TenantScope, job_id: int) -> TenantScope:
        """The tenant of a dead job of this organization. Raises NotFound."""

    async def replay(self, scope: TenantScope, job_id: int) -> int:
        """Queues a copy of the dead job and returns its id. Raises NotFound."""

    async def discard(self, scope: TenantScope, job_id: int) -> None:
        """Raises NotFound."""
