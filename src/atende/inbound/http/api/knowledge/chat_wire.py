"""Chat completions in the schema of OpenAI: what is read of a request, and what is answered. Names are theirs."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request
from litestar.exceptions import HTTPException
from msgspec import Meta

from atende.core.kernel import DomainError, Invalid, NotFound
from atende.core.knowledge.citations import body
from atende.core.knowledge.model import Answer, Said, Sentence
from atende.core.language.text import estimate_tokens
from atende.inbound.http.api.knowledge.questions import CitationOut, citations_out
from atende.inbound.http.errors import domain_problem, http_problem, unexpected_error
from atende.inbound.http.wire.structs import WireResponse

HISTORY = 10
"""Messages before the question that are given to it as context."""
_TYPES = {401: "invalid_request_error", 402: "insufficient_quota", 403: "permission_error", 429: "rate_limit_error"}
_CODES = {401: "invalid_api_key", 402: "insufficient_quota", 404: "model_not_found", 429: "rate_limit_exceeded"}


class NotSupported(Invalid):
    """This parameter is part of OpenAI's API, but answers from documents cannot honour it."""

    def __init__(self, detail: str, param: str) -> None:
        super().__init__(detail, param=param)


class ModelNotFound(NotFound):
    """There is no such model: GET /v1/models lists them."""


class Message(msgspec.Struct):
    """`content`: a text, or a list of parts of the type `text`."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[dict[str, Any]] | None = None

    @property
    def text(self) -> str:
        """Raises NotSupported for anything but texts."""
        if isinstance(self.content, str) or self.content is None:
            return self.content or ""
        if any(part.get("type") != "text" or not isinstance(part.get("text"), str) for part in self.content):
            raise NotSupported("only texts are read: leave out images, audio and files", "messages")
        return "\n".join(part["text"] for part in self.content)


class StreamOptions(msgspec.Struct):
    include_usage: bool | None = None


class ChatIn(msgspec.Struct, kw_only=True):
    """What is not listed here is ignored."""

    model: Annotated[str, Meta(max_length=100, description="`atende`, or the id of an agent.", examples=["atende"])]
    messages: Annotated[
        list[Message],
        Meta(
            min_length=1,
            max_length=1_000,
            description="The last one is the question, by the user; those before it are its context. System messages are not"
            " read: the agent's own instructions hold.",
        ),
    ]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    max_completion_tokens: Annotated[int, Meta(ge=1)] | None = None
    max_tokens: Annotated[int, Meta(ge=1, description="The older name of `max_completion_tokens`.")] | None = None
    n: Annotated[int, Meta(ge=1, description="Only 1.")] | None = None
    tools: Annotated[list[Any], Meta(description="Not supported.")] | None = None
    functions: Annotated[list[Any], Meta(description="Not supported.")] | None = None
    response_format: Annotated[dict[str, Any], Meta(description="Only `text`.")] | None = None

    @property
    def limit(self) -> int | None:
        limit = self.max_completion_tokens or self.max_tokens
        return None if limit is None else min(limit, 4_000)

    @property
    def question(self) -> str:
        """Raises Invalid, NotSupported."""
        last = self.messages[-1]
        if last.role != "user":
            raise Invalid("the last message must be the user's: it is the question", param="messages")
        return last.text

    @property
    def history(self) -> tuple[Said, ...]:
        said = [one for one in self.messages[:-1] if one.role in {"user", "assistant"} and one.text.strip()]
        return tuple(Said(one.role == "user", one.text) for one in said[-HISTORY:])

    def require_supported(self) -> None:
        """Raises NotSupported."""
        if (self.n or 1) > 1:
            raise NotSupported("there is one answer: leave out n", "n")
        if self.tools or self.functions:
            raise NotSupported("this model calls no tools: leave them out", "tools" if self.tools else "functions")
        if (self.response_format or {}).get("type", "text") != "text":
            raise NotSupported("answers are texts: leave out response_format", "response_format")
        if any(one.role in {"tool", "function"} for one in self.messages):
            raise NotSupported("this model calls no tools: leave their messages out", "messages")


class UrlCitation(msgspec.Struct):
    """Characters `start_index` to `end_index` of the content rest on the document of this title."""

    start_index: int
    end_index: int
    title: str
    url: str


class Annotation(msgspec.Struct):
    url_citation: UrlCitation
    type: Literal["url_citation"] = "url_citation"


class ChatMessage(msgspec.Struct):
    """`citations`, which OpenAI has not: the checked quotes, with their places in the documents."""

    content: str
    annotations: list[Annotation]
    citations: list[CitationOut]
    role: Literal["assistant"] = "assistant"
    refusal: None = None


class Choice(msgspec.Struct):
    message: ChatMessage
    index: int = 0
    finish_reason: Literal["stop"] = "stop"
    logprobs: None = None


class UsageOut(msgspec.Struct):
    """`total_tokens` is what was counted; how it is shared out between the two is an estimate."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class ChatOut(msgspec.Struct):
    """`id` is the `queryId` of the answer."""

    id: str
    created: int
    model: str
    choices: list[Choice]
    usage: UsageOut
    object: Literal["chat.completion"] = "chat.completion"


class ModelOut(msgspec.Struct):
    """`name`: that of the agent."""

    id: str
    created: int
    owned_by: str
    name: str
    object: Literal["model"] = "model"


class ModelsOut(msgspec.Struct):
    data: list[ModelOut]
    object: Literal["list"] = "list"


def completion(answer: Answer, model: str, base_url: str) -> ChatOut:
    message = ChatMessage(
        content=answer.text, annotations=annotations(answer, base_url), citations=citations_out(answer)
    )
    created = int(answer.created_at.timestamp())
    return ChatOut(id=str(answer.id), created=created, model=model, choices=[Choice(message)], usage=usage_of(answer))


def usage_of(answer: Answer) -> UsageOut:
    written = min(answer.tokens, estimate_tokens(answer.text))
    return UsageOut(answer.tokens - written, written, answer.tokens)


def annotations(answer: Answer, base_url: str) -> list[Annotation]:
    """One for each document that a sentence rests on."""
    return [
        Annotation(UrlCitation(start, end, name, f"{base_url}/api/v1/documents/{document_id}"))
        for sentence, start, end in _placed(answer.sentences)
        for document_id, name in dict.fromkeys((one.document_id, one.document_name) for one in sentence.citations)
    ]


def _placed(sentences: Sequence[Sentence]) -> Iterator[tuple[Sentence, int, int]]:
    for n, sentence in enumerate(sentences, start=1):
        end = len(body(sentences[:n]))
        yield sentence, end - len(sentence.text), end


def openai_error(request: Request[Any, Any, Any], error: Exception) -> WireResponse[dict[str, Any]]:
    """Any error in the schema of OpenAI, with the status that it has elsewhere."""
    if isinstance(error, DomainError):
        known = domain_problem(request, error)
    elif isinstance(error, HTTPException):
        known = http_problem(request, error)
    else:
        known = unexpected_error(request, error)
    known.content = {"error": error_body(known.content)}
    known.media_type = "application/json"
    return known


def error_body(problem: dict[str, Any]) -> dict[str, Any]:
    """Of the problem details that the same error has elsewhere."""
    status = problem["status"]
    default = "server_error" if status >= 500 else "invalid_request_error"
    return {
        "message": problem["detail"],
        "type": _TYPES.get(status, default),
        "param": problem.get("param"),
        "code": _CODES.get(status, problem["code"].lower()),
    }
