"""A reply that its channel reports as not delivered."""

from dataclasses import dataclass

from atende.core.conversation.model import Delivery, HandoffReason
from atende.core.conversation.ports import Conversations, Messages
from atende.core.conversation.turn.hand_over import HandOver
from atende.core.conversation.turn.locks import lock_both
from atende.core.conversation.turn.refund_reply import RefundReply
from atende.core.kernel import Transaction
from atende.core.work.model import Claim, JobKind
from atende.core.work.ports import Jobs

FAILED_SEND = JobKind("send.failed", retries=(1, 5, 30))


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleFailedSend:
    """What the reply cost is refunded, and a person is called."""

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
            await self.hand_over(
                scope, conversation, HandoffReason.SEND_FAILED, note=message.error or "", message_id=message.id
            )
            await self.refund(scope, message)
