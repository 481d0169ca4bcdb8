"""What API keys, provider keys and sealed secrets are made of."""

import secrets
from collections.abc import AsyncIterator, Mapping

from dishka import Provider, Scope, provide, provide_all

from atende.core.audit.ports import AuditLog
from atende.core.identity.api_key import Brand
from atende.core.identity.keys.issue_api_key import IssueApiKey
from atende.core.identity.keys.manage_api_keys import RevokeApiKey, RotateApiKey, UpdateApiKey
from atende.core.identity.keys.manage_provider_keys import PutProviderKey, RemoveProviderKey, ValidateProviderKey
from atende.core.identity.keys.ports import ProviderKeyCheck, ProviderKeyRing
from atende.core.identity.keys.provider_keys import AiProvider, ProviderSecret
from atende.core.identity.keys.resolve_provider_key import ResolveProviderKey
from atende.core.identity.ports import ApiKeys, Memberships
from atende.core.kernel import Clock, Ids, Transaction
from atende.core.tenancy.ports import Cipher, Projects
from atende.core.tenancy.rotate_secrets import RotateSecrets
from atende.main.providers.derived_keys import numbered_keys
from atende.main.settings import Settings
from atende.outbound.security.cipher import AesGcmCipher


class KeyCases(Provider):
    """The use cases."""

    keys = provide_all(
        UpdateApiKey, RevokeApiKey, PutProviderKey, ValidateProviderKey, RemoveProviderKey, scope=Scope.REQUEST
    )
    rotation = provide(RotateSecrets, scope=Scope.APP)

    @provide(scope=Scope.REQUEST)
    def issue_api_key(
        self,
        keys: ApiKeys,
        memberships: Memberships,
        projects: Projects,
        audit: AuditLog,
        transaction: Transaction,
        clock: Clock,
        ids: Ids,
        brand: Brand,
    ) -> IssueApiKey:
        return IssueApiKey(
            keys=keys,
            memberships=memberships,
            projects=projects,
            audit=audit,
            transaction=transaction,
            clock=clock,
            ids=ids,
            random_bits=secrets.randbits,
            brand=brand,
        )

    @provide(scope=Scope.REQUEST)
    def rotate_api_key(
        self,
        keys: ApiKeys,
        memberships: Memberships,
        audit: AuditLog,
        transaction: Transaction,
        clock: Clock,
        brand: Brand,
    ) -> RotateApiKey:
        return RotateApiKey(
            keys=keys,
            memberships=memberships,
            audit=audit,
            transaction=transaction,
            clock=clock,
            random_bits=secrets.randbits,
            brand=brand,
        )

    @provide(scope=Scope.APP)
    def resolve_provider_key(self, ring: ProviderKeyRing, settings: Settings) -> ResolveProviderKey:
        return ResolveProviderKey(ring=ring, platform=platform_keys(settings))


class KeyParts(Provider):
    """What they need from outside."""

    @provide(scope=Scope.APP)
    def brand(self, settings: Settings) -> Brand:
        return Brand(settings.api_key_brand)

    @provide(scope=Scope.APP)
    def sealing(self, settings: Settings) -> AesGcmCipher:
        keys, newest = numbered_keys(settings)
        return AesGcmCipher(keys, sealing=newest)

    @provide(scope=Scope.APP)
    def cipher(self, sealing: AesGcmCipher) -> Cipher:
        return sealing

    @provide(scope=Scope.APP)
    async def check(self, settings: Settings) -> AsyncIterator[ProviderKeyCheck]:
        from atende.outbound.provider_key_check import HttpProviderKeyCheck

        made = HttpProviderKeyCheck(_addresses(settings))
        yield made
        await made.close()


def platform_keys(settings: Settings) -> dict[AiProvider, ProviderSecret]:
    """The installation's own keys, which organizations without one go by."""
    given = {
        AiProvider.OPENAI: settings.openai_api_key,
        AiProvider.FREEPIK: settings.freepik_api_key,
        AiProvider.REPLICATE: settings.replicate_api_token,
        AiProvider.ELEVENLABS: settings.elevenlabs_api_key,
    }
    return {provider: ProviderSecret(text) for provider, text in given.items() if text}


def _addresses(settings: Settings) -> Mapping[AiProvider, str]:
    given = {
        AiProvider.OPENAI: settings.openai_keys_base_url or settings.openai_base_url,
        AiProvider.FREEPIK: settings.freepik_base_url,
        AiProvider.REPLICATE: settings.replicate_base_url,
        AiProvider.ELEVENLABS: settings.elevenlabs_base_url,
    }
    return {provider: url for provider, url in given.items() if url}
