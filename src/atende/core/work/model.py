"""Work that must not be lost: jobs, how often each kind is tried, and what a lease is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from atende.core.kernel import Conflict, TenantScope


class Fenced(Conflict):
    """This worker lost its lease: somebody else has the job, and nothing of ours may be written."""


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of work. `retries`: the seconds to wait before each further attempt; `deadline`: seconds from the first one."""

    name: str
    retries: tuple[float, ...]
    deadline: float | None = None

    @property
    def max_attempts(self) -> int:
        return len(self.retries) + 1

    def delay(self, attempt: int, *, asked: float | None = None, jitter: float = 0.0) -> timedelta:
        """The wait after failed attempt number `attempt` (from 1), spread by `jitter` (-1 to 1) over a fifth either way.

        What the other side asked for (Retry-After, seconds) is kept to, up to five minutes.
        """
        if asked is not None:
            return timedelta(seconds=min(max(asked, 0.0), 300.0))
        return timedelta(seconds=self.retries[min(attempt, len(self.retries)) - 1] * (1 + 0.2 * jitter))


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A job that this worker holds until its lease ends. `token` fences: only the newest claim may write."""

    job_id: int
    scope: TenantScope
    kind: str
    payload: dict[str, str]
    token: int
    attempt: int
    max_attempts: int
    created_at: datetime
    expired: bool = False
    """Past its deadline."""
    alive: Callable[[], bool] = _always
    """Whether the lease still runs by this worker's own clock; asked right before anything that cannot be undone."""

    @property
    def exhausted(self) -> bool:
        return self.expired or self.attempt > self.max_attempts

    def check(self) -> None:
        """Raises Fenced when the lease has run out."""
        if not self.alive():
            raise Fenced(f"the lease of job {self.job_id} ran out")

    def id(self, name: str) -> UUID:
        return UUID(self.payload[name])


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """Something to be done later. `order_key`: one at a time, in order. `dedupe_key`: at most one waiting."""

    kind: JobKind
    payload: dict[str, str]
    order_key: str | None = None
    dedupe_key: str | None = None
    delay: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A job that was given up, with what it failed of. Its payload holds ids only."""

    id: int
    kind: str
    payload: dict[str, str] = field(default_factory=dict)
    attempts: int
    error: str | None
    created_at: datetime
    finished_at: datetime


@dataclass(frozen=True, slots=True)
class JobHealth:
    """Seconds: until the next job is due, the oldest one has been ready for, and the worst lease has been overdue for."""

    next_due: float | None
    oldest_ready: float
    expired_lease: float
    dead: int
