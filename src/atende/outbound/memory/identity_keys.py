"""API keys in memory."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from atende.core.identity.api_key import ApiKey
from atende.core.identity.ports import ApiKeys
from atende.core.kernel import NotFound, Page, TenantScope
from atende.outbound.memory.pages import newest_by_id
from atende.outbound.memory.store import MemoryStore
from atende.outbound.memory.table import Rows, Table
from atende.outbound.memory.tenancy import ORGANIZATIONS, PROJECTS

API_KEYS = Table[ApiKey](
    name="api_key",
    unique={"api_key_secret_hash_key": lambda row: row.entity.secret_hash},
    parents={
        "organization": lambda row: row.organization_id,
        "project": lambda row: row.entity.project_id,
        "user_account": lambda row: row.entity.created_by,
    },
)


class MemoryApiKeys(ApiKeys):
    def __init__(self, store: MemoryStore) -> None:
        self._store, self._keys = store, Rows(store, API_KEYS)

    async def add(self, key: ApiKey) -> None:
        self._keys.insert(key, at=key.organization_id)

    async def get(self, scope: TenantScope, key_id: UUID) -> ApiKey:
        found = self._keys.get(key_id, scope)
        if found is None:
            raise NotFound("no such API key")
        return found

    async def save(self, key: ApiKey) -> None:
        if not self._keys.update(key):
            raise NotFound("no such API key")

    async def page(self, scope: TenantScope, *, page: int, limit: int, after: str | None = None) -> Page[ApiKey]:
        return newest_by_id(self._keys.all(scope), page=page, limit=limit, after=after)

    async def revoke_made_by(self, scope: TenantScope, user_id: UUID, now: datetime) -> int:
        found = self._keys.all(scope, lambda key: key.created_by == user_id and key.revoked_at is None)
        for key in found:
            key.revoke(now)
            self._keys.update(key)
        return len(found)

    async def revoke_everywhere(self, scope: TenantScope, now: datetime) -> int:
        """Across organizations, as the named function of the database does it: past the wall, for this one column."""
        ours, rows = self._store.scope, self._store.write(API_KEYS.name)
        me = None if ours is None else ours.user_id
        live = {id_: row for id_, row in rows.items() if row.entity.revoked_at is None}
        mine = {id_: row for id_, row in live.items() if me is not None and row.entity.created_by == me}
        for id_, row in mine.items():
            rows[id_] = replace(row, entity=replace(row.entity, revoked_at=now))
        return len(mine)

    async def by_hash(self, secret_hash: bytes) -> ApiKey | None:
        now = self._store.clock.now()
        keys = (row.entity for row in self._keys.committed())
        found = (key for key in keys if key.secret_hash == secret_hash and key.is_live(now) and self._has_home(key))
        return next((deepcopy(key) for key in found), None)

    async def touch(self, used: Mapping[UUID, datetime]) -> None:
        async with self._store.system():
            for key_id, at in used.items():
                row = self._keys.placed(key_id)
                if row is not None and (row.entity.last_used_at is None or row.entity.last_used_at < at):
                    self._keys.update(replace(row.entity, last_used_at=at))

    def _has_home(self, key: ApiKey) -> bool:
        """Whether its organization, and its project if it has one, are still there."""
        homes = [self._store.committed(ORGANIZATIONS.name)[key.organization_id]]
        if key.project_id is not None:
            homes.append(self._store.committed(PROJECTS.name)[key.project_id])
        return all(home.entity.deleted_at is None for home in homes)
