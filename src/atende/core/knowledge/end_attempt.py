"""How an attempt to process a document ends when it did not succeed."""

from dataclasses import dataclass
from datetime import timedelta

from atende.core.credits.admit import Admit
from atende.core.kernel import NotFound, TenantScope, Transaction
from atende.core.knowledge.document import Document
from atende.core.knowledge.ports import Documents
from atende.core.work.model import Claim
from atende.core.work.ports import Jobs


@dataclass(frozen=True, slots=True, kw_only=True)
class EndAttempt:
    """What a failed attempt held is released in the transaction that notes the failure."""

    documents: Documents
    jobs: Jobs
    admit: Admit
    transaction: Transaction

    async def put_back(self, claim: Claim, *, delay: timedelta, error: str | None, counts: bool) -> None:
        """The job is queued again. Raises Fenced."""
        async with self.transaction(claim.scope):
            await self.jobs.put_back(claim, delay=delay, error=error, counts=counts)
            document = await self.find(claim.scope, claim)
            if document is not None and document.hold_id is not None:
                await self.release(document)
                await self.documents.save(document)

    async def give_up(self, claim: Claim, error: str, *, finished: bool = False) -> None:
        """Marks the document as failed. With `finished` the file is at fault and the job ends; otherwise its attempts are used up
        and it becomes a dead letter.
        """
        async with self.transaction(claim.scope):
            await (self.jobs.finish(claim) if finished else self.jobs.bury(claim, error))
            document = await self.find(claim.scope, claim)
            if document is not None:
                await self.release(document)
                document.fail(error)
                await self.documents.save(document)

    async def release(self, document: Document) -> None:
        """Inside a transaction; the caller saves the document."""
        if document.hold_id is not None:
            await self.admit.release(document.scope, document.hold_id, note="the attempt failed")
            document.hold_id = None

    async def find(self, scope: TenantScope, claim: Claim) -> Document | None:
        """The document of a job, locked; None if it was deleted. Raises NotFound if there never was one."""
        document_id = claim.id("document_id")
        try:
            return await self.documents.lock(scope, document_id)
        except NotFound:
            await self.documents.deleted(scope, document_id)
            return None
