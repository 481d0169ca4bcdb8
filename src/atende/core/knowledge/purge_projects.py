"""Purging deleted projects."""

from dataclasses import dataclass

from atende.core.audit.model import SYSTEM, Event
from atende.core.audit.ports import AuditLog
from atende.core.kernel import Clock, Owner, Transaction
from atende.core.knowledge.ports import Blobs
from atende.core.knowledge.store_file import blob_folder
from atende.core.tenancy.model import UNDO
from atende.core.tenancy.ports import Purge

_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeProjects:
    """Removes all rows and files of projects that, or whose organization, were deleted more than 30 days ago.

    The row of the project stays without its name, because the ledger and audit records refer to it. If one project fails, the
    others are still purged; the failures are raised together at the end, and are tried again in the next round.
    """

    purge: Purge
    blobs: Blobs
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(self) -> int:
        """One round, the longest deleted first. Returns the number of purged projects. Raises ExceptionGroup if some failed."""
        done, failures = 0, list[Exception]()
        for owner in await self.purge.projects_due(self.clock.now() - UNDO, _AT_ONCE):
            try:
                await self._one(owner)
            except Exception as error:  # noqa: BLE001  one broken project must not block the others
                error.add_note(f"at project {owner.project_id}")
                failures.append(error)
            else:
                done += 1
        if failures:
            raise ExceptionGroup(f"{done} projects were purged, {len(failures)} failed", failures)
        return done

    async def _one(self, owner: Owner) -> None:
        """Removes the files first: as long as there are rows, an interrupted purge is found again."""
        await self.blobs.delete_folder(blob_folder(owner))
        await self.purge.project(owner)
        event = Event(action="project.purge", resource_type="project", resource_id=str(owner.project_id), actor=SYSTEM)
        async with self.transaction(owner.scope):
            await self.audit.add(owner.scope, event)
