"""Sealing: adding committed records to the hash chain. Changes do not wait for it."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from atende.core.audit.chain import START, Head, Seal, seal
from atende.core.audit.ports import AuditChain
from atende.core.kernel import Conflict

BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SealRecords:
    """Adds the records of each organization to its chain in the order in which they are found, so that a record that was committed
    late comes later.

    Several processes can run this at once: the first one stores its seals, the others continue in the next round.
    """

    chain: AuditChain
    batch: ClassVar[int] = BATCH

    async def __call__(self) -> int:
        """Runs until no record is left or another process was first. Returns the number of seals made."""
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
