"""Jobs of conversations: turns, and sends whose outcome is open."""

from atende.core.conversation.turn.answer_customer import TURN, AnswerCustomer
from atende.core.conversation.turn.doubtful_send import RESOLVE_SEND, ResolveSend
from atende.core.conversation.turn.failed_send import FAILED_SEND, SettleFailedSend
from atende.core.conversation.turn.give_up_turn import AbandonTurn, RetryTurn
from atende.inbound.jobs.handler import Call, GiveUp, Handler


def handlers(call: Call, bury: GiveUp) -> list[Handler]:
    return [
        Handler(TURN, call(AnswerCustomer), call(AbandonTurn), call(RetryTurn), finishes=True),
        Handler(RESOLVE_SEND, call(ResolveSend), call(ResolveSend, ResolveSend.give_up)),
        Handler(FAILED_SEND, call(SettleFailedSend), bury, finishes=True),
    ]
