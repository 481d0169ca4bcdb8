"""Agents, documents, answers and model calls in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from atende.core.kernel import NotFound, Page, TenantScope
from atende.core.knowledge.model import Agent, Answer, Chunk, Document, DocumentStatus, ModelCall
from atende.core.knowledge.ports import Agents, Answers, Blobs, Documents, ModelCalls
from atende.outbound.memory.pages import newest_by_time
from atende.outbound.memory.store import MemoryStore
from atende.outbound.memory.table import OF_PROJECT, Rows, Table, narrow

AGENTS = Table[Agent](
    name="agent",
    unique={"agent_default": lambda row: row.tenant_id if row.entity.is_default else None},
    parents=OF_PROJECT,
)
DOCUMENTS = Table[Document](name="document", parents={**OF_PROJECT, "agent": lambda row: row.entity.agent_id})
CHUNKS = Table[Chunk](
    name="chunk",
    unique={"chunk_place": lambda row: (row.entity.document_id, row.entity.version, row.entity.index)},
    parents={"document": lambda row: row.entity.document_id},
)
ANSWERS = Table[Answer](name="answer", parents=OF_PROJECT)
MODEL_CALLS = Table[ModelCall](name="model_call", parents=OF_PROJECT)


@dataclass(frozen=True, slots=True)
class Indexed:
    """A chunk in the index, by whose model and with which words."""

    id: UUID
    document_id: UUID
    version: int
    model: str
    vector: tuple[float, ...]
    words: frozenset[str]


PASSAGES = Table[Indexed](name="passage", parents={"chunk": lambda row: row.entity.id})


class MemoryAgents(Agents):
    def __init__(self, store: MemoryStore) -> None:
        self._agents = Rows(store, AGENTS)

    async def add(self, agent: Agent) -> None:
        self._agents.insert(agent, at=agent.owner)

    async def pick(self, scope: TenantScope, agent_id: UUID | None = None) -> Agent | None:
        if agent_id is not None:
            found = self._agents.get(agent_id, narrow(scope))
            if found is None:
                raise NotFound("no such agent")
            return found
        active = self._agents.all(narrow(scope), lambda agent: agent.is_active)
        return min(active, key=lambda agent: (not agent.is_default, agent.created_at), default=None)


class MemoryDocuments(Documents):
    def __init__(self, store: MemoryStore) -> None:
        self._documents, self._chunks = Rows(store, DOCUMENTS), Rows(store, CHUNKS)
        self._passages = Rows(store, PASSAGES)

    async def add(self, document: Document) -> None:
        self._documents.insert(document, at=document.owner)

    async def get(self, scope: TenantScope, document_id: UUID) -> Document:
        found = self._documents.get(document_id, scope)
        if found is None or found.status is DocumentStatus.DELETED:
            raise NotFound("no such document")
        return found

    async def save(self, document: Document, chunks: Sequence[Chunk] | None = None) -> None:
        scope = document.owner.scope
        if chunks is not None:
            replaced = (document.id, document.version)
            self._passages.delete(lambda indexed: (indexed.document_id, indexed.version) == replaced, scope)
            self._chunks.delete(lambda chunk: (chunk.document_id, chunk.version) == replaced, scope)
            for chunk in chunks:
                self._chunks.insert(chunk, at=scope)
        self._documents.update(document)

    async def page(
        self,
        scope: TenantScope,
        *,
        page: int,
        limit: int,
        status: DocumentStatus | None = None,
        agent_id: UUID | None = None,
        after: str | None = None,
    ) -> Page[Document]:
        found = self._documents.all(
            scope,
            lambda d: (
                (d.status is status if status else d.status is not DocumentStatus.DELETED)
                and agent_id in {None, d.agent_id}
            ),
        )
        return newest_by_time(found, lambda document: document.created_at, page=page, limit=limit, after=after)


class MemoryAnswers(Answers):
    def __init__(self, store: MemoryStore) -> None:
        self._answers = Rows(store, ANSWERS)

    async def add(self, answer: Answer) -> None:
        self._answers.insert(answer, at=answer.owner)

    async def get(self, scope: TenantScope, answer_id: UUID) -> Answer:
        found = self._answers.get(answer_id, scope)
        if found is None:
            raise NotFound("no such answer")
        return found


class MemoryModelCalls(ModelCalls):
    def __init__(self, store: MemoryStore) -> None:
        self._calls = Rows(store, MODEL_CALLS)

    async def save(self, calls: Sequence[ModelCall]) -> None:
        for call in calls:
            self._calls.upsert(call, at=call.owner)


class MemoryBlobs(Blobs):
    """Outside of all transactions, as files are."""

    def __init__(self) -> None:
        self._blobs: dict[str, bytes] = {}

    async def put(self, key: str, data: bytes) -> None:
        self._blobs[key] = bytes(data)

    async def get(self, key: str) -> bytes:
        try:
            return self._blobs[key]
        except KeyError:
            raise NotFound("no such blob") from None

    async def delete(self, key: str) -> None:
        self._blobs.pop(key, None)

    async def delete_folder(self, folder: str) -> None:
        self._blobs = {key: data for key, data in self._blobs.items() if not key.startswith(f"{folder}/")}
