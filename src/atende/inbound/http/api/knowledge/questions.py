"""Questions to the documents over HTTP."""

from collections.abc import AsyncIterator
from decimal import Decimal
from inspect import getdoc
from typing import Annotated, Any
from uuid import UUID

from dishka import FromDishka
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from atende.core.conversation.model import Direction
from atende.core.conversation.ports import Conversations, Messages
from atende.core.identity.permissions import Permission
from atende.core.identity.principal import Principal
from atende.core.kernel import DomainError, TenantScope, Transaction, in_credits
from atende.core.knowledge.ask_documents import AskDocuments
from atende.core.knowledge.compose_answer import Ask
from atende.core.knowledge.model import Answer, Outcome, Passage, Said, Sentence
from atende.core.knowledge.ports import Answers
from atende.core.knowledge.search_documents import SearchDocuments
from atende.core.tenancy.model import Project
from atende.inbound.http.api.controller import ApiController
from atende.inbound.http.api.knowledge.answer_events import Told, told_by
from atende.inbound.http.errors import known_problem, problems
from atende.inbound.http.wire.events import EVENTS, event, event_stream
from atende.inbound.http.wire.structs import In, Out

EXCERPT = 200
HISTORY = 10
"""Messages of the conversation that are given to the question as context."""


class QueryIn(In):
    example_fields = ("query", "top_k")
    query: Annotated[str, Meta(description="The question, up to 4,000 characters.")]
    agent_id: UUID | None = None
    conversation_id: (
        Annotated[UUID, Meta(description="The question is understood as the next message of this conversation.")] | None
    ) = None
    temperature: Annotated[float, Meta(ge=0, le=2, description="Default: the agent's, or 0.7.")] | None = None
    max_tokens: (
        Annotated[int, Meta(ge=1, le=4000, description="Longest answer. Default: the agent's, or 1,000.")] | None
    ) = None
    top_k: Annotated[int, Meta(ge=1, le=20, description="Maximum number of passages to consider.")] = 5
    min_score: Annotated[float, Meta(ge=0, le=1, description="Passages with a lower similarity are left out.")] = 0.7
    include_sources: bool = True
    model: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    stream: Annotated[
        bool, Meta(description="Answer with server-sent events, as does `Accept: text/event-stream`.")
    ] = False


class SourceOut(Out):
    document_id: UUID
    document_name: str
    chunk_id: UUID
    chunk_index: int
    page_number: int | None
    score: Annotated[float, Meta(description="Similarity, 0 to 1.")]
    excerpt: str


class CitationOut(Out):
    """A quote that supports a sentence: exactly the characters `start` to `end` of the chunk."""

    document_id: UUID
    document_name: str
    chunk_id: UUID
    page: int | None
    start: int
    end: int
    quote: str


class AnswerOut(Out):
    query_id: UUID
    answer: str
    outcome: Outcome
    sources: list[SourceOut]
    citations: list[CitationOut]
    model: str
    tokens_used: int
    cost: Annotated[Decimal, Meta(description="Credits.")]
    processing_time_ms: int
    degraded: Annotated[
        bool, Meta(description="The passages were found by words alone, because the search by meaning was away.")
    ]


class SearchIn(In):
    example_fields = ("query", "top_k")
    query: Annotated[str, Meta(description="A question or words, up to 4,000 characters.")]
    agent_id: UUID | None = None
    top_k: Annotated[int, Meta(ge=1, le=20, description="Maximum number of passages.")] = 5
    min_score: Annotated[float, Meta(ge=0, le=1, description="Passages with a lower similarity are left out.")] = 0.0


class PassageOut(Out):
    """A passage as it is stored. `chunkId` and the characters of `content` are what citations refer to."""

    document_id: UUID
    document_name: str
    version: int
    chunk_id: UUID
    chunk_index: int
    page_number: int | None
    score: Annotated[float, Meta(description="Similarity, 0 to 1.")]
    content: str


class PassagesOut(Out):
    passages: list[PassageOut]
    cost: Annotated[Decimal, Meta(description="Credits.")]
    degraded: Annotated[
        bool, Meta(description="The passages were found by words alone, because the search by meaning was away.")
    ]


class SourcesOut(Out):
    query_id: UUID
    sources: list[SourceOut]
    citations: list[CitationOut]


class SentenceOut(Out):
    """A sentence of the answer. `citations`: the quotes that support it, which were checked."""

    text: str
    citations: list[CitationOut]


_STREAMED = (
    "With `stream`, or with `Accept: text/event-stream`, the answer comes as events: `sentence` for each sentence, once its"
    " quotes are checked;\n`answer`, the whole answer as without a stream; or `error`, with problem details. What was told is"
    " never taken back. An answer\ngoes on, and is charged once, if the client hangs up."
)


