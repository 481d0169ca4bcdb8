"""Channel accounts by the names that providers use, kept for a few seconds: every callback asks for one."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from atende.core.conversation.channel import ChannelAccount
from atende.core.conversation.ports import ChannelDirectory
from atende.core.ttl_cache import TtlCache


@dataclass(slots=True)
class ChannelAccountCache:
    """`ttl` seconds: how long a changed secret or a new number may go unnoticed."""

    directory: ChannelDirectory
    ttl: float = 5.0
    _accounts: TtlCache[tuple[str, ...], list[ChannelAccount]] = field(init=False)

    def __post_init__(self) -> None:
        self._accounts = TtlCache(self.ttl, time.monotonic)

    async def named(self, kinds: tuple[str, ...], names: Sequence[str]) -> list[ChannelAccount]:
        """Active accounts of these kinds with one of these numbers or provider accounts."""
        return await self._accounts.get((*kinds, "", *names), lambda: self.directory.named(kinds, names))
