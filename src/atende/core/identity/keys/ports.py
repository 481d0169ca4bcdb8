"""What the keys at AI providers need from outside."""

from typing import Protocol
from uuid import UUID

from atende.core.identity.keys.provider_keys import AiProvider, ProviderKey, ProviderSecret, Verdict
from atende.core.kernel import Page, TenantScope


class ProviderKeys(Protocol):
    """Inside a transaction of the organization. Secrets are sealed to their organization and provider."""

    async def add(self, key: ProviderKey, secret: ProviderSecret) -> None:
        """Raises Conflict when there is one for this provider."""

    async def get(self, scope: TenantScope, provider: AiProvider) -> ProviderKey:
        """Locked until the transaction ends. Raises NotFound."""

    async def secret(self, scope: TenantScope, provider: AiProvider) -> ProviderSecret:
        """Raises NotFound, and Invalid for what was sealed elsewhere, changed, or sealed by a key that is gone."""

    async def save(self, key: ProviderKey, secret: ProviderSecret | None = None) -> None:
        """With a secret it takes the place of the one before. Use is counted elsewhere and is left as it is."""

    async def page(self, scope: TenantScope, *, page: int, limit: int, after: str | None = None) -> Page[ProviderKey]:
        """By name of the provider."""

    async def remove(self, scope: TenantScope, provider: AiProvider) -> None:
        """Raises NotFound."""


class ProviderKeyRing(Protocol):
    """The keys as they are used, on connections of its own. What it says is at most five seconds old."""

    async def resolve(self, organization_id: UUID, provider: AiProvider) -> ProviderSecret | None:
        """The organization's own active and valid key, counted as used once; None when the installation's is to be used."""

    async def refused(self, organization_id: UUID, provider: AiProvider, secret: ProviderSecret) -> None:
        """The provider did not know this key when it was used: it is not used again until it is validated or replaced."""


class ProviderKeyCheck(Protocol):
    def can_check(self, provider: AiProvider) -> bool: ...

    async def check(self, provider: AiProvider, secret: ProviderSecret) -> Verdict:
        """One cheap request that costs the customer nothing. Raises Unavailable when the provider does not decide, and
        ProviderNotAvailable for one that is not known here yet.
        """
