"""Giving back what a reply cost that the customer never got."""

from dataclasses import dataclass

from atende.core.conversation.model import Message
from atende.core.conversation.ports import Turns
from atende.core.credits.admit import Admit
from atende.core.kernel import TenantScope
from atende.core.knowledge.ports import Answers


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundReply:
    """Once per message, whatever the number of reports. Part of the caller's transaction."""

    turns: Turns
    answers: Answers
    admit: Admit

    async def __call__(self, scope: TenantScope, message: Message) -> None:
        if message.turn_id is None or message.answer_id is None:
            return
        turn = await self.turns.get(scope, message.turn_id)
        answer = await self.answers.get(scope, message.answer_id)
        if turn.hold_id is not None and answer.cost:
            await self.admit.refund(scope, turn.hold_id, amount=answer.cost, reference=f"message:{message.id}")
