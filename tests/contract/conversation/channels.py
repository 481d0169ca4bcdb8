"""The worlds in which the channel contract runs: a channel, its account, its phones, and what can be made to go wrong."""

from abc import ABC, abstractmethod
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from atende.core.conversation.channel import ChannelAccount, ChannelSecrets, Outgoing
from atende.core.conversation.ports import Channel
from atende.core.kernel import Owner
from atende.fakes import faults
from atende.fakes.ports.channel import FakeChannel
from atende.fakes.provider import FakeProvider
from atende.fakes.twilio import FakeTwilio
from atende.fakes.twilio_numbers import Number as TwilioNumber
from atende.fakes.whatsapp import FakeWhatsApp
from atende.fakes.whatsapp_numbers import Number as WhatsAppNumber
from atende.outbound.twilio import TwilioChannel
from atende.outbound.whatsapp import WhatsAppChannel

CUSTOMER = "+5511987654321"
OURS = "+551140028922"
SID = "AC" + "0f" * 16
TOKEN = "t" * 32
PUBLIC = "https://shop.example"


def account_of(kind: str, external_id: str, *, access: str = TOKEN) -> ChannelAccount:
    return ChannelAccount(
        id=uuid4(),
        owner=Owner(uuid4(), uuid4(), "shop"),
        kind=kind,
        external_id=external_id,
        address=OURS,
        provider_account=SID,
        created_at=datetime.now(UTC),
        secrets=ChannelSecrets(signing=TOKEN, access=access),
    )


def outgoing(text: str = "O prazo é de 7 dias.", **changes: Any) -> Outgoing:
    values: dict[str, Any] = {
        "reference": uuid4(),
        "to": CUSTOMER,
        "text": text,
        "sending_at": datetime.now(UTC),
    }
    return Outgoing(**(values | changes))


@dataclass
class ChannelSetup(ABC):
    """`reaches_out`: over a network, with credentials."""

    can_find: bool
    max_text: int
    reaches_out: bool = True
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    channel: Channel = field(init=False)
    account: ChannelAccount = field(init=False)

    @abstractmethod
    async def open(self) -> None: ...

    async def close(self) -> None:
        await self.stack.aclose()

    @abstractmethod
    def phones(self) -> list[tuple[str, str]]:
        """What phones got: digits of the address, text."""

    @abstractmethod
    def refuse_next(self) -> None: ...

    @abstractmethod
    def delay_next(self, retry_after: float) -> None: ...

    @abstractmethod
    def doubt_next(self, *, arrived: bool) -> None: ...


@dataclass
class FakeWorld(ChannelSetup):
    async def open(self) -> None:
        self.fake = FakeChannel(can_find=self.can_find, max_text=self.max_text)
        self.channel, self.account = self.fake, account_of("sms", OURS)

    def phones(self) -> list[tuple[str, str]]:
        return [(one.message.to.lstrip("+"), one.message.text) for one in self.fake.sent]

    def refuse_next(self) -> None:
        self.fake.refuse_next()

    def delay_next(self, retry_after: float) -> None:
        self.fake.delay_next(retry_after)

    def doubt_next(self, *, arrived: bool) -> None:
        self.fake.doubt_next(arrived=arrived)


@dataclass
class HttpWorld(ChannelSetup):
    fake: FakeProvider = field(init=False)

    def phones(self) -> list[tuple[str, str]]:
        return [(one.to.removeprefix("whatsapp:").lstrip("+"), one.text) for one in self.fake.sent]

    def refuse_next(self) -> None:
        self.fake.faults.set(faults.status(400, times=1))

    def delay_next(self, retry_after: float) -> None:
        self.fake.faults.set(faults.status(429, retry_after=retry_after, times=1))

    def doubt_next(self, *, arrived: bool) -> None:
        self.fake.faults.set(faults.accept_then_hang(times=1) if arrived else faults.reset(times=1))

    @abstractmethod
    def channel_at(self, url: str, *, timeout: float = 0.6) -> Channel: ...

    async def closed_with_world(self, channel: Any) -> Any:
        self.stack.push_async_callback(channel.close)
        return channel


@dataclass
class WhatsAppWorld(HttpWorld):
    async def open(self) -> None:
        self.fake = whatsapp = FakeWhatsApp(access_token=TOKEN, statuses=())
        await self.stack.enter_async_context(whatsapp)
        whatsapp.add_number(
            WhatsAppNumber(id="1055", display=OURS.lstrip("+"), business=SID, access_token=TOKEN, app_secret=TOKEN)
        )
        await whatsapp.customer_writes("Olá", sender=CUSTOMER, number="1055")
        self.channel = await self.closed_with_world(self.channel_at(whatsapp.url))
        self.account = account_of("whatsapp", "1055")

    def channel_at(self, url: str, *, timeout: float = 0.6) -> WhatsAppChannel:
        return WhatsAppChannel(base_url=url, timeout=timeout)


@dataclass
class TwilioWorld(HttpWorld):
    kind: str = "sms"

    async def open(self) -> None:
        self.fake = twilio = FakeTwilio(statuses=())
        await self.stack.enter_async_context(twilio)
        prefix = "whatsapp:" if self.kind == "twilio_whatsapp" else ""
        twilio.add_number(TwilioNumber(number=prefix + OURS, account_sid=SID, auth_token=TOKEN))
        await twilio.customer_writes("Olá", sender=CUSTOMER)
        self.channel = await self.closed_with_world(self.channel_at(twilio.url))
        self.account = account_of(self.kind, OURS)

    def channel_at(self, url: str, *, timeout: float = 0.6) -> TwilioChannel:
        return TwilioChannel(base_url=url, public_url=PUBLIC, timeout=timeout)


WORLDS: dict[str, Any] = {
    "fake": lambda: FakeWorld(can_find=True, max_text=1_600, reaches_out=False),
    "fake-unasked": lambda: FakeWorld(can_find=False, max_text=4_096, reaches_out=False),
    "whatsapp": lambda: WhatsAppWorld(can_find=False, max_text=4_096),
    "twilio-sms": lambda: TwilioWorld(can_find=True, max_text=1_600),
    "twilio-whatsapp": lambda: TwilioWorld(can_find=True, max_text=1_600, kind="twilio_whatsapp"),
}


def reference_of(world: HttpWorld) -> UUID:
    """Our message id in the last request that the provider got."""
    body = world.fake.requests[-1].data["body"]
    told = body.get("biz_opaque_callback_data") or body["StatusCallback"].partition("?message=")[2]
    return UUID(told)
