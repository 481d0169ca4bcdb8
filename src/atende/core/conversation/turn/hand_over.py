"""Calling a person to a conversation."""

from dataclasses import dataclass
from uuid import UUID

from atende.core.conversation.model import Conversation, Handoff, HandoffReason
from atende.core.conversation.ports import Conversations, Handoffs
from atende.core.kernel import Clock, Ids, TenantScope


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """The conversation goes on the human queue with the reason. Part of the caller's transaction, which has locked it."""

    conversations: Conversations
    handoffs: Handoffs
    clock: Clock
    ids: Ids

    async def __call__(
        self,
        scope: TenantScope,
        conversation: Conversation,
        reason: HandoffReason,
        *,
        note: str = "",
        message_id: UUID | None = None,
    ) -> None:
        conversation.call_human()
        await self.conversations.save(conversation)
        handoff = Handoff(
            id=self.ids.new(),
            conversation_id=conversation.id,
            reason=reason,
            created_at=self.clock.now(),
            message_id=message_id,
            note=note[:500],
        )
        await self.handoffs.add(scope, handoff)
