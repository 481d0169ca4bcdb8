"""What composition must know of a vendor of channels: one composition file fills one of these."""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from atende.core.conversation.channel import ChannelTraits
from atende.core.conversation.ports import Channel
from atende.fakes.accounts import ProviderAccount
from atende.fakes.channel_provider import FakeChannelProvider
from atende.inbound.http.webhooks.endpoint import Endpoint
from atende.main.settings import Settings


class ClosingChannel(Channel, Protocol):
    """A channel over connections that are closed when the process ends."""

    @abstractmethod
    async def close(self) -> None: ...


class MakeFake(Protocol):
    def __call__(self, *, seed: int, log_file: Path | None) -> FakeChannelProvider: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelVendor:
    """A vendor of channels.

    `name`: its place among the fakes, in the doctor's report, and before its settings. `kinds`: the kinds of channels that it
    carries, with what each can do. `settings`: a frozen dataclass, every field with a default. `sender`: the adapter; its SDK is
    imported here and not before. `endpoints`: the addresses that it calls. `fake`: its stand-in. `at_fake`: the settings with
    the vendor's address replaced by the fake's, unless there is one. `is_fake`: whether nothing but the fake is spoken to, and
    `address`: what the doctor says of the real one. `demo_account`: a number that nobody else has, for the first tenant, made of
    8 random digits. `summary`: what `serve` prints of a number.
    """

    name: str
    kinds: Mapping[str, ChannelTraits]
    settings: type
    sender: Callable[[Settings], ClosingChannel]
    endpoints: Callable[[Settings], Sequence[Endpoint]]
    fake: MakeFake
    at_fake: Callable[[Settings, str], Settings]
    is_fake: Callable[[Settings], bool]
    address: Callable[[Settings], str]
    demo_account: Callable[[str], ProviderAccount]
    summary: Callable[[ProviderAccount], str]


Vendors = tuple[ChannelVendor, ...]
