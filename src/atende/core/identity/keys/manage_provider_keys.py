"""Storing, validating and removing a customer's key at an AI provider."""

from dataclasses import dataclass
from uuid import UUID

from atende.core.audit.model import Event, snapshot
from atende.core.audit.ports import AuditLog
from atende.core.identity.keys.ports import ProviderKeyCheck, ProviderKeys
from atende.core.identity.keys.provider_keys import (
    AiProvider,
    ProviderKey,
    ProviderKeyRefused,
    ProviderSecret,
    Verdict,
)
from atende.core.identity.principal import Principal
from atende.core.kernel import Clock, Conflict, Ids, NotFound, Retryable, TenantScope, Transaction

SHOWN = ("key_hint", "is_active", "is_valid", "validation_error")


class ProviderKeyChanged(Conflict):
    """This key was replaced while it was being validated: validate it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PutProviderKey:
    """Stores the organization's own key at a provider, replacing the one before. It is encrypted and never shown again.

    The provider is asked first: a key that it refuses is not stored. If the provider does not answer or cannot be asked
    (runway, midjourney), the key is stored with `lastValidatedAt` null.
    """

    keys: ProviderKeys
    check: ProviderKeyCheck
    audit: AuditLog
    transaction: Transaction
    clock: Clock
    ids: Ids

    async def __call__(
        self, by: Principal, provider: AiProvider, secret: ProviderSecret, *, is_active: bool = True
    ) -> ProviderKey:
        """Raises Invalid, ProviderKeyRefused."""
        secret.require_length()
        verdict = await self._verdict(provider, secret)
        if verdict is not None and not verdict.valid:
            raise ProviderKeyRefused(provider=str(provider))
        scope, now = by.scope, self.clock.now()
        async with self.transaction(scope):
            key, before = await self._present(scope, provider, secret)
            key.is_active = is_active
            if verdict is not None:
                key.judged(verdict, now)
            if before is None:
                await self.keys.add(key, secret)
            else:
                await self.keys.save(key, secret)
            await self.audit.add(
                scope,
                Event(
                    action="provider_key.put",
                    resource_type="provider_key",
                    resource_id=str(key.id),
                    description=str(provider),
                    old=before,
                    new=snapshot(key, *SHOWN),
                ),
            )
        return key

    async def _verdict(self, provider: AiProvider, secret: ProviderSecret) -> Verdict | None:
        if not self.check.can_check(provider):
            return None
        try:
            return await self.check.check(provider, secret)
        except Retryable:
            return None

    async def _present(
        self, scope: TenantScope, provider: AiProvider, secret: ProviderSecret
    ) -> tuple[ProviderKey, dict[str, object] | None]:
        now = self.clock.now()
        try:
            key = await self.keys.get(scope, provider)
        except NotFound:
            made = ProviderKey(
                id=self.ids.new(),
                organization_id=scope.organization_id,
                provider=provider,
                key_hint=secret.hint,
                created_at=now,
                updated_at=now,
            )
            return made, None
        before = snapshot(key, *SHOWN)
        key.replace(secret, now)
        return key, before


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidateProviderKey:
    """Asks the provider whether the key still works and stores the result. The response lists the models that the provider
    offers for it.

    A key that the provider refuses is not used until it is replaced or validated again; the installation's key is used
    instead. If the provider does not answer, nothing is stored.
    """

    keys: ProviderKeys
    check: ProviderKeyCheck
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(self, by: Principal, provider: AiProvider) -> tuple[ProviderKey, Verdict]:
        """Raises NotFound, ProviderNotAvailable, Unavailable, ProviderKeyChanged."""
        scope = by.scope
        async with self.transaction(scope):
            asked_about = (await self.keys.get(scope, provider)).id
            secret = await self.keys.secret(scope, provider)
        verdict = await self.check.check(provider, secret)
        async with self.transaction(scope):
            key = await self._unchanged(scope, provider, secret, asked_about)
            before = snapshot(key, *SHOWN)
            key.judged(verdict, self.clock.now())
            await self.keys.save(key)
            await self.audit.add(
                scope,
                Event(
                    action="provider_key.validate",
                    resource_type="provider_key",
                    resource_id=str(key.id),
                    description=str(provider),
                    old=before,
                    new=snapshot(key, *SHOWN),
                ),
            )
        return key, verdict

    async def _unchanged(
        self, scope: TenantScope, provider: AiProvider, secret: ProviderSecret, asked_about: UUID
    ) -> ProviderKey:
        key = await self.keys.get(scope, provider)
        if key.id != asked_about or await self.keys.secret(scope, provider) != secret:
            raise ProviderKeyChanged
        return key


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveProviderKey:
    """Deletes the organization's own key at a provider. After at most five seconds, the installation's key is used instead."""

    keys: ProviderKeys
    audit: AuditLog
    transaction: Transaction

    async def __call__(self, by: Principal, provider: AiProvider) -> None:
        """Raises NotFound."""
        scope = by.scope
        async with self.transaction(scope):
            key = await self.keys.get(scope, provider)
            await self.keys.remove(scope, provider)
            await self.audit.add(
                scope,
                Event(
                    action="provider_key.remove",
                    resource_type="provider_key",
                    resource_id=str(key.id),
                    description=str(provider),
                    old=snapshot(key, *SHOWN),
                ),
            )
