"""Connecting a number to a project."""

from dataclasses import dataclass
from uuid import UUID

from atende.core.audit.model import Event, snapshot
from atende.core.audit.ports import AuditLog
from atende.core.conversation.channel import ChannelAccount, ChannelCatalogue, ChannelCheck, ChannelSecrets
from atende.core.conversation.ports import ChannelAccounts
from atende.core.kernel import Clock, Ids, Owner, Transaction
from atende.core.knowledge.ports import Agents
from atende.core.tenancy.ports import Projects


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectChannel:
    """A number belongs to one project at a time, over the whole platform; its secrets are encrypted before they are stored."""

    accounts: ChannelAccounts
    channels: ChannelCatalogue
    agents: Agents
    projects: Projects
    audit: AuditLog
    transaction: Transaction
    clock: Clock
    ids: Ids

    async def __call__(
        self,
        owner: Owner,
        *,
        kind: str,
        external_id: str,
        address: str,
        provider_account: str,
        secrets: ChannelSecrets,
        agent_id: UUID | None = None,
        check: ChannelCheck | None = None,
    ) -> ChannelAccount:
        """`check`: what the provider said of it. Raises UnknownChannel, NotFound (the agent), ProjectNotActive, and Conflict when
        the number is connected already.
        """
        self.channels.traits(kind)
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
        if check is not None:
            account.checked(check, account.created_at)
        async with self.transaction(owner.scope):
            (await self.projects.pinned(owner.scope)).require_active()
            if agent_id is not None:
                await self.agents.pick(owner.scope, agent_id)
            await self.accounts.add(account)
            await self.audit.add(owner.scope, _event(account))
        return account


def _event(account: ChannelAccount) -> Event:
    new = snapshot(account, "kind", "external_id", "address", "provider_account", "agent_id")
    return Event(action="channel.create", resource_type="channel", resource_id=str(account.id), new=new)
