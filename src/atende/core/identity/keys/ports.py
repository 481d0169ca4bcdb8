"""Ports for customers' keys at AI providers."""

from typing import Protocol
from uuid import UUID

from atende.core.identity.keys.provider_keys import AiProvider, ProviderKey, ProviderSecret, Verdict
from atende.core.kernel import Page, TenantScope


class ProviderKeys(Protocol):
    """Inside a transaction of the organization. Secrets are encrypted and bound to organization and provider."""

    async def add(self, key: ProviderKey, secret: ProviderSecret) -> None:
        """Raises Conflict if there is a key for this provider."""

    async def get(self, scope: TenantScope, provider: AiProvider) -> ProviderKey:
        """Locked until the transaction ends. Raises NotFound."""

    async def secret(self, scope: TenantScope, provider: AiProvider) -> ProviderSecret:
        """Raises NotFound, and Invalid if the stored secret cannot be decrypted."""

    async def save(self, key: ProviderKey, secret: ProviderSecret | None = None) -> None:
        """`secret` replaces the stored one. Does not change the usage counts."""

    async def page(self, scope: TenantScope, *, page: int, limit: int, after: str | None = None) -> Page[ProviderKey]:
        """Sorted by name of the provider."""

    async def remove(self, scope: TenantScope, provider: AiProvider) -> None:
        """Raises NotFound."""


class ProviderKeyRing(Protocol):
    """Keys for calls to providers. Outside a transaction; results are cached for at most five seconds."""

    async def resolve(self, organization_id: UUID, provider: AiProvider) -> ProviderSecret | None:
        """The organization's own active and valid key, if any; counts one use of it."""

    async def refused(self, organization_id: UUID, provider: AiProvider, secret: ProviderSecret) -> None:
        """Marks a key that the provider refused as invalid: it is not used until it is validated or replaced."""


class ProviderKeyCheck(Protocol):
    def can_check(self, provider: AiProvider) -> bool: ...

    async def check(self, provider: AiProvider, secret: ProviderSecret) -> Verdict:
        """One request that costs the customer nothing. Raises Unavailable if the provider gives no clear response, and
        ProviderNotAvailable if keys of this provider cannot be checked yet.
        """
