"""Channel accounts by the names that providers use, remembered for a few seconds: every callback asks for one."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from atende.core.conversation.channel import ChannelAccount
from atende.core.conversation.ports import ChannelDirectory

MOST = 10_000


@dataclass(slots=True)
class ChannelAccountCache:
    """`ttl` seconds: how long a changed secret or a new number may go unnoticed."""

    directory: ChannelDirectory
    ttl: float = 5.0
    _known: dict[tuple[str, ...], tuple[float, list[ChannelAccount]]] = field(default_factory=dict)

    async def named(self, kinds: tuple[str, ...], names: Sequence[str]) -> list[ChannelAccount]:
        """Active accounts of these kinds with one of these numbers or provider accounts."""
        key, now = (*kinds, "", *names), time.monotonic()
        known = self._known.get(key)
        if known is not None and now - known[0] < self.ttl:
            return known[1]
        found = await self.directory.named(kinds, names)
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[key] = (now, found)
        return found