class QuestionsController(ApiController):
    """Questions to the documents."""

    path = "/rag"
    tags = ("rag",)

    @post(
        "/query",
        status_code=200,
        permission=Permission.RAG_RUN,
        summary="Ask the documents a question",
        description=f"{getdoc(AskDocuments)}\n\n{_STREAMED}",
        response_description="The answer, its sources and its cost.",
        responses=problems(402, 422),
    )
    async def ask_documents(
        self,
        request: Request[Principal, Any, Any],
        data: JSONBody[QueryIn],
        project: NamedDependency[Project],
        ask_documents: FromDishka[AskDocuments],
        conversations: FromDishka[Conversations],
        messages: FromDishka[Messages],
        transaction: FromDishka[Transaction],
    ) -> AnswerOut:
        history: tuple[Said, ...] = ()
        if data.conversation_id is not None:
            async with transaction(project.owner.scope):
                await conversations.get(project.owner.scope, data.conversation_id)
                lines = await messages.of(project.owner.scope, data.conversation_id, last=HISTORY)
            history = tuple(Said(line.direction is Direction.INBOUND, line.text) for line in lines)
        ask = _ask(data, project, history)
        if data.stream or EVENTS in request.headers.get("Accept", ""):
            told = await told_by(request, ask)
            return event_stream(_events(told, include_sources=data.include_sources))  # type: ignore[return-value]
        return answer_out(await ask_documents(ask), include_sources=data.include_sources)

    @post(
        "/search",
        status_code=200,
        permission=Permission.RAG_RUN,
        summary="Search the documents",
        description=getdoc(SearchDocuments),
        response_description="The passages, best first.",
        responses=problems(402, 422),
    )
    async def search_documents(
        self,
        data: JSONBody[SearchIn],
        project: NamedDependency[Project],
        search: FromDishka[SearchDocuments],
    ) -> PassagesOut:
        ask = Ask(
            owner=project.owner,
            text=data.query,
            language=project.language,
            agent_id=data.agent_id,
            top_k=data.top_k,
            min_score=data.min_score,
        )
        found = await search(ask)
        passages = [PassageOut.of(one, chunk_index=one.index, page_number=one.page) for one in found.passages]
        return PassagesOut(passages=passages, cost=in_credits(found.cost), degraded=found.degraded)

    @get(
        "/sources/{query_id:uuid}",
        permission=Permission.RAG_READ,
        summary="Get the sources of an answer",
        description="The passages and checked quotes of an earlier answer.",
        response_description="The sources.",
    )
    async def get_answer_sources(
        self,
        query_id: FromPath[UUID],
        read_scope: NamedDependency[TenantScope],
        answers: FromDishka[Answers],
        transaction: FromDishka[Transaction],
    ) -> SourcesOut:
        async with transaction(read_scope):
            answer = await answers.get(read_scope, query_id)
        return SourcesOut(query_id=answer.id, sources=_sources(answer), citations=citations_out(answer))


def answer_out(answer: Answer, *, include_sources: bool = True) -> AnswerOut:
    return AnswerOut(
        query_id=answer.id,
        answer=answer.text,
        outcome=answer.outcome,
        sources=_sources(answer) if include_sources else [],
        citations=citations_out(answer),
        model=answer.model,
        tokens_used=answer.tokens,
        cost=in_credits(answer.cost),
        processing_time_ms=answer.processing_ms,
        degraded=answer.degraded,
    )


async def _events(told: AsyncIterator[Told], *, include_sources: bool) -> AsyncIterator[bytes]:
    async for one in told:
        match one:
            case Sentence():
                citations = [CitationOut.of(citation) for citation in one.citations]
                yield event("sentence", SentenceOut(text=one.text, citations=citations))
            case Answer():
                yield event("answer", answer_out(one, include_sources=include_sources))
            case DomainError():
                yield event("error", known_problem(one).content)


def citations_out(answer: Answer) -> list[CitationOut]:
    return [CitationOut.of(citation) for sentence in answer.sentences for citation in sentence.citations]


def _ask(data: QueryIn, project: Project, history: tuple[Said, ...]) -> Ask:
    return Ask(
        owner=project.owner,
        text=data.query,
        language=project.language,
        history=history,
        agent_id=data.agent_id,
        model=data.model,
        temperature=data.temperature,
        max_tokens=data.max_tokens,
        top_k=data.top_k,
        min_score=data.min_score,
    )


def _sources(answer: Answer) -> list[SourceOut]:
    """None of an answer that declines: what was found did not say it, and to show it would look like support."""
    if answer.outcome is not Outcome.ANSWERED:
        return []
    return [_source(passage) for passage in answer.passages]


def _source(passage: Passage) -> SourceOut:
    return SourceOut.of(passage, chunk_index=passage.index, page_number=passage.page, excerpt=passage.content[:EXCERPT])
