"""The cipher for stored secrets, and the check of keys at AI providers."""

from collections.abc import AsyncIterator, Mapping

from dishka import Provider, Scope, provide

from atende.core.identity.keys.ports import ProviderKeyCheck
from atende.core.identity.keys.provider_keys import AiProvider
from atende.core.tenancy.ports import Cipher
from atende.main.providers.derived_keys import numbered_keys
from atende.main.settings import Settings
from atende.outbound.security.cipher import AesGcmCipher


class Secrets(Provider):
    scope = Scope.APP

    @provide
    def sealing(self, settings: Settings) -> AesGcmCipher:
        keys, newest = numbered_keys(settings)
        return AesGcmCipher(keys, sealing=newest)

    @provide
    def cipher(self, sealing: AesGcmCipher) -> Cipher:
        return sealing

    @provide
    async def check(self, settings: Settings) -> AsyncIterator[ProviderKeyCheck]:
        from atende.outbound.provider_key_check import HttpProviderKeyCheck

        made = HttpProviderKeyCheck(_addresses(settings))
        yield made
        await made.close()


def _addresses(settings: Settings) -> Mapping[AiProvider, str]:
    given = {
        AiProvider.OPENAI: settings.openai_keys_base_url or settings.openai_base_url,
        AiProvider.FREEPIK: settings.freepik_base_url,
        AiProvider.REPLICATE: settings.replicate_base_url,
        AiProvider.ELEVENLABS: settings.elevenlabs_base_url,
    }
    return {provider: url for provider, url in given.items() if url}
