"""The end of a turn that gets no reply."""

from dataclasses import dataclass

from atende.core.conversation.model import Conversation
from atende.core.conversation.ports import Conversations, Turns
from atende.core.conversation.turn.hand_over import HandOver
from atende.core.conversation.turn.steps import CallPerson, Refusal, StaySilent
from atende.core.conversation.turns import Turn
from atende.core.credits.admit import Admit
from atende.core.kernel import Clock, TenantScope


@dataclass(frozen=True, slots=True, kw_only=True)
class EndTurn:
    """A person is called, or nobody is; what was held for the turn is released. Part of the caller's transaction, which has
    locked the conversation.
    """

    conversations: Conversations
    turns: Turns
    admit: Admit
    hand_over: HandOver
    clock: Clock

    async def __call__(
        self, scope: TenantScope, conversation: Conversation, turn: Turn, refusal: Refusal, *, note: str = ""
    ) -> None:
        now = self.clock.now()
        match refusal:
            case CallPerson(reason):
                turn.hand_over(at=now, error=note or str(reason))
            case StaySilent(silence):
                turn.stay_silent(silence, at=now, error=note or None)
        await self.turns.save(scope, turn)
        if turn.hold_id is not None:
            await self.admit.release(scope, turn.hold_id, note=str(refusal.reason))
        conversation.answered_seq = max(conversation.answered_seq, turn.to_seq)
        if isinstance(refusal, CallPerson):
            await self.hand_over(scope, conversation, refusal.reason, note=note)
        else:
            await self.conversations.save(conversation)
