"""Making API keys and telling who holds one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from atende.core.identity.model import ApiKey, Principal, api_key_hash, api_key_text
from atende.core.identity.ports import ApiKeys
from atende.core.kernel import Clock, Ids, Scope, Transaction, Unauthenticated


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueApiKey:
    """A new key for an organization. The text that is returned is shown once and cannot be had again."""

    keys: ApiKeys
    transaction: Transaction
    clock: Clock
    ids: Ids
    random_bits: Callable[[int], int]

    async def __call__(self, scope: Scope, *, name: str, scopes: Sequence[str], project_id: UUID | None = None) -> str:
        text = api_key_text(scope.organization_id, self.random_bits(160))
        key = ApiKey(
            id=self.ids.new(),
            organization_id=scope.organization_id,
            project_id=project_id,
            name=name,
            prefix=text[:12],
            secret_hash=api_key_hash(text),
            scopes=list(scopes),
            created_at=self.clock.now(),
        )
        async with self.transaction(scope):
            await self.keys.add(key)
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticate:
    """Whoever shows a live key acts for its organization. A typo costs no query; a wrong key is told nothing."""

    keys: ApiKeys
    clock: Clock

    async def __call__(self, text: str) -> Principal:
        key = await self.keys.by_hash(api_key_hash(text))
        if key is None or not key.is_live(self.clock.now()):
            raise Unauthenticated("this API key is unknown, expired or revoked")
        return Principal(key.organization_id, key.id, frozenset(key.scopes), key.project_id)
