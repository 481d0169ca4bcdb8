"""Single messages, and the proof of a reply, over HTTP."""

from uuid import UUID

from dishka import FromDishka
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath

from atende.core.conversation.model import Message
from atende.core.conversation.ports import Messages, Turns
from atende.core.credits.model import hold_reference
from atende.core.identity.permissions import Permission
from atende.core.kernel import NotFound, TenantScope, Transaction, in_credits
from atende.core.knowledge.model import Answer
from atende.core.knowledge.ports import Answers
from atende.inbound.http.api.controller import ApiController
from atende.inbound.http.api.conversation.wire import MessageOut, ProofOut
from atende.inbound.http.api.knowledge.questions import citations_out


class NoProof(NotFound):
    """Only replies of the agent have a proof."""


class MessagesController(ApiController):
    """Single messages."""

    path = "/messages"
    tags = ("conversations",)

    @get(
        "/{message_id:uuid}",
        permission=Permission.CONVERSATIONS_READ,
        summary="Get a message",
        description="One message with its delivery status.",
        response_description="The message.",
    )
    async def get_message(
        self,
        message_id: FromPath[UUID],
        read_scope: NamedDependency[TenantScope],
        messages: FromDishka[Messages],
        transaction: FromDishka[Transaction],
    ) -> MessageOut:
        async with transaction(read_scope):
            return MessageOut.of(await messages.get(read_scope, message_id))

    @get(
        "/{message_id:uuid}/proof",
        permission=Permission.CONVERSATIONS_READ,
        summary="Get the proof of a reply",
        description="The checked quotes that support a reply of the agent, the model that wrote it, and its cost in"
        " credits. Only replies of the agent have a proof.",
        response_description="The proof.",
    )
    async def get_message_proof(
        self,
        message_id: FromPath[UUID],
        read_scope: NamedDependency[TenantScope],
        messages: FromDishka[Messages],
        answers: FromDishka[Answers],
        turns: FromDishka[Turns],
        transaction: FromDishka[Transaction],
    ) -> ProofOut:
        async with transaction(read_scope):
            message = await messages.get(read_scope, message_id)
            if message.answer_id is None:
                raise NoProof
            answer = await answers.get(read_scope, message.answer_id)
            turn = await turns.get(answer.owner.scope, answer.turn_id) if answer.turn_id else None
        return proof_out(message, answer, hold_id=turn.hold_id if turn else None)


def proof_out(message: Message, answer: Answer, *, hold_id: UUID | None) -> ProofOut:
    return ProofOut(
        message_id=message.id,
        answer_id=answer.id,
        question=answer.question,
        answer=answer.text,
        outcome=answer.outcome,
        citations=citations_out(answer),
        model=answer.model,
        tokens_used=answer.tokens,
        cost=in_credits(answer.cost),
        hold_id=hold_id,
        ledger_reference=None if hold_id is None else hold_reference(hold_id),
        processing_time_ms=answer.processing_ms,
    )
