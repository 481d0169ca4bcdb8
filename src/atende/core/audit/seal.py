"""Sealing: records that were committed are chained, a moment later, beside every mutation's way."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from atende.core.audit.chain import START, Head, Seal, seal
from atende.core.audit.ports import AuditChain
from atende.core.kernel import Conflict

BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SealRecords:
    """Each organization's records are chained in the order in which they are found; one that was committed late comes later.

    Several sealers may work at once: the chain takes the quicker one's seals, and the other looks again at the next round.
    """

    chain: AuditChain
    batch: ClassVar[int] = BATCH

    async def __call__(self) -> int:
        """Until none is left, or another sealer was quicker; how many seals were made."""
        made = 0
        while records := await self.chain.unsealed(self.batch):
            heads: dict[UUID, Head] = await self.chain.heads(list({record.organization_id for record in records}))
            seals: list[Seal] = []
            for record in records:
                next_ = seal(record, heads.get(record.organization_id, START))
                heads[record.organization_id] = Head(next_.seq, next_.hash)
                seals.append(next_)
            try:
                await self.chain.append(seals)
            except Conflict:
                break
            made += len(seals)
        return made
