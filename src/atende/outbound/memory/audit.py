"""The audit log in memory."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from atende.core.audit.chain import Head, Seal, Tail
from atende.core.audit.entry import record_of
from atende.core.audit.model import Event, Filter, Origin, Record
from atende.core.audit.ports import AuditChain, AuditLog, AuditTrail
from atende.core.kernel import ALL_TENANTS, Clock, Ids, Page, TenantScope
from atende.core.work.idempotency import AlreadyApplied
from atende.outbound.memory.store import MemoryStore
from atende.outbound.memory.table import Rows, Table

ONCE = "audit_log_idempotency"
AUDIT = Table[Record](name="audit_log", unique={ONCE: lambda row: row.entity.idempotency_id})
SEALS = Table[Seal](
    name="audit_seal",
    key=lambda seal: (seal.organization_id, seal.seq),
    unique={"audit_seal_record_id_key": lambda row: row.entity.record_id},
)


class MemoryAuditLog(AuditLog):
    def __init__(self, store: MemoryStore, origin: Origin, ids: Ids, clock: Clock) -> None:
        self._store, self._records = store, Rows(store, AUDIT)
        self._origin, self._ids, self._clock = origin, ids, clock

    async def add(self, scope: TenantScope, event: Event) -> None:
        record = record_of(event, origin=self._origin, scope=scope, record_id=self._ids.new(), at=self._clock.now())
        if record.idempotency_id is not None and record.idempotency_id in self._store.read(ONCE):
            raise AlreadyApplied(retry_after=1)
        self._records.insert(record, at=record.organization_id)


class MemoryAuditTrail(AuditTrail):
    def __init__(self, store: MemoryStore) -> None:
        self._records = Rows(store, AUDIT)

    async def page(
        self, scope: TenantScope, wanted: Filter, *, page: int, limit: int, after: str | None = None
    ) -> Page[Record]:
        found = self._records.all(TenantScope(scope.organization_id), lambda record: _is_wanted(record, scope, wanted))
        found.sort(key=lambda record: record.id, reverse=True)
        left = [record for record in found if record.id < UUID(after)] if after else found[(page - 1) * limit :]
        shown = left[:limit]
        return Page(shown, page, limit, len(found), next=str(shown[-1].id) if len(left) > limit else None)


def _is_wanted(record: Record, scope: TenantScope, wanted: Filter) -> bool:
    if scope.tenant_id not in {ALL_TENANTS, record.tenant_id}:
        return False
    exact: list[tuple[Any, Any]] = [
        (wanted.action, record.action),
        (wanted.resource_type, record.resource_type),
        (wanted.resource_id, record.resource_id),
        (wanted.actor_id, record.actor.id),
        (wanted.status, record.status),
    ]
    same = all(asked is None or asked == held for asked, held in exact)
    early = wanted.since is not None and record.created_at < wanted.since
    late = wanted.until is not None and record.created_at >= wanted.until
    return same and not early and not late


class MemoryAuditChain(AuditChain):
    def __init__(self, store: MemoryStore) -> None:
        self._store, self._records, self._seals = store, Rows(store, AUDIT), Rows(store, SEALS)

    async def unsealed(self, limit: int) -> list[Record]:
        async with self._store.system():
            return self._without_seal()[:limit]

    async def heads(self, organization_ids: Sequence[UUID]) -> dict[UUID, Head]:
        async with self._store.system():
            found: dict[UUID, Head] = {}
            for seal in sorted(self._seals.all(), key=lambda seal: seal.seq):
                if seal.organization_id in organization_ids:
                    found[seal.organization_id] = Head(seal.seq, seal.hash)
            return found

    async def append(self, seals: Sequence[Seal]) -> None:
        async with self._store.system():
            for seal in seals:
                self._seals.insert(seal, at=seal.organization_id)

    async def sealed(self, organization_id: UUID, *, after_seq: int, limit: int) -> list[tuple[Seal, Record | None]]:
        async with self._store.system():
            ours = [s for s in self._seals.all() if s.organization_id == organization_id and s.seq > after_seq]
            ours.sort(key=lambda seal: seal.seq)
            return [(seal, self._records.get(seal.record_id)) for seal in ours[:limit]]

    async def tail(self, organization_id: UUID) -> Tail:
        async with self._store.system():
            left = [record for record in self._without_seal() if record.organization_id == organization_id]
        return Tail(len(left), min((record.created_at for record in left), default=None))

    async def organizations(self) -> list[UUID]:
        async with self._store.system():
            found = {record.organization_id for record in self._records.all()}
            return sorted(found | {seal.organization_id for seal in self._seals.all()})

    def _without_seal(self) -> list[Record]:
        sealed = {seal.record_id for seal in self._seals.all()}
        return sorted(self._records.all(None, lambda record: record.id not in sealed), key=lambda record: record.id)
