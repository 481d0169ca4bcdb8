"""The end of what was deleted, for good."""

from dataclasses import dataclass

from atende.core.audit.model import SYSTEM, Event
from atende.core.audit.ports import AuditLog
from atende.core.kernel import Clock, Owner, Transaction
from atende.core.knowledge.ports import Blobs
from atende.core.knowledge.upload_document import blob_folder
from atende.core.tenancy.model import UNDO
from atende.core.tenancy.ports import Purge

_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeProjects:
    """The content of projects that were deleted 30 days ago, or whose organization was, is removed: every row and every file.

    The project itself stays without a name, for the ledger and the records name it. One that fails does not keep the others; the
    failures are raised together at the end, and it is tried again in the next round.
    """

    purge: Purge
    blobs: Blobs
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(self) -> int:
        """One round, the longest deleted first; how many were done. Raises ExceptionGroup when some could not."""
        done, failures = 0, list[Exception]()
        for owner in await self.purge.projects_due(self.clock.now() - UNDO, _AT_ONCE):
            try:
                await self._one(owner)
            except Exception as error:  # noqa: BLE001  one broken project must not keep the others
                error.add_note(f"at project {owner.project_id}")
                failures.append(error)
            else:
                done += 1
        if failures:
            raise ExceptionGroup(f"{done} projects were purged, {len(failures)} could not be", failures)
        return done

    async def _one(self, owner: Owner) -> None:
        """Files first: as long as there are rows it is found again."""
        await self.blobs.delete_folder(blob_folder(owner))
        await self.purge.project(owner)
        event = Event(action="project.purge", resource_type="project", resource_id=str(owner.project_id), actor=SYSTEM)
        async with self.transaction(owner.scope):
            await self.audit.add(owner.scope, event)
