"""The container: use cases, policies, and the adapters that these settings choose."""

from collections.abc import AsyncIterator

from dishka import (
    AsyncContainer,
    Provider,
    Scope,
    from_context,
    make_async_container,
    provide,
)

from atende.core.conversation.channel import ChannelCatalogue
from atende.core.conversation.ports import Channel
from atende.core.identity.keys.resolve_provider_key import ResolveProviderKey
from atende.core.kernel import Clock, Ids, Randomness
from atende.core.knowledge.ports import Answerer, Blobs, Embedding, TextExtractor
from atende.main.providers.channels import CHANNELS
from atende.main.providers.channels.vendor import Vendors
from atende.main.providers.credentials import Credentials
from atende.main.providers.mail import MailProvider
from atende.main.providers.policies import Policies
from atende.main.providers.postgres import Pool, Postgres
from atende.main.providers.rate_limits import rate_limit_providers
from atende.main.providers.secrets import Secrets
from atende.main.providers.use_cases import UseCases
from atende.main.settings import Settings
from atende.outbound.channels import ChannelByKind
from atende.outbound.extraction.extractor import SubprocessTextExtractor
from atende.outbound.files import FileBlobs
from atende.outbound.system import SystemClock, SystemRandomness, Uuid7Ids

__all__ = ["Pool", "make_container", "product"]

OPENAI = "https://api.openai.com/v1"


class ExternalSystems(Provider):
    """Clock, files, model and channels. Vendors' SDKs are imported when they are used, not before."""

    scope = Scope.APP
    settings = from_context(Settings)
    vendors = from_context(Vendors)

    @provide
    def clock(self) -> Clock:
        return SystemClock()

    @provide
    def ids(self) -> Ids:
        return Uuid7Ids()

    @provide
    def randomness(self) -> Randomness:
        return SystemRandomness()

    @provide
    def blobs(self, settings: Settings) -> Blobs:
        return FileBlobs(settings.data_dir / "files")

    @provide
    def extractor(self) -> TextExtractor:
        return SubprocessTextExtractor()

    @provide
    async def embedding(self, settings: Settings) -> AsyncIterator[Embedding]:
        if not settings.model_is_real:
            from atende.outbound.hashed import HashedEmbedding

            yield HashedEmbedding()
            return
        from atende.outbound.openai import OpenAIEmbedding

        made = OpenAIEmbedding(
            api_key=settings.openai_api_key,
            base_url=settings.openai_base_url or OPENAI,
            model=settings.openai_embedding_model,
            dimension=settings.openai_embedding_dimension,
            per_minute=settings.openai_embeddings_per_minute,
        )
        yield made
        await made.close()

    @provide
    async def answerer(self, settings: Settings, keys: ResolveProviderKey) -> AsyncIterator[Answerer]:
        if not settings.model_is_real:
            from atende.outbound.extractive import ExtractiveAnswerer

            yield ExtractiveAnswerer()
            return
        from atende.outbound.openai import OpenAIAnswerer

        made = OpenAIAnswerer(
            api_key=settings.openai_api_key,
            base_url=settings.openai_base_url or OPENAI,
            model=settings.openai_llm_model,
            keys=keys,
        )
        yield made
        await made.close()

    @provide
    def catalogue(self, vendors: Vendors) -> ChannelCatalogue:
        return ChannelCatalogue({kind: traits for vendor in vendors for kind, traits in vendor.kinds.items()})

    @provide
    async def channel(self, settings: Settings, vendors: Vendors) -> AsyncIterator[Channel]:
        senders = [(vendor.kinds, vendor.sender(settings)) for vendor in vendors]
        yield ChannelByKind({kind: sender for kinds, sender in senders for kind in kinds})
        for _, sender in senders:
            await sender.close()


def product(settings: Settings) -> tuple[Provider, ...]:
    """Everything but the database's adapters and the settings themselves."""
    return (
        UseCases(),
        Policies(),
        ExternalSystems(),
        Secrets(),
        Credentials(),
        MailProvider(),
        *rate_limit_providers(settings),
    )


def make_container(settings: Settings, *overrides: Provider, channels: Vendors = CHANNELS) -> AsyncContainer:
    """The whole product over these settings; `overrides` replace what they provide."""
    context = {Settings: settings, Vendors: channels}
    return make_async_container(*product(settings), Postgres(), *overrides, context=context)
