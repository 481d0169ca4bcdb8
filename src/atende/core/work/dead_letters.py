"""Replaying and discarding dead letters."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from atende.core.audit.model import Event
from atende.core.audit.ports import AuditLog
from atende.core.kernel import TenantScope, Transaction
from atende.core.work.ports import DeadLetters


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayDeadLetter:
    """Runs a failed job again from the start, as a new job that refers to the old one. The dead letter leaves the list."""

    dead_letters: DeadLetters
    audit: AuditLog
    transaction: Transaction

    async def __call__(self, scope: TenantScope, job_id: int) -> int:
        async with self.transaction(scope):
            home = await self.dead_letters.home(scope, job_id)
        async with self.transaction(home):
            again = await self.dead_letters.replay(home, job_id)
            await self.audit.add(home, _event("job.replay", job_id, new={"job_id": again}))
            return again


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscardDeadLetter:
    """Takes a dead letter off the list without retrying its job."""

    dead_letters: DeadLetters
    audit: AuditLog
    transaction: Transaction

    async def __call__(self, scope: TenantScope, job_id: int) -> None:
        async with self.transaction(scope):
            home = await self.dead_letters.home(scope, job_id)
        async with self.transaction(home):
            await self.dead_letters.discard(home, job_id)
            await self.audit.add(home, _event("job.discard", job_id))


def _event(action: str, job_id: int, *, new: Mapping[str, Any] | None = None) -> Event:
    return Event(action=action, resource_type="job", resource_id=str(job_id), new=new)
