"""The last step of a turn: the reply is sent, once, and what became of it is recorded."""

from dataclasses import dataclass
from uuid import UUID

from atende.core.conversation.channel import Dispatch
from atende.core.conversation.model import HandoffReason
from atende.core.conversation.ports import (
    Channel,
    Conversations,
    Messages,
    SendDelayed,
    SendDoubtful,
    SendRefused,
    TurnRecords,
)
from atende.core.conversation.turn.doubtful_send import LeaveInDoubt
from atende.core.conversation.turn.hand_over import HandOver
from atende.core.conversation.turn.locks import lock_both
from atende.core.conversation.turn.refund_reply import RefundReply
from atende.core.kernel import Clock, Transaction
from atende.core.work.model import Claim
from atende.core.work.ports import Jobs


@dataclass(frozen=True, slots=True, kw_only=True)
class SendReply:
    """One attempt. Refused: refunded, and a person is called. Certainly not sent: tried again later. In doubt: never sent again."""

    records: TurnRecords
    conversations: Conversations
    messages: Messages
    channel: Channel
    jobs: Jobs
    refund: RefundReply
    hand_over: HandOver
    in_doubt: LeaveInDoubt
    transaction: Transaction
    clock: Clock

    async def __call__(self, claim: Claim, dispatch: Dispatch) -> None:
        """Raises SendDelayed when the message is to be tried again, Fenced when another worker has the job by now."""
        message_id = dispatch.outgoing.reference
        if not claim.alive():
            await self._delayed(claim, message_id, "the lease ran out before it was sent")
            raise SendDelayed("the lease ran out before the reply was sent")
        try:
            provider_id = await self.channel.send(dispatch.account, dispatch.outgoing)
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
            await self.records.sent(claim, message_id, provider_message_id=provider_id, at=self.clock.now())

    async def _refused(self, claim: Claim, message_id: UUID, error: str) -> None:
        scope = claim.scope
        async with self.transaction(scope):
            message, conversation = await lock_both(self.messages, self.conversations, scope, message_id)
            await self.jobs.finish(claim)
            message.not_sent(error, retry=False)
            await self.messages.save(scope, message)
            await self.hand_over(scope, conversation, HandoffReason.SEND_FAILED, note=error, message_id=message.id)
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
            await self.in_doubt(claim.scope, await self.messages.lock(claim.scope, message_id), error)
