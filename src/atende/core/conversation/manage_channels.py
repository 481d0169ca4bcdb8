"""Connecting a number that its provider vouches for, and changing, checking and disconnecting it."""

from dataclasses import dataclass, replace
from uuid import UUID

from atende.core.audit.model import Event, snapshot
from atende.core.audit.ports import AuditLog
from atende.core.conversation.channel import (
    ChannelAccount,
    ChannelCatalogue,
    ChannelCheck,
    ChannelSecrets,
    Connection,
)
from atende.core.conversation.connect_channel import ConnectChannel
from atende.core.conversation.ports import Channel, ChannelAccounts
from atende.core.kernel import Clock, Ids, Invalid, Owner, TenantScope, Transaction
from atende.core.knowledge.ports import Agents

SHOWN = ("kind", "external_id", "address", "agent_id", "is_active", "connection", "connection_error")


class NumberRefused(Invalid):
    """The provider does not confirm that these secrets belong to this number."""

    def __init__(self, check: ChannelCheck) -> None:
        super().__init__(f"the provider says: {check.error}", connection=str(check.connection))


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNumber:
    """A number as it stands at the provider."""

    kind: str
    external_id: str
    provider_account: str
    secrets: ChannelSecrets
    agent_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectNumber:
    """Connects a number to the project. The provider is asked first: only whoever holds its secrets can connect a number, and it
    can be connected once. The secrets are encrypted and never shown again.
    """

    connect: ConnectChannel
    channel: Channel
    channels: ChannelCatalogue
    clock: Clock
    ids: Ids

    async def __call__(self, owner: Owner, new: NewNumber) -> ChannelAccount:
        """Raises UnknownChannel, NumberRefused, Unavailable, NotFound (the agent), ProjectNotActive, Conflict."""
        self.channels.traits(new.kind)
        asked = ChannelAccount(
            id=self.ids.new(),
            owner=owner,
            kind=new.kind,
            external_id=new.external_id,
            address=new.external_id,
            provider_account=new.provider_account,
            secrets=new.secrets,
            created_at=self.clock.now(),
        )
        check = await self.channel.check(asked)
        if check.connection is not Connection.CONNECTED:
            raise NumberRefused(check)
        return await self.connect(
            owner,
            kind=new.kind,
            external_id=new.external_id,
            address=check.address or new.external_id,
            provider_account=new.provider_account,
            secrets=new.secrets,
            agent_id=new.agent_id,
            check=check,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeChannel:
    """Pauses or resumes a number, gives it another agent, or replaces its secrets, which the provider must confirm. A paused number
    sends nothing, and what customers write to it meanwhile is kept for the operator.
    """

    accounts: ChannelAccounts
    channel: Channel
    agents: Agents
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(
        self,
        scope: TenantScope,
        account_id: UUID,
        *,
        active: bool | None = None,
        agent_id: UUID | None = None,
        default_agent: bool = False,
        signing: str | None = None,
        access: str | None = None,
    ) -> ChannelAccount:
        """What is None stays; with `default_agent`, the default agent answers. Raises NotFound, NumberRefused, Unavailable."""
        check = secrets = None
        if signing or access:
            async with self.transaction(scope):
                known = await connected(self.accounts, scope, account_id)
            secrets = ChannelSecrets(signing or known.secrets.signing, access or known.secrets.access)
            check = await self.channel.check(replace(known, secrets=secrets))
            if check.connection is not Connection.CONNECTED:
                raise NumberRefused(check)
        async with self.transaction(scope):
            account = await connected(self.accounts, scope, account_id, lock=True)
            before, now = snapshot(account, *SHOWN), self.clock.now()
            if agent_id is not None:
                await self.agents.pick(scope, agent_id)
            if default_agent or agent_id is not None:
                account.agent_id = agent_id
            account.is_active = account.is_active if active is None else active
            if check is not None and secrets is not None:
                account.secrets = secrets
                account.checked(check, now)
                await self.accounts.put_secrets(account)
            account.updated_at = now
            await self.accounts.save(account)
            await self.audit.add(scope, _event("channel.update", account, before))
        return account


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckChannel:
    """Asks the provider whether the number is still connected, and stores the answer, an error in the provider's own words. If the
    provider does not answer, nothing is stored.
    """

    accounts: ChannelAccounts
    channel: Channel
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(self, scope: TenantScope, account_id: UUID) -> ChannelAccount:
        """Raises NotFound, Unavailable."""
        async with self.transaction(scope):
            known = await connected(self.accounts, scope, account_id)
        check = await self.channel.check(known)
        async with self.transaction(scope):
            account = await connected(self.accounts, scope, account_id, lock=True)
            before = snapshot(account, *SHOWN)
            if (
                account.secrets == known.secrets
            ):  # else somebody replaced them meanwhile, and this says nothing about those
                account.checked(check, self.clock.now())
                await self.accounts.save(account)
            await self.audit.add(scope, _event("channel.check", account, before))
        return account


@dataclass(frozen=True, slots=True, kw_only=True)
class DisconnectChannel:
    """Disconnects a number for good: its secrets are erased, and it can be connected elsewhere. Its conversations stay readable."""

    accounts: ChannelAccounts
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(self, scope: TenantScope, account_id: UUID) -> None:
        """Raises NotFound."""
        async with self.transaction(scope):
            account = await connected(self.accounts, scope, account_id, lock=True)
            before = snapshot(account, *SHOWN)
            account.disconnect(self.clock.now())
            await self.accounts.put_secrets(account)
            await self.accounts.save(account)
            await self.audit.add(scope, _event("channel.delete", account, before))


async def connected(
    accounts: ChannelAccounts, scope: TenantScope, account_id: UUID, *, lock: bool = False
) -> ChannelAccount:
    """Raises NotFound, also for one that was disconnected."""
    account = await accounts.get(scope, account_id, lock=lock)
    account.require_connected()
    return account


def _event(action: str, account: ChannelAccount, before: dict[str, object]) -> Event:
    new = snapshot(account, *SHOWN)
    return Event(action=action, resource_type="channel", resource_id=str(account.id), old=before, new=new)
