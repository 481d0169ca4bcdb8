"""One turn of a conversation, end to end."""

from dataclasses import dataclass

from atende.core.conversation.turn.open_turn import OpenTurn
from atende.core.conversation.turn.prepare_answer import PreparedAnswer
from atende.core.conversation.turn.record_reply import RecordReply
from atende.core.conversation.turn.send_reply import SendReply
from atende.core.conversation.turn.steps import AnswerNow, Done, SendNow, Step
from atende.core.kernel import DomainError, Transaction
from atende.core.knowledge.compose_answer import ComposeAnswer, Composed
from atende.core.knowledge.ports import ModelCalls
from atende.core.work.model import Claim, JobKind

TURN = JobKind("turn", retries=(1, 2, 4, 8), deadline=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCustomer:
    """A turn ends exactly once, with at most one reply, and a reply is sent at most once.

    Open (transaction), compose (none), record (transaction), send (none), note the outcome (transaction). A crash anywhere
    leaves a state that tells the next worker what it may do. `RecordReply` asks for a second answer at most once.

    If the model fails, this is on record, and the job decides whether to try again; a person is called in the end. It is never
    told to the customer as something that is not known.
    """

    open_turn: OpenTurn
    compose: ComposeAnswer
    model_calls: ModelCalls
    transaction: Transaction
    record: RecordReply
    send: SendReply

    async def __call__(self, claim: Claim) -> None:
        step: Step = await self.open_turn(claim)
        while True:
            match step:
                case AnswerNow(prepared):
                    composed = await self._compose(claim, prepared)
                    step = await self.record(claim, prepared, composed)
                case SendNow(dispatch):
                    return await self.send(claim, dispatch)
                case Done():
                    return None

    async def _compose(self, claim: Claim, prepared: PreparedAnswer) -> Composed:
        try:
            return await self.compose(prepared.ask, prepared.calls, prepared.prices)
        except DomainError:
            async with self.transaction(claim.scope):
                await self.model_calls.save(prepared.calls)
            raise
