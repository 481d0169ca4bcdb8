"""The agents behind OpenAI's API: chat completions and models, for programs that speak it."""

import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import msgspec
from dishka import FromDishka
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import JSONBody

from atende.core.conversation.turn.policy import TurnPolicy
from atende.core.identity.permissions import Permission
from atende.core.identity.principal import Principal
from atende.core.kernel import DomainError, Ids, TenantScope, Transaction
from atende.core.knowledge.ask_documents import AskDocuments
from atende.core.knowledge.citations import body
from atende.core.knowledge.compose_answer import Ask
from atende.core.knowledge.model import Agent, Answer, Sentence
from atende.core.knowledge.ports import Agents
from atende.core.tenancy.model import Project
from atende.inbound.http.api.controller import ApiController
from atende.inbound.http.api.knowledge.answer_events import Told, told_by
from atende.inbound.http.api.knowledge.chat_wire import (
    ChatIn,
    ChatOut,
    ModelNotFound,
    ModelOut,
    ModelsOut,
    NotSupported,
    annotations,
    completion,
    error_body,
    openai_error,
    usage_of,
)
from atende.inbound.http.api.knowledge.questions import citations_out
from atende.inbound.http.errors import known_problem, problems
from atende.inbound.http.wire.events import data_event, event_stream

DEFAULT = "atende"
"""The model that is the project's default agent."""
MOST_AGENTS = 500
_DONE = b"data: [DONE]\n\n"


class ChatCompletionsController(ApiController):
    """OpenAI's API over the agents of a project."""

    path = "/"
    tags = ("openai",)
    exception_handlers = {DomainError: openai_error, HTTPException: openai_error, Exception: openai_error}  # noqa: RUF012

    @post(
        "/chat/completions",
        status_code=200,
        permission=Permission.RAG_RUN,
        summary="Create a chat completion",
        description="Answers the last message from the documents, as `POST /rag/query` does, in the schema of OpenAI: their clients"
        " work with the base URL `/v1` and an API key.\nWith `stream`, each chunk is a sentence whose quotes are"
        " checked. Errors are in their schema too.",
        response_description="The answer, with its citations as annotations.",
        responses=problems(402, 404, 422, NotSupported, ModelNotFound),
    )
    async def create_chat_completion(
        self,
        request: Request[Principal, Any, Any],
        data: JSONBody[ChatIn],
        project: NamedDependency[Project],
        agents: FromDishka[Agents],
        transaction: FromDishka[Transaction],
        ask_documents: FromDishka[AskDocuments],
        ids: FromDishka[Ids],
        policy: FromDishka[TurnPolicy],
    ) -> ChatOut:
        data.require_supported()
        ask = Ask(
            owner=project.owner,
            text=data.question,
            language=project.language,
            history=data.history,
            agent_id=await _agent_id(data.model, project.owner.scope, agents, transaction),
            temperature=data.temperature,
            max_tokens=data.limit,
            min_score=policy.min_score,  # as in conversations: no client of this API could set it
        )
        base_url, answer_id = str(request.base_url).rstrip("/"), ids.new()
        if not data.stream:
            return completion(await ask_documents(ask, answer_id=answer_id), data.model, base_url)
        told = await told_by(request, ask, answer_id=answer_id)
        usage = data.stream_options is not None and bool(data.stream_options.include_usage)
        chunks = _Chunks(str(answer_id), data.model, base_url, usage=usage)
        return event_stream(chunks.of(told))  # type: ignore[return-value]

    @get(
        "/models",
        permission=Permission.AGENTS_READ,
        summary="List models",
        description="The project's agents in the schema of OpenAI: `atende` is the default agent, the others have their ids.",
        response_description="The models.",
    )
    async def list_models(
        self,
        project: NamedDependency[Project],
        agents: FromDishka[Agents],
        transaction: FromDishka[Transaction],
    ) -> ModelsOut:
        scope = project.owner.scope
        async with transaction(scope):
            found = await agents.active(scope, limit=MOST_AGENTS)
        default = found[0].name if found else project.name
        since = int((found[0] if found else project).created_at.timestamp())
        first = ModelOut(id=DEFAULT, created=since, owned_by=project.tenant_id, name=default)
        return ModelsOut([first, *(_model(agent) for agent in found)])


def _model(agent: Agent) -> ModelOut:
    created = int(agent.created_at.timestamp())
    return ModelOut(id=str(agent.id), created=created, owned_by=agent.owner.tenant_id, name=agent.name)


async def _agent_id(name: str, scope: TenantScope, agents: Agents, transaction: Transaction) -> UUID | None:
    """None for the default agent. Raises ModelNotFound."""
    if name == DEFAULT:
        return None
    async with transaction(scope):
        active = {str(agent.id): agent.id for agent in await agents.active(scope, limit=MOST_AGENTS)}
    if name not in active:
        raise ModelNotFound(f"there is no model {name!r}: GET /v1/models lists them", param="model")
    return active[name]


class _Chunks:
    """The events of a streamed completion."""

    def __init__(self, answer_id: str, model: str, base_url: str, *, usage: bool) -> None:
        self._answer_id, self._model, self._base_url, self._usage = answer_id, model, base_url, usage
        self._created = int(time.time())

    async def of(self, told: AsyncIterator[Told]) -> AsyncIterator[bytes]:
        sentences: list[Sentence] = []
        yield self._chunk({"role": "assistant", "content": ""})
        async for one in told:
            match one:
                case Sentence():
                    before = len(body(sentences))
                    sentences.append(one)
                    yield self._chunk({"content": body(sentences)[before:]})
                case Answer():
                    yield self._chunk({"content": one.text.removeprefix(body(sentences))})
                    cited = {"annotations": annotations(one, self._base_url), "citations": citations_out(one)}
                    yield self._chunk(msgspec.to_builtins(cited), finish_reason="stop")
                    if self._usage:
                        yield data_event(self._object([]) | {"usage": usage_of(one)})
                case DomainError():
                    yield data_event({"error": error_body(known_problem(one).content)})
        yield _DONE

    def _chunk(self, delta: dict[str, Any], *, finish_reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason, "logprobs": None}
        more = {"usage": None} if self._usage else {}
        return data_event(self._object([choice]) | more)

    def _object(self, choices: list[Any]) -> dict[str, Any]:
        return {
            "id": self._answer_id,
            "object": "chat.completion.chunk",
            "created": self._created,
            "model": self._model,
            "choices": choices,
        }
