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
from atende.core.kernel import Clock, Ids, Randomness
from atende.core.knowledge.ports import TextExtractor
from atende.main.providers.channels import CHANNELS
from atende.main.providers.channels.vendor import Vendors
from atende.main.providers.credentials import Credentials
from atende.main.providers.mail import MailProvider
from atende.main.providers.models import Models
from atende.main.providers.policies import Policies
from atende.main.providers.postgres import Pool, Postgres
from atende.main.providers.rate_limits import rate_limit_providers
from atende.main.providers.search import search_provider
from atende.main.providers.secrets import Secrets
from atende.main.providers.storage import Storage
from atende.main.providers.use_cases import UseCases
from atende.main.settings import Settings
from atende.outbound.channels import ChannelByKind
from atende.outbound.extraction.extractor import SubprocessTextExtractor
from atende.outbound.system import SystemClock, SystemRandomness, Uuid7Ids

__all__ = ["Pool", "make_container", "product"]


class ExternalSystems(Provider):
    """Clock, readers of files, and channels. Vendors' SDKs are imported when they are used, not before."""

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
    def extractor(self) -> TextExtractor:
        return SubprocessTextExtractor()

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
        Models(),
        Storage(),
        Secrets(),
        Credentials(),
        MailProvider(),
        *rate_limit_providers(settings),
    )


def make_container(settings: Settings, *overrides: Provider, channels: Vendors = CHANNELS) -> AsyncContainer:
    """The whole product over these settings; `overrides` replace what they provide."""
    context = {Settings: settings, Vendors: channels}
    return make_async_container(*product(settings), Postgres(), search_provider(settings), *overrides, context=context)
