"""Choosing the key for a call to an AI provider."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from atende.core.identity.keys.ports import ProviderKeyRing
from atende.core.identity.keys.provider_keys import AiProvider, ProviderSecret


@dataclass(frozen=True, slots=True)
class Resolved:
    """A key for a call to a provider; `own`: whether it is the organization's instead of the installation's."""

    secret: ProviderSecret
    own: bool


@dataclass(frozen=True, slots=True)
class PlatformKeys:
    """The installation's keys, for organizations without their own."""

    secrets: Mapping[AiProvider, ProviderSecret] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveProviderKey:
    """The organization's own active and valid key first, else the installation's."""

    ring: ProviderKeyRing
    platform: PlatformKeys

    async def __call__(self, organization_id: UUID, provider: AiProvider) -> Resolved | None:
        """None if neither has a key."""
        own = await self.ring.resolve(organization_id, provider)
        if own is not None:
            return Resolved(own, own=True)
        ours = self.platform.secrets.get(provider)
        return None if ours is None else Resolved(ours, own=False)

    async def refused(self, organization_id: UUID, provider: AiProvider, resolved: Resolved) -> None:
        """After the provider refused the key: an organization's own key is not used until it is validated or replaced."""
        if resolved.own:
            await self.ring.refused(organization_id, provider, resolved.secret)
