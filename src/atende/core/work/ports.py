"""The job table as its users see it: inside a transaction, from a worker, and from the list of dead letters."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from atende.core.kernel import Page, TenantScope
from atende.core.work.model import Claim, DeadLetter, JobHealth, NewJob


class Jobs(Protocol):
    """Part of the open transaction: a job exists, and is finished, if and only if it commits."""

    async def put(self, scope: TenantScope, job: NewJob) -> None: ...

    async def keep(self, claim: Claim) -> None:
        """Raises Fenced unless the claim still holds; nobody can take the job before this transaction ends."""

    async def finish(self, claim: Claim) -> None:
        """Raises Fenced unless the claim still holds."""

    async def bury(self, claim: Claim, error: str) -> None:
        """To the dead letters. Raises Fenced unless the claim still holds."""

    async def put_back(self, claim: Claim, *, delay: timedelta, error: str | None, counts: bool) -> None:
        """Queued again; with `counts` False the attempt is forgotten. Raises Fenced unless the claim still holds."""


class JobQueue(Protocol):
    """What a worker does with jobs, each call a transaction of its own."""

    async def claim(
        self, worker: str, *, limit: int, lease: timedelta, only: Sequence[int] | None = None
    ) -> list[Claim]: ...

    async def extend(self, claims: Sequence[Claim], *, lease: timedelta) -> set[int]:
        """Ids of the jobs whose leases were extended: ours, and not in the middle of a transaction.

        It never waits: one job that hangs on a lock must not cost the others their leases.
        """

    async def finish(self, claims: Sequence[Claim]) -> None:
        """Those that were finished or lost already are left alone."""

    async def put_back(self, claim: Claim, *, delay: timedelta, error: str | None, counts: bool) -> bool:
        """Queued again; with `counts` False the attempt is forgotten (a clean stop). False when the claim was lost."""


class JobWatch(Protocol):
    async def health(self) -> JobHealth: ...

    async def due(self, limit: int) -> list[int]:
        """Jobs that are ready and whose wake-up was not sent in the last five seconds; marks it as sent."""


class DeadLetters(Protocol):
    """Inside a transaction."""

    async def page(self, scope: TenantScope, *, page: int, limit: int, after: str | None = None) -> Page[DeadLetter]:
        """The latest first; with `after` (a `Page.next`) those behind it, whatever `page` says."""

    async def home(self, scope: TenantScope, job_id: int) -> TenantScope:
        """The tenant of a dead job of this organization. Raises NotFound."""

    async def replay(self, scope: TenantScope, job_id: int) -> int:
        """A new job like the dead one; its id. Raises NotFound."""

    async def discard(self, scope: TenantScope, job_id: int) -> None:
        """Raises NotFound."""
