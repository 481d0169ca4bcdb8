"""Connecting a number to a project."""

from dataclasses import dataclass
from uuid import UUID

from atende.core.conversation.channel import ChannelAccount, ChannelKind, ChannelSecrets
from atende.core.conversation.ports import ChannelAccounts
from atende.core.kernel import Clock, Ids, Owner, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectChannel:
    """A number belongs to one project at a time, over the whole platform; its secrets are encrypted before they are stored."""

    accounts: ChannelAccounts
    transaction: Transaction
    clock: Clock
    ids: Ids

    async def __call__(
        self,
        owner: Owner,
        *,
        kind: ChannelKind,
        external_id: str,
        address: str,
        provider_account: str,
        secrets: ChannelSecrets,
        agent_id: UUID | None = None,
    ) -> ChannelAccount:
        """Raises Conflict when the number is connected already."""
        account = ChannelAccount(
            id=self.ids.new(),
            owner=owner,
            kind=kind,
            external_id=external_id,
            address=address,
            provider_account=provider_account,
            secrets=secrets,
            agent_id=agent_id,
            created_at=self.clock.now(),
        )
        async with self.transaction(owner.scope):
            await self.accounts.add(account)
        return account
