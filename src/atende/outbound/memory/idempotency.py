"""Idempotency-Keys in memory."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from atende.core.kernel import Ids, TenantScope
from atende.core.work.idempotency import (
    KEPT,
    LEASE,
    Begun,
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    IdempotencyKeys,
    StoredAnswer,
)
from atende.outbound.memory.audit import ONCE
from atende.outbound.memory.store import MemoryStore
from atende.outbound.memory.table import Rows, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class _Key:
    id: UUID
    organization_id: UUID
    key_hash: bytes
    request_hash: bytes
    created_at: datetime
    leased_until: datetime
    answer: StoredAnswer | None = None


_UNIQUE = "idempotency_key_organization_id_key_hash_key"
KEYS = Table[_Key](
    name="idempotency_key", unique={_UNIQUE: lambda row: (row.entity.organization_id, row.entity.key_hash)}
)


class MemoryIdempotencyKeys(IdempotencyKeys):
    def __init__(self, store: MemoryStore, ids: Ids) -> None:
        self._store, self._ids, self._keys = store, ids, Rows(store, KEYS)

    async def begin(self, organization_id: UUID, *, key_hash: bytes, request_hash: bytes, now: datetime) -> Begun:
        scope = TenantScope(organization_id)
        async with self._store.begin(scope):
            self._keys.delete(lambda key: key.key_hash == key_hash and key.created_at <= now - KEPT, scope)
            found = self._keys.by(_UNIQUE, (organization_id, key_hash))
            if found is not None:
                return self._known(found, request_hash, now)
            made = _Key(
                id=self._ids.new(),
                organization_id=organization_id,
                key_hash=key_hash,
                request_hash=request_hash,
                created_at=now,
                leased_until=now + LEASE,
            )
            self._keys.insert(made, at=organization_id)
            return Begun(id=made.id)

    def _known(self, key: _Key, request_hash: bytes, now: datetime) -> Begun:
        if key.request_hash != request_hash:
            raise IdempotencyKeyReused
        if key.answer is not None:
            return Begun(id=key.id, answer=key.answer)
        if now < key.leased_until:
            raise IdempotencyKeyInUse(retry_after=1)
        self._keys.update(replace(key, leased_until=now + LEASE))
        return Begun(id=key.id)

    async def finish(self, organization_id: UUID, begun_id: UUID, answer: StoredAnswer) -> None:
        async with self._store.begin(TenantScope(organization_id)):
            if (key := self._unanswered(begun_id)) is not None:
                self._keys.update(replace(key, answer=answer))

    async def forget(self, organization_id: UUID, begun_id: UUID) -> None:
        scope = TenantScope(organization_id)
        async with self._store.begin(scope):
            applied = begun_id in self._store.read(ONCE)  # what took effect here stands, whatever came of its answer
            if self._unanswered(begun_id) is not None and not applied:
                self._keys.delete(lambda key: key.id == begun_id, scope)

    async def let_go(self, organization_id: UUID, begun_id: UUID, now: datetime) -> None:
        async with self._store.begin(TenantScope(organization_id)):
            if (key := self._unanswered(begun_id)) is not None:
                self._keys.update(replace(key, leased_until=now))

    async def purge(self, before: datetime) -> int:
        async with self._store.system():
            old = [key for key in self._keys.all() if key.created_at < before]
            for key in old:
                self._keys.delete(lambda other, id_=key.id: other.id == id_, TenantScope(key.organization_id))  # type: ignore[misc]
            return len(old)

    def _unanswered(self, begun_id: UUID) -> _Key | None:
        key = self._keys.get(begun_id)
        return key if key is not None and key.answer is None else None
