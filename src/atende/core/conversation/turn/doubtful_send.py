"""Sends whose outcome nobody knows."""

from dataclasses import dataclass
from uuid import UUID

from atende.core.conversation.channel import Outgoing
from atende.core.conversation.model import Delivery, HandoffReason, Message
from atende.core.conversation.ports import Channel, ChannelAccounts, Conversations, Messages
from atende.core.conversation.turn.hand_over import HandOver
from atende.core.conversation.turn.locks import lock_both
from atende.core.conversation.turn.policy import TurnPolicy
from atende.core.kernel import Clock, TenantScope, Transaction
from atende.core.work.model import Claim, JobKind, NewJob
from atende.core.work.ports import Jobs

RESOLVE_SEND = JobKind("send.resolve", retries=(5, 15, 30))


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveInDoubt:
    """The message may have left: it is `unknown`, never sent again, and looked into after a while.

    Part of the caller's transaction, which has locked the message. One that is no longer being sent stays as it is.
    """

    messages: Messages
    jobs: Jobs
    policy: TurnPolicy

    async def __call__(self, scope: TenantScope, message: Message, error: str) -> None:
        if not message.doubted(error):
            return
        await self.messages.save(scope, message)
        resolve = NewJob(kind=RESOLVE_SEND, payload={"message_id": str(message.id)}, delay=self.policy.doubt)
        await self.jobs.put(scope, resolve)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveSend:
    """If the provider can be asked and has the message, it was sent; else a person decides. It is never sent again."""

    conversations: Conversations
    messages: Messages
    accounts: ChannelAccounts
    channel: Channel
    jobs: Jobs
    hand_over: HandOver
    transaction: Transaction
    clock: Clock

    async def __call__(self, claim: Claim) -> None:
        scope = claim.scope
        async with self.transaction(scope):
            message = await self.messages.get(scope, claim.id("message_id"))
            conversation = await self.conversations.get(scope, message.conversation_id)
            account = await self.accounts.get(scope, conversation.channel_account_id)
        if message.delivery is not Delivery.UNKNOWN:
            return
        assert message.sending_at is not None, "a doubtful message was being sent"
        outgoing = Outgoing(
            reference=message.id, to=conversation.contact_address, text=message.text, sending_at=message.sending_at
        )
        await self._settle(claim, message.id, await self.channel.find(account, outgoing))

    async def give_up(self, claim: Claim, error: str) -> None:
        """The provider could not be asked: a person decides."""
        await self._settle(claim, claim.id("message_id"), None, dead=error)

    async def _settle(
        self, claim: Claim, message_id: UUID, provider_id: str | None, *, dead: str | None = None
    ) -> None:
        scope = claim.scope
        async with self.transaction(scope):
            message, conversation = await lock_both(self.messages, self.conversations, scope, message_id)
            await (self.jobs.finish(claim) if dead is None else self.jobs.bury(claim, dead))
            if message.delivery is not Delivery.UNKNOWN:
                return
            if provider_id is not None:
                message.moved(Delivery.SENT, at=self.clock.now(), provider_message_id=provider_id)
                await self.messages.save(scope, message)
                return
            note = "nobody knows whether the customer got this reply: look, and answer if not"
            await self.hand_over(scope, conversation, HandoffReason.SEND_UNKNOWN, note=note, message_id=message.id)
