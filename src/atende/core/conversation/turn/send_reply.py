"""The third step of a turn: the reply goes out, once, and what became of it is recorded."""

from dataclasses import dataclass
from uuid import UUID

from atende.core.conversation.channel import Departure, Outgoing
from atende.core.conversation.model import Attendance, Conversation, Delivery, HandoffReason, Message
from atende.core.conversation.ports import (
    Channel,
    ChannelAccounts,
    Conversations,
    Messages,
    SendDelayed,
    SendDoubtful,
    SendRefused,
)
from atende.core.conversation.turn.hand_over import HandOver
from atende.core.conversation.turn.open_turn import TurnPolicy
from atende.core.conversation.turn.refund_reply import RefundReply
from atende.core.kernel import Clock, TenantScope, Transaction
from atende.core.tenancy.ports import Projects
from atende.core.work.model import RESOLVE_SEND, Claim, NewJob
from atende.core.work.ports import Jobs


async def lock_both(
    messages: Messages, conversations: Conversations, scope: TenantScope, message_id: UUID
) -> tuple[Message, Conversation]:
    """The conversation first, then the message: everybody locks them in this order."""
    found = await messages.get(scope, message_id)
    conversation = await conversations.lock(scope, found.conversation_id)
    return await messages.lock(scope, message_id), conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class SendReply:
    """One attempt. Refused: refunded, and a person is called. Certainly not sent: later again. In doubt: never without proof."""

    conversations: Conversations
    messages: Messages
    accounts: ChannelAccounts
    channel: Channel
    jobs: Jobs
    projects: Projects
    refund: RefundReply
    hand_over: HandOver
    transaction: Transaction
    clock: Clock
    policy: TurnPolicy

    async def __call__(self, claim: Claim, leaving: Departure) -> None:
        """Raises SendDelayed when the message is to be tried again, Fenced when another worker has the job by now."""
        message_id = leaving.outgoing.reference
        if not claim.alive():
            await self._delayed(claim, message_id, "the lease ran out before it was sent")
            raise SendDelayed("the lease ran out before the reply was sent")
        try:
            provider_id = await self.channel.send(leaving.account, leaving.outgoing)
        except SendRefused as error:
            await self._refused(claim, message_id, error.detail)
        except SendDelayed as error:
            await self._delayed(claim, message_id, error.detail)
            raise
        except Exception as error:  # noqa: BLE001  whatever else happened, the message may have left
            if not isinstance(error, SendDoubtful):
                error.add_note("treated as a doubtful send")
            await self._doubtful(claim, message_id, str(error) or type(error).__name__)
        else:
            await self._sent(claim, message_id, provider_id)

    async def again(self, claim: Claim, message_id: UUID) -> Departure | None:
        """A reply that certainly was not sent yet leaves now. None when a person took over or the customer opted out meanwhile.

        Raises ProjectNotActive: it leaves when the project is switched on again.
        """
        scope = claim.scope
        async with self.transaction(scope):
            message, conversation = await lock_both(self.messages, self.conversations, scope, message_id)
            await self.jobs.keep(claim)
            if conversation.attendance is Attendance.HUMAN or conversation.opted_out:
                await self._withdraw(scope, message)
                await self.jobs.finish(claim)
                return None
            (await self.projects.pinned(scope)).require_active()
            message.sending(self.clock.now())
            await self.messages.save(scope, message)
            account = await self.accounts.get(scope, conversation.channel_account_id)
            return Departure.of(message, conversation, account)

    async def _withdraw(self, scope: TenantScope, message: Message) -> None:
        message.delivery, message.error = Delivery.FAILED, "a person took over before it was sent"
        await self.messages.save(scope, message)
        await self.refund(scope, message)

    async def _sent(self, claim: Claim, message_id: UUID, provider_id: str) -> None:
        async with self.transaction(claim.scope):
            await self.jobs.finish(claim)
            message = await self.messages.lock(claim.scope, message_id)
            message.moved(Delivery.SENT, at=self.clock.now(), provider_message_id=provider_id)
            await self.messages.save(claim.scope, message)

    async def _refused(self, claim: Claim, message_id: UUID, error: str) -> None:
        scope = claim.scope
        async with self.transaction(scope):
            message, conversation = await lock_both(self.messages, self.conversations, scope, message_id)
            await self.jobs.finish(claim)
            message.not_sent(error, retry=False)
            await self.messages.save(scope, message)
            await self.hand_over.conversation(
                scope, conversation, HandoffReason.SEND_FAILED, note=error, message_id=message.id
            )
            await self.refund(scope, message)

    async def _delayed(self, claim: Claim, message_id: UUID, error: str) -> None:
        async with self.transaction(claim.scope):
            await self.jobs.keep(claim)
            message = await self.messages.lock(claim.scope, message_id)
            message.not_sent(error, retry=True)
            await self.messages.save(claim.scope, message)

    async def _doubtful(self, claim: Claim, message_id: UUID, error: str) -> None:
        async with self.transaction(claim.scope):
            await self.jobs.finish(claim)
            message = await self.messages.lock(claim.scope, message_id)
            message.doubted(error)
            await self.messages.save(claim.scope, message)
            if message.delivery is Delivery.UNKNOWN:
                resolve = NewJob(kind=RESOLVE_SEND, payload={"message_id": str(message.id)}, delay=self.policy.doubt)
                await self.jobs.put(claim.scope, resolve)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveSend:
    """A doubtful send: when the provider can be asked and has the message, it was sent; else a person decides. Never sent again."""

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
            await self.hand_over.conversation(
                scope, conversation, HandoffReason.SEND_UNKNOWN, note=note, message_id=message.id
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleFailedSend:
    """The channel reports that a reply was not delivered: the customer's organization gets its credits back, a person is called."""

    conversations: Conversations
    messages: Messages
    jobs: Jobs
    refund: RefundReply
    hand_over: HandOver
    transaction: Transaction

    async def __call__(self, claim: Claim) -> None:
        scope = claim.scope
        async with self.transaction(scope):
            message, conversation = await lock_both(self.messages, self.conversations, scope, claim.id("message_id"))
            await self.jobs.finish(claim)
            if message.delivery is not Delivery.FAILED:
                return
            await self.hand_over.conversation(
                scope, conversation, HandoffReason.SEND_FAILED, note=message.error or "", message_id=message.id
            )
            await self.refund(scope, message)
