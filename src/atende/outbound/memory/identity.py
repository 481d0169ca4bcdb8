"""API keys in memory."""

from copy import deepcopy

from atende.core.identity.model import ApiKey
from atende.core.identity.ports import ApiKeys
from atende.outbound.memory.store import MemoryStore
from atende.outbound.memory.table import Rows, Table

API_KEYS = Table[ApiKey](
    name="api_key",
    unique={"api_key_secret_hash_key": lambda row: row.entity.secret_hash},
    parents={"organization": lambda row: row.organization_id, "project": lambda row: row.entity.project_id},
)


class MemoryApiKeys(ApiKeys):
    def __init__(self, store: MemoryStore) -> None:
        self._store, self._keys = store, Rows(store, API_KEYS)

    async def add(self, key: ApiKey) -> None:
        self._keys.insert(key, at=key.organization_id)

    async def by_hash(self, secret_hash: bytes) -> ApiKey | None:
        now = self._store.clock.now()
        keys = (row.entity for row in self._keys.committed())
        return next((deepcopy(key) for key in keys if key.secret_hash == secret_hash and key.is_live(now)), None)
