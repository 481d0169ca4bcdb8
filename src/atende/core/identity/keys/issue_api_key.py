"""Creating API keys and authenticating their callers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from atende.core.audit.model import Actor, ActorKind, Event, snapshot
from atende.core.audit.ports import AuditLog
from atende.core.identity.api_key import (
    BRAND,
    DEFAULT_SCOPES,
    RANDOM_BITS,
    ApiKey,
    Brand,
    api_key_hash,
    api_key_hint,
    api_key_text,
)
from atende.core.identity.keys.key_terms import checked_end, checked_limits, granted, key_name
from atende.core.identity.members.change_member import require_still
from atende.core.identity.permissions import FOR_KEYS, permissions_of
from atende.core.identity.ports import ApiKeys, Memberships
from atende.core.identity.principal import Principal
from atende.core.kernel import Clock, Ids, Randomness, TenantScope, Transaction, Unauthenticated
from atende.core.tenancy.ports import Projects

SHOWN = ("name", "hint", "scopes", "project_id", "rate_limit_per_minute", "rate_limit_per_day", "expires_at")
"""Fields of a key in audit records."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A key and its text, which is shown only once."""

    key: ApiKey
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueApiKey:
    """Creates an API key of the organization. The response is the only one that shows the key: it is stored as a digest.

    - Without a body, the key may read and write everything that you may.
    - Scopes are `read`, `write`, `*` or names of permissions. You cannot give permissions that you do not have, and no key
      can create API keys, invite people or delete the organization.
    - Limits of the key only lower the general ones (1,000 requests a minute). A key with a project works in that project
      only.
    """

    keys: ApiKeys
    memberships: Memberships
    projects: Projects
    audit: AuditLog
    transaction: Transaction
    clock: Clock
    ids: Ids
    randomness: Randomness
    brand: Brand = BRAND

    async def __call__(
        self,
        scope: TenantScope,
        *,
        name: str = "API key",
        scopes: Sequence[str] = DEFAULT_SCOPES,
        project_id: UUID | None = None,
        expires_at: datetime | None = None,
        per_minute: int | None = None,
        per_day: int | None = None,
        by: Principal | None = None,
        made_for: UUID | None = None,
    ) -> Issued:
        """`by` creates the key; without it, the installation does, and `made_for` is the user who owns the key.

        Raises Invalid, UnknownScope, NotAllowed, NotFound.
        """
        checked_limits(per_minute, per_day)
        now = self.clock.now()
        text = api_key_text(scope.organization_id, self.randomness.bits(RANDOM_BITS), brand=self.brand)
        key = ApiKey(
            id=self.ids.new(),
            organization_id=scope.organization_id,
            project_id=project_id,
            created_by=by.user_id if by else made_for,
            name=key_name(name),
            prefix=f"{self.brand}_",
            hint=api_key_hint(text),
            secret_hash=api_key_hash(text, brand=self.brand),
            scopes=granted(scopes, by.permissions if by else FOR_KEYS),
            rate_limit_per_minute=per_minute,
            rate_limit_per_day=per_day,
            created_at=now,
            expires_at=checked_end(expires_at, now),
        )
        await self._store(scope, key, by)
        return Issued(key, text)

    async def _store(self, scope: TenantScope, key: ApiKey, by: Principal | None) -> None:
        async with self.transaction(scope):
            if by is not None:
                await require_still(self.memberships, by)
            if key.project_id is not None:
                await self.projects.get(scope, key.project_id)
            await self.keys.add(key)
            await self.audit.add(scope, key_event("create", key, new=snapshot(key, *SHOWN)))


def key_event(verb: str, key: ApiKey, *, new: dict[str, Any], old: dict[str, Any] | None = None) -> Event:
    """The audit event of a key, without its secret."""
    return Event(action=f"api_key.{verb}", resource_type="api_key", resource_id=str(key.id), old=old, new=new)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticate:
    """Finds the organization and permissions of an API key. A malformed key is refused without a query."""

    keys: ApiKeys
    clock: Clock
    brand: Brand = BRAND

    async def __call__(self, text: str) -> Principal:
        key = await self.keys.by_hash(api_key_hash(text, brand=self.brand))
        if key is None or not key.is_live(self.clock.now()):
            raise Unauthenticated("this API key is unknown, expired or revoked")
        return Principal(
            actor=Actor(ActorKind.KEY, key.id),
            organization_id=key.organization_id,
            permissions=permissions_of(frozenset(key.scopes)),
            project_id=key.project_id,
            bound=key.project_id is not None,
            key_made_by=key.created_by,
            per_minute=key.rate_limit_per_minute,
            per_day=key.rate_limit_per_day,
        )
