"""Updating, rotating and revoking API keys."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from atende.core.audit.model import snapshot
from atende.core.audit.ports import AuditLog
from atende.core.identity.api_key import BRAND, RANDOM_BITS, ApiKey, Brand, api_key_hash, api_key_hint, api_key_text
from atende.core.identity.keys.issue_api_key import SHOWN, Issued, key_event
from atende.core.identity.keys.key_terms import checked_end, checked_limits, granted, key_name, require_held
from atende.core.identity.members.change_member import require_still
from atende.core.identity.ports import ApiKeys, Memberships
from atende.core.identity.principal import Principal
from atende.core.kernel import Clock, Randomness, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyChange:
    """Changes of the fields named in `wanted`; None removes a limit or the expiry."""

    wanted: frozenset[str]
    name: str = ""
    scopes: Sequence[str] = field(default=())
    per_minute: int | None = None
    per_day: int | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateApiKey:
    """Changes name, scopes, limits or expiry of an active API key; fields that are left out stay. The change applies everywhere
    within five seconds.

    You can only add scopes that you have yourself.
    """

    keys: ApiKeys
    memberships: Memberships
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(self, by: Principal, key_id: UUID, change: KeyChange) -> ApiKey:
        """Raises NotFound, Invalid, UnknownScope, NotAllowed; InvalidState if it is revoked or has expired."""
        scope, now = by.scope, self.clock.now()
        async with self.transaction(scope):
            await require_still(self.memberships, by)
            key = await self.keys.get(scope, key_id)
            key.require_live(now)
            before = snapshot(key, *SHOWN)
            _apply(change, key, by=by, now=now)
            await self.keys.save(key)
            await self.audit.add(scope, key_event("update", key, old=before, new=snapshot(key, *SHOWN)))
        return key


@dataclass(frozen=True, slots=True, kw_only=True)
class RotateApiKey:
    """Replaces the secret of an active API key. The old secret stops working within five seconds; all else stays.

    To change over without a gap, create a second key, switch to it, and revoke the first. You need all permissions that the
    key has.
    """

    keys: ApiKeys
    memberships: Memberships
    audit: AuditLog
    transaction: Transaction
    clock: Clock
    randomness: Randomness
    brand: Brand = BRAND

    async def __call__(self, by: Principal, key_id: UUID) -> Issued:
        """Raises NotFound, NotAllowed; InvalidState if it is revoked or has expired."""
        scope = by.scope
        text = api_key_text(scope.organization_id, self.randomness.bits(RANDOM_BITS), brand=self.brand)
        async with self.transaction(scope):
            await require_still(self.memberships, by)
            key = await self.keys.get(scope, key_id)
            key.require_live(self.clock.now())
            require_held(key, by.permissions)
            before = snapshot(key, "hint")
            key.renew(api_key_hash(text, brand=self.brand), api_key_hint(text))
            key.prefix = f"{self.brand}_"
            await self.keys.save(key)
            await self.audit.add(scope, key_event("rotate", key, old=before, new=snapshot(key, "hint")))
        return Issued(key, text)


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeApiKey:
    """Revokes an API key for good, within five seconds everywhere. It remains in the list."""

    keys: ApiKeys
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(self, by: Principal, key_id: UUID) -> None:
        """Idempotent. Raises NotFound."""
        scope = by.scope
        async with self.transaction(scope):
            key = await self.keys.get(scope, key_id)
            before = snapshot(key, "revoked_at")
            key.revoke(self.clock.now())
            await self.keys.save(key)
            await self.audit.add(scope, key_event("revoke", key, old=before, new=snapshot(key, "revoked_at")))


def _apply(change: KeyChange, key: ApiKey, *, by: Principal, now: datetime) -> None:
    if "name" in change.wanted:
        key.name = key_name(change.name)
    if "scopes" in change.wanted:
        kept = set(change.scopes) & set(key.scopes)
        more = [one for one in change.scopes if one not in kept]
        key.scopes = sorted(kept.union(granted(more, by.permissions) if more or not kept else ()))
    if "per_minute" in change.wanted:
        key.rate_limit_per_minute = change.per_minute
    if "per_day" in change.wanted:
        key.rate_limit_per_day = change.per_day
    if "expires_at" in change.wanted:
        key.expires_at = checked_end(change.expires_at, now)
    checked_limits(key.rate_limit_per_minute, key.rate_limit_per_day)
