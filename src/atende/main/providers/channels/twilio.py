"""SMS and WhatsApp through Twilio."""

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from atende.core.conversation.channel import ChannelTraits
from atende.fakes.accounts import ProviderAccount
from atende.fakes.channel_provider import FakeChannelProvider
from atende.inbound.http.webhooks.endpoint import Endpoint
from atende.main.providers.channels.vendor import ChannelVendor, ClosingChannel
from atende.main.settings import Settings, check_url

API = "https://api.twilio.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class TwilioSettings:
    """Read as `TWILIO_...`."""

    base_url: str = ""

    def __post_init__(self) -> None:
        check_url("TWILIO_BASE_URL", self.base_url, "http://", "https://")


def _own(settings: Settings) -> TwilioSettings:
    return settings.channel(TwilioSettings)


def _sender(settings: Settings) -> ClosingChannel:
    from atende.outbound.twilio import TwilioChannel

    return TwilioChannel(public_url=settings.public_url, base_url=_own(settings).base_url or API)


def _endpoints(settings: Settings) -> list[Endpoint]:
    from atende.inbound.http.webhooks.twilio.webhook import twilio_endpoints

    return twilio_endpoints(settings.public_url)


def _fake(*, seed: int, log_file: Path | None) -> FakeChannelProvider:
    from atende.fakes.twilio import FakeTwilio

    return FakeTwilio(seed=seed, log_file=log_file)


def _at_fake(settings: Settings, url: str) -> Settings:
    own = _own(settings)
    return settings.with_channel(replace(own, base_url=own.base_url or url))


def _demo_account(digits: str) -> ProviderAccount:
    token = secrets.token_hex(16)
    return ProviderAccount(
        kind="sms",
        external_id=f"+55219{digits}",
        address=f"+55219{digits}",
        provider_account=f"AC{secrets.token_hex(16)}",
        signing=token,
        access=token,
    )


TWILIO = ChannelVendor(
    name="twilio",
    kinds={
        "sms": ChannelTraits(longest=1_600),
        "twilio_whatsapp": ChannelTraits(longest=1_600, free_text_window=timedelta(hours=24)),
    },
    settings=TwilioSettings,
    sender=_sender,
    endpoints=_endpoints,
    fake=_fake,
    at_fake=_at_fake,
    is_fake=lambda settings: settings.embedded and not _own(settings).base_url,
    address=lambda settings: _own(settings).base_url or "Twilio",
    demo_account=_demo_account,
    summary=lambda one: f"SMS             {one.address}, account {one.provider_account}, auth token {one.signing}",
)
