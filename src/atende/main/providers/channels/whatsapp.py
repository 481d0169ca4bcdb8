"""WhatsApp Cloud API, from Meta."""

import secrets
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from atende.core.conversation.channel import ChannelTraits
from atende.fakes.accounts import ProviderAccount
from atende.fakes.channel_provider import FakeChannelProvider
from atende.inbound.http.webhooks.endpoint import Endpoint
from atende.main.providers.channels.vendor import ChannelVendor, ClosingChannel
from atende.main.providers.derived_keys import derived_keys
from atende.main.settings import Settings, check_number, check_url

GRAPH = "https://graph.facebook.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatsAppSettings:
    """Read as `WHATSAPP_...`. `webhook_secret`: the secret of the installation's own app; accounts have their own."""

    base_url: str = ""
    api_version: str = "v18.0"
    messages_per_second: int = 1_000
    webhook_secret: str = field(default="", metadata={"secret": True})
    verify_token: str = field(default="", metadata={"secret": True})

    def __post_init__(self) -> None:
        check_url("WHATSAPP_BASE_URL", self.base_url, "http://", "https://")
        check_number("WHATSAPP_MESSAGES_PER_SECOND", self.messages_per_second)


def _own(settings: Settings) -> WhatsAppSettings:
    return settings.channel(WhatsAppSettings)


def _sender(settings: Settings) -> ClosingChannel:
    from atende.outbound.whatsapp import WhatsAppChannel

    own = _own(settings)
    return WhatsAppChannel(base_url=own.base_url or GRAPH, version=own.api_version, per_second=own.messages_per_second)


def _endpoints(settings: Settings) -> list[Endpoint]:
    from atende.inbound.http.webhooks.whatsapp.webhook import whatsapp_endpoint

    own = _own(settings)
    keys = derived_keys(settings, "whatsapp verify token")
    return [whatsapp_endpoint(app_secret=own.webhook_secret, verify_token=own.verify_token, token_keys=keys)]


def _fake(*, seed: int, log_file: Path | None) -> FakeChannelProvider:
    from atende.fakes.whatsapp import FakeWhatsApp

    return FakeWhatsApp(seed=seed, log_file=log_file)


def _at_fake(settings: Settings, url: str) -> Settings:
    own = _own(settings)
    return settings.with_channel(replace(own, base_url=own.base_url or url))


def _address(settings: Settings) -> str:
    own = _own(settings)
    return f"{own.base_url or 'the Graph API'} {own.api_version}"


def _demo_account(digits: str) -> ProviderAccount:
    return ProviderAccount(
        kind="whatsapp",
        external_id=f"1{digits}00001",
        address=f"+55119{digits}",
        provider_account=f"2{digits}00002",
        signing=secrets.token_hex(16),
        access=secrets.token_urlsafe(24),
    )


WHATSAPP = ChannelVendor(
    name="whatsapp",
    kinds={"whatsapp": ChannelTraits(longest=4_096, free_text_window=timedelta(hours=24))},
    settings=WhatsAppSettings,
    sender=_sender,
    endpoints=_endpoints,
    fake=_fake,
    at_fake=_at_fake,
    is_fake=lambda settings: settings.embedded and not _own(settings).base_url,
    address=_address,
    demo_account=_demo_account,
    summary=lambda one: f"WhatsApp        number id {one.external_id}, app secret {one.signing}",
)
