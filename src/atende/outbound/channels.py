"""Choosing the channel adapter by the kind of an account."""

from collections.abc import Mapping

from atende.core.conversation.channel import ChannelAccount, ChannelCheck, Outgoing
from atende.core.conversation.ports import Channel


class ChannelByKind(Channel):
    def __init__(self, kinds: Mapping[str, Channel]) -> None:
        self._kinds = kinds

    async def send(self, account: ChannelAccount, message: Outgoing) -> str:
        return await self._kinds[account.kind].send(account, message)

    async def find(self, account: ChannelAccount, message: Outgoing) -> str | None:
        return await self._kinds[account.kind].find(account, message)

    async def check(self, account: ChannelAccount) -> ChannelCheck:
        return await self._kinds[account.kind].check(account)
