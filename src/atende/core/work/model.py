"""Jobs: their kinds, the schedule of retries, claims and dead letters."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from atende.core.kernel import Conflict, TenantScope


class Fenced(Conflict):
    """This worker lost its lease: another worker may have the job, so nothing more is written."""


@dataclass(frozen=True, slots=True)
class JobKind:
    """`retries`: seconds to wait before each further attempt; `deadline`: seconds from the first attempt."""

    name: str
    retries: tuple[float, ...]
    deadline: float | None = None

    @property
    def max_attempts(self) -> int:
        return len(self.retries) + 1

    def delay(self, attempt: int, *, asked: float | None = None, jitter: float = 0.0) -> timedelta:
        """The wait after failed attempt number `attempt` (from 1), changed by up to 20 % through `jitter` (-1 to 1).

        `asked` (seconds of a Retry-After) takes precedence, up to five minutes.
        """
        if asked is not None:
            return timedelta(seconds=min(max(asked, 0.0), 300.0))
        return timedelta(seconds=self.retries[min(attempt, len(self.retries)) - 1] * (1 + 0.2 * jitter))


def _always() -> bool:
    return True


@dataclass(slots=True, kw_only=True)
class Claim:
    """A job that this worker holds until its lease ends. `token` is the fencing token: only the newest claim may write."""

    job_id: int
    scope: TenantScope
    kind: str
    payload: dict[str, str]
    token: int
    attempt: int
    max_attempts: int
    created_at: datetime
    expired: bool = False
    """Whether its deadline has passed."""
    alive: Callable[[], bool] = _always
    """Whether the lease still runs by this worker's own clock; checked right before anything that cannot be undone."""

    @property
    def exhausted(self) -> bool:
        return self.expired or self.attempt > self.max_attempts

    def check(self) -> None:
        """Raises Fenced if the lease has expired."""
        if not self.alive():
            raise Fenced(f"the lease of job {self.job_id} has expired")

    def id(self, name: str) -> UUID:
        return UUID(self.payload[name])


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """A job to be queued. Jobs with the same `order_key` run one at a time, in order; only one job per `dedupe_key` is queued."""

    kind: JobKind
    payload: dict[str, str]
    order_key: str | None = None
    dedupe_key: str | None = None
    delay: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A job that was given up, with its last error. The payload holds ids only."""

    id: int
    kind: str
    payload: dict[str, str] = field(default_factory=dict)
    attempts: int
    error: str | None
    created_at: datetime
    finished_at: datetime


@dataclass(frozen=True, slots=True)
class JobHealth:
    """Seconds until the next job is due (`next_due`), since the oldest waiting job became due (`oldest_ready`), and since the most
    overdue lease expired (`expired_lease`); `dead` is the number of dead letters.
    """

    next_due: float | None
    oldest_ready: float
    expired_lease: float
    dead: int
