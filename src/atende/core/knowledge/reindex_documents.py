"""Reading all documents of a project again, a few at a time, behind everything else."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from atende.core.audit.model import Event
from atende.core.audit.ports import AuditLog
from atende.core.identity.mail.texts import MailKind
from atende.core.kernel import TenantScope, Transaction
from atende.core.knowledge.jobs import process_job
from atende.core.knowledge.ports import Documents
from atende.core.mail.model import MAIL
from atende.core.tenancy.ports import Projects
from atende.core.work.model import Claim, JobKind, NewJob
from atende.core.work.ports import Jobs

REINDEX_DOCUMENTS = JobKind("document.reindex", retries=(5, 30, 300))
AT_ONCE = 2
"""Documents that are underway for it at a time: others of the project are read in between."""
_PAUSE = timedelta(seconds=2)
_BEFORE_ALL = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReindexDocuments:
    """Reads all documents of the project again, as `process` does for one: needed after a change of the size of chunks. For another
    embedding, change the search index instead. It runs behind other work, two documents at a time; whoever asked for it gets a
    mail at the end.
    """

    documents: Documents
    jobs: Jobs
    projects: Projects
    audit: AuditLog
    transaction: Transaction

    async def __call__(self, scope: TenantScope, *, asked_by: UUID | None) -> None:
        """Once at a time. Raises ProjectNotActive."""
        async with self.transaction(scope):
            project = await self.projects.pinned(scope)
            project.require_active()
            await self.audit.add(
                scope, Event(action="document.reindex", resource_type="project", resource_id=str(project.id))
            )
            await self.jobs.put(scope, _next(project.id, _BEFORE_ALL, str(asked_by or "")))

    async def step(self, claim: Claim) -> None:
        """Queues the next documents, and itself for the ones after them."""
        scope, behind, asked_by = claim.scope, claim.id("behind"), claim.payload["asked_by"]
        async with self.transaction(scope):
            project = await self.projects.pinned(scope)
            project.require_active()
            await self.jobs.finish(claim)
            room = AT_ONCE - await self.documents.underway(scope)
            for document in await self.documents.settled(scope, behind=behind, limit=max(room, 0)):
                document.queue()
                await self.documents.save(document)
                await self.jobs.put(scope, process_job(document))
                behind = document.id
            if room < AT_ONCE or behind != claim.id("behind"):
                await self.jobs.put(scope, _next(project.id, behind, asked_by, delay=_PAUSE))
            elif asked_by:
                mail = {"kind": str(MailKind.REINDEXED), "id": asked_by}
                await self.jobs.put(scope, NewJob(kind=MAIL, payload=mail))


def _next(project_id: UUID, behind: UUID, asked_by: str, delay: timedelta = timedelta(0)) -> NewJob:
    return NewJob(
        kind=REINDEX_DOCUMENTS,
        payload={"behind": str(behind), "asked_by": asked_by},
        dedupe_key=f"document.reindex:{project_id}",
        delay=delay,
    )
