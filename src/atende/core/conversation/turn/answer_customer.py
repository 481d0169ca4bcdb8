"""One turn of a conversation, end to end."""

from dataclasses import dataclass

from atende.core.conversation.turn.open_turn import OpenTurn
from atende.core.conversation.turn.record_reply import RecordReply
from atende.core.conversation.turn.send_reply import SendReply
from atende.core.conversation.turn.steps import AnswerNow, Done, SendNow, Step
from atende.core.knowledge.compose_answer import ComposeAnswer
from atende.core.work.model import Claim, JobKind

TURN = JobKind("turn", retries=(1, 2, 4, 8), deadline=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCustomer:
    """A turn ends exactly once, with at most one reply, and a reply is sent at most once.

    Open (transaction), compose (none), record (transaction), send (none), note the outcome (transaction). A crash anywhere
    leaves a state that tells the next worker what it may do. `RecordReply` asks for a second answer at most once.
    """

    open_turn: OpenTurn
    compose: ComposeAnswer
    record: RecordReply
    send: SendReply

    async def __call__(self, claim: Claim) -> None:
        step: Step = await self.open_turn(claim)
        while True:
            match step:
                case AnswerNow(prepared):
                    calls, prices = prepared.calls, prepared.prices
                    composed = await self.compose(prepared.ask, calls, prices) if calls else None
                    step = await self.record(claim, prepared, composed)
                case SendNow(dispatch):
                    return await self.send(claim, dispatch)
                case Done():
                    return None
