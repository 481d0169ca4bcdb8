"""Leaving a conversation to a person. Part of the transaction of whoever leaves it."""

from dataclasses import dataclass
from uuid import UUID

from atende.core.conversation.model import Conversation, Handoff, HandoffReason, Turn, TurnState
from atende.core.conversation.ports import Conversations, Handoffs, Turns
from atende.core.credits.admit import Admit
from atende.core.kernel import Clock, Ids, TenantScope


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """The conversation goes on the human queue with the reason; a turn that ends so gives its held credits back."""

    conversations: Conversations
    turns: Turns
    handoffs: Handoffs
    admit: Admit
    clock: Clock
    ids: Ids

    async def turn(
        self, scope: TenantScope, conversation: Conversation, turn: Turn, reason: HandoffReason, *, note: str = ""
    ) -> None:
        """`conversation` is locked by the caller. Nobody is called to what a person has, or has settled already."""
        turn.finish(TurnState.HANDED_OVER, at=self.clock.now(), error=note or str(reason))
        await self.turns.save(scope, turn)
        if turn.hold_id is not None:
            await self.admit.release(scope, turn.hold_id, note=str(reason))
        needed = conversation.agent_may_speak and not conversation.has_settled(turn)
        conversation.answered_seq = max(conversation.answered_seq, turn.to_seq)
        if needed:
            await self.conversation(scope, conversation, reason, note=note)
        else:
            await self.conversations.save(conversation)

    async def conversation(
        self,
        scope: TenantScope,
        conversation: Conversation,
        reason: HandoffReason,
        *,
        note: str = "",
        message_id: UUID | None = None,
    ) -> None:
        """`conversation` is locked by the caller."""
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
