"""Verifying the records against their hash chain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from atende.core.audit.chain import START, Head, Seal, Tail, link
from atende.core.audit.model import Record
from atende.core.audit.ports import AuditChain

BATCH = 500
Link = tuple[Seal, Record | None]


class Wrong(StrEnum):
    """What is wrong with a record or a chain."""

    EDITED = "edited"
    DELETED = "deleted"
    REORDERED = "reordered"
    INSERTED = "inserted"
    SEAL_MISSING = "seal missing"
    CUT_OFF = "cut off"
    REWRITTEN = "rewritten"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The first invalid link of a chain: its number `seq`, and the record there, if any."""

    wrong: Wrong
    seq: int
    record_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Result for one organization's chain. `head` is the end of its valid part; `tail` describes the unsealed records."""

    organization_id: UUID
    head: Head
    tail: Tail
    finding: Finding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyAudit:
    """Recomputes chains from their first record and finds the first one that was edited, deleted, reordered or inserted.

    A chain that was cut off at its end is valid by itself; this is detected with the heads of an earlier result (`expected`).
    """

    chain: AuditChain
    batch: ClassVar[int] = BATCH

    async def __call__(
        self, organization_id: UUID | None = None, *, expected: Mapping[UUID, Head] | None = None
    ) -> list[Verdict]:
        """Checks one organization, or all that have records or are in `expected`."""
        earlier = expected or {}
        wanted = [organization_id] if organization_id else await self.chain.organizations()
        if organization_id is None:
            wanted += sorted(set(earlier) - set(wanted))
        return [await self._verdict(one, earlier.get(one)) for one in wanted]

    async def _verdict(self, organization_id: UUID, expected: Head | None) -> Verdict:
        head, before, finding = START, START, None
        while finding is None:
            links = await self.chain.sealed(organization_id, after_seq=head.seq, limit=self.batch)
            for at, (seal, record) in enumerate(links):
                finding = _judge(seal, record, head=head, before=before, following=links[at + 1 :])
                finding = finding or _against(expected, seal)
                if finding is not None:
                    break
                before, head = head, Head(seal.seq, seal.hash)
            if len(links) < self.batch:
                break
        if finding is None and expected is not None and expected.seq > head.seq:
            finding = Finding(wrong=Wrong.CUT_OFF, seq=head.seq + 1)
        tail = await self.chain.tail(organization_id)
        return Verdict(organization_id=organization_id, head=head, tail=tail, finding=finding)


def _judge(seal: Seal, record: Record | None, *, head: Head, before: Head, following: Sequence[Link]) -> Finding | None:
    if seal.seq != head.seq + 1:
        return Finding(wrong=Wrong.SEAL_MISSING, seq=head.seq + 1)
    if record is None:
        return Finding(wrong=Wrong.DELETED, seq=seal.seq, record_id=seal.record_id)
    if link(record, head) == seal.hash:
        return None
    if head.seq and link(record, before) == seal.hash:  # it follows the link before `head`, so `head` was inserted
        return Finding(wrong=Wrong.INSERTED, seq=head.seq)
    moved = any(other is not None and link(other, head) == seal.hash for _, other in following)
    return Finding(wrong=Wrong.REORDERED if moved else Wrong.EDITED, seq=seal.seq, record_id=record.id)


def _against(expected: Head | None, seal: Seal) -> Finding | None:
    if expected is None or seal.seq != expected.seq or seal.hash == expected.hash:
        return None
    return Finding(wrong=Wrong.REWRITTEN, seq=seal.seq, record_id=seal.record_id)
