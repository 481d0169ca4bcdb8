"""The customers' keys at AI providers in memory. Nothing is written anywhere, so nothing is sealed."""

from dataclasses import dataclass, replace
from uuid import UUID

from atende.core.identity.keys.ports import ProviderKeyRing, ProviderKeys
from atende.core.identity.keys.provider_keys import AiProvider, ProviderKey, ProviderSecret, Verdict
from atende.core.kernel import NotFound, Page, TenantScope
from atende.core.tenancy.rotate_secrets import SealedAt, SealedSecrets
from atende.outbound.memory.store import MemoryStore
from atende.outbound.memory.table import Rows, Table


@dataclass(frozen=True, slots=True)
class _Kept:
    key: ProviderKey
    secret: ProviderSecret

    @property
    def id(self) -> UUID:
        return self.key.id


_ONE_EACH = "provider_key_organization_id_provider_key"
PROVIDER_KEYS = Table[_Kept](
    name="provider_key",
    unique={_ONE_EACH: lambda row: (row.organization_id, row.entity.key.provider)},
    parents={"organization": lambda row: row.organization_id},
)


class MemoryProviderKeys(ProviderKeys):
    def __init__(self, store: MemoryStore) -> None:
        self._kept = Rows(store, PROVIDER_KEYS)

    async def add(self, key: ProviderKey, secret: ProviderSecret) -> None:
        self._kept.insert(_Kept(replace(key), secret), at=key.organization_id)

    async def get(self, scope: TenantScope, provider: AiProvider) -> ProviderKey:
        return replace(self._one(scope, provider).key)

    async def secret(self, scope: TenantScope, provider: AiProvider) -> ProviderSecret:
        return self._one(scope, provider).secret

    async def save(self, key: ProviderKey, secret: ProviderSecret | None = None) -> None:
        old = self._kept.get(key.id)
        if old is not None:
            counted = replace(key, last_used_at=old.key.last_used_at, total_requests=old.key.total_requests)
            self._kept.update(_Kept(counted, secret or old.secret))

    async def page(self, scope: TenantScope, *, page: int, limit: int, after: str | None = None) -> Page[ProviderKey]:
        ours = TenantScope(scope.organization_id)
        found = sorted((replace(one.key) for one in self._kept.all(ours)), key=lambda key: key.provider)
        left = found[(page - 1) * limit :] if after is None else [key for key in found if key.provider > after]
        shown = left[:limit]
        return Page(shown, page, limit, len(found), str(shown[-1].provider) if len(left) > limit else None)

    async def remove(self, scope: TenantScope, provider: AiProvider) -> None:
        kept = self._one(scope, provider)
        self._kept.delete(lambda one: one.id == kept.id, TenantScope(scope.organization_id))

    def _one(self, scope: TenantScope, provider: AiProvider) -> _Kept:
        found = self._kept.by(_ONE_EACH, (scope.organization_id, provider), TenantScope(scope.organization_id))
        if found is None:
            raise NotFound(f"there is no key for {provider} here")
        return found


class MemoryProviderKeyRing(ProviderKeyRing):
    """Looks every time: nothing that it says is old."""

    def __init__(self, store: MemoryStore) -> None:
        self._store, self._kept = store, Rows(store, PROVIDER_KEYS)

    async def resolve(self, organization_id: UUID, provider: AiProvider) -> ProviderSecret | None:
        async with self._store.begin(TenantScope(organization_id)):
            found = self._kept.by(_ONE_EACH, (organization_id, provider))
            if found is None or not (found.key.is_active and found.key.is_valid):
                return None
            used = replace(found.key, total_requests=found.key.total_requests + 1, last_used_at=self._store.clock.now())
            self._kept.update(_Kept(used, found.secret))
        return found.secret

    async def refused(self, organization_id: UUID, provider: AiProvider, secret: ProviderSecret) -> None:
        async with self._store.begin(TenantScope(organization_id)):
            found = self._kept.by(_ONE_EACH, (organization_id, provider))
            if found is not None and found.secret == secret:
                key = replace(found.key)
                no = Verdict(valid=False, error="the provider refused this key when it was used")
                key.judged(no, self._store.clock.now())
                self._kept.update(_Kept(key, secret))


class MemorySealedSecrets(SealedSecrets):
    """Secrets in memory are not sealed: none is ever stale."""

    async def stale(self, *, after: str, limit: int) -> list[SealedAt]:
        return []

    async def reseal(self, at: SealedAt) -> bool:
        return False
