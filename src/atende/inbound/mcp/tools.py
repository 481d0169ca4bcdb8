"""The tools: calls of the HTTP API with the caller's own credentials, so its permissions, limits, ledger and audit hold."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

import httpx
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Api = Callable[[Context[Any, Any]], Awaitable[httpx.AsyncClient]]
"""The API as the caller of this tool reaches it."""

_INSTRUCTIONS = (
    "Answers and passages come from one company's own documents. `ask_documents` gives an answer whose every sentence rests on"
    " a quote that was checked, or says that the documents do not say it: then do not answer from elsewhere as if they did."
)
_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)


class _Shown(BaseModel):
    """As the API shows it; fields that are not named here are left out."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore")


class Citation(_Shown):
    """A quote that supports a sentence: exactly the characters `start` to `end` of the chunk."""

    document_id: str
    document_name: str
    chunk_id: str
    page: int | None
    start: int
    end: int
    quote: str


class Answered(_Shown):
    """`outcome` is `answered`, or `unknown` if the documents do not say it. `cost` is in credits."""

    query_id: str
    answer: str
    outcome: str
    citations: list[Citation]
    cost: float


class Found(_Shown):
    """A passage as it is stored. `score` is its similarity, 0 to 1."""

    document_id: str
    document_name: str
    chunk_id: str
    page_number: int | None
    score: float
    content: str


class Passages(_Shown):
    """Best first. `cost` is in credits."""

    passages: list[Found]
    cost: float


def make_server(api: Api, *, version: str) -> "MCPServer[Any]":
    """The server with its tools, for any transport."""
    server: MCPServer[Any] = MCPServer("atende", instructions=_INSTRUCTIONS, version=version, log_level="ERROR")

    @server.tool(title="Ask the documents", annotations=_READS)
    async def ask_documents(
        question: Annotated[str, Field(description="A whole question, in any language.", max_length=4_000)],
        ctx: Context[Any, Any],
    ) -> Answered:
        """Answers a question from the documents, with the quotes that prove each sentence, or says that they do not say it."""
        return Answered.model_validate(await _post(api, ctx, "/rag/query", {"query": question}))

    @server.tool(title="Search the documents", annotations=_READS)
    async def search_documents(
        query: Annotated[str, Field(description="A question or words.", max_length=4_000)],
        ctx: Context[Any, Any],
        limit: Annotated[int, Field(ge=1, le=20, description="Passages at most.")] = 5,
    ) -> Passages:
        """Finds the passages of the documents that a question is about, without answering it."""
        return Passages.model_validate(await _post(api, ctx, "/rag/search", {"query": query, "topK": limit}))

    return server


async def _post(api: Api, ctx: Context[Any, Any], path: str, body: Mapping[str, Any]) -> Any:
    """Raises ToolError with what the API says."""
    async with await api(ctx) as client:
        try:
            answer = await client.post(f"/api/v1{path}", json=body)
        except httpx.HTTPError as error:
            raise ToolError(f"atende does not answer: {error!r}") from error
    if not answer.is_success:
        raise ToolError(_told(answer))
    return answer.json()


def _told(answer: httpx.Response) -> str:
    try:
        return f"{answer.json()['detail']} ({answer.status_code})"
    except (ValueError, KeyError, TypeError):
        return f"atende answered {answer.status_code}"
