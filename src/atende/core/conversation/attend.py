"""The one way for a person to take a conversation, and the one way to give it back."""

from dataclasses import dataclass
from uuid import UUID

from atende.core.conversation.model import Conversation, Delivery, ReplyInFlight
from atende.core.conversation.ports import Conversations, Handoffs, Messages, Turns
from atende.core.kernel import Scope, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOver:
    """A person attends from now on: once this is answered, the agent sends nothing more.

    While a reply is on its way to the customer this is refused for the moment (REPLY_IN_FLIGHT): it cannot be called back.
    """

    conversations: Conversations
    messages: Messages
    turns: Turns
    handoffs: Handoffs
    transaction: Transaction

    async def __call__(self, scope: Scope, conversation_id: UUID, *, by: str) -> Conversation:
        async with self.transaction(scope):
            conversation = await self.conversations.lock(scope, conversation_id)
            turn = await self.turns.latest_in(scope, conversation_id)
            reply = await self.messages.reply_to(scope, turn.id) if turn else None
            if reply is not None and reply.delivery is Delivery.SENDING:
                raise ReplyInFlight(retry_after=1)
            conversation.take_over()
            await self.conversations.save(conversation)
            await self.handoffs.settle(scope, conversation_id, by=by)
            return conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveBack:
    """The agent attends again and answers what the customer writes from now on."""

    conversations: Conversations
    handoffs: Handoffs
    transaction: Transaction

    async def __call__(self, scope: Scope, conversation_id: UUID, *, by: str) -> Conversation:
        async with self.transaction(scope):
            conversation = await self.conversations.lock(scope, conversation_id)
            conversation.give_back()
            await self.conversations.save(conversation)
            await self.handoffs.settle(scope, conversation_id, by=by)
            return conversation
