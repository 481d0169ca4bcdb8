"""Ports of knowledge: storage, search index, embedding, answerer, text extraction, files."""

from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Protocol
from uuid import UUID

from atende.core.kernel import Owner, Page, TenantScope
from atende.core.knowledge.document import Chunk, Document, DocumentStatus
from atende.core.knowledge.extracted import Extracted
from atende.core.knowledge.model import Agent, Answer, Draft, DraftSentence, Embedded, Found, ModelCall, Question
from atende.core.knowledge.search_index import SearchIndex, Space


@dataclass(frozen=True, slots=True)
class Stored:
    """How many documents there are, and the bytes of their files."""

    documents: int
    bytes: int


NO_LABELS: Mapping[str, str] = MappingProxyType({})


class Documents(Protocol):
    async def add(self, document: Document) -> None: ...

    async def get(self, scope: TenantScope, document_id: UUID) -> Document:
        """Raises NotFound."""

    async def lock(self, scope: TenantScope, document_id: UUID) -> Document:
        """The same, locked until the transaction ends. Raises NotFound."""

    async def deleted(self, scope: TenantScope, document_id: UUID) -> Document:
        """One that was deleted. Raises NotFound."""

    async def save(self, document: Document, chunks: Sequence[Chunk] | None = None) -> None:
        """`chunks`, if given, are those of its newest edition, and replace what earlier attempts left."""

    async def chunks(self, document: Document, *, edition: int, first: int, limit: int) -> list[Chunk]:
        """Of one edition, in order, from the index `first`."""

    async def chunk_page(
        self, scope: TenantScope, document_id: UUID, *, page: int, limit: int, after: str | None = None
    ) -> Page[Chunk]:
        """Of the live edition, in order. `after` (a `Page.next`) takes precedence over `page`."""

    async def prune(self, document: Document) -> None:
        """Removes all chunks but those of the live edition, and what the search index of this database has of them."""

    async def underway(self, scope: TenantScope) -> int:
        """How many documents are waiting to be read, or being read or embedded."""

    async def settled(self, scope: TenantScope, *, behind: UUID, limit: int) -> list[Document]:
        """Those that are not underway, by id from the one behind this id, locked."""

    async def count(self, scope: TenantScope) -> Stored:
        """What the organization stores, in all of its projects. No other transaction counts until this one ends."""

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
        """Newest first, without deleted ones. `after` (a `Page.next`) takes precedence over `page`."""


class Passages(Protocol):
    """The search index of one embedding. Never inside a transaction."""

    def of(self, space: Space) -> "Passages":
        """The same passages with the vectors of another embedding."""

    async def index(self, owner: Owner, document: Document, chunks: Sequence[Chunk], vectors: Embedded) -> None:
        """Adds these chunks of a document, or replaces them. They are found once their edition is the live one. Raises Unavailable
        when the store of the vectors is away.
        """

    async def search(
        self, scope: TenantScope, *, text: str, vector: Sequence[float] | None, limit: int, agent_id: UUID | None = None
    ) -> Found:
        """Searches by embedding and by words, fused by rank, best first. Finds only current chunks of processed documents of this
        tenant. Without a vector, and when the store of the vectors is away, it searches by words alone, and says so.
        """

    async def remove(self, scope: TenantScope, document_id: UUID) -> None:
        """Removes the passages of a document for good. Idempotent. Raises Unavailable when the store of the vectors is away."""

    async def tidy(self, scope: TenantScope, document_id: UUID) -> None:
        """Removes what the store still has of editions of the document that are gone. Idempotent. Raises Unavailable."""

    async def clear(self, scope: TenantScope) -> None:
        """Removes all vectors of this embedding that the tenant has; words stay. Idempotent. Raises Unavailable."""

    async def ready(self) -> None:
        """Raises Unusable if the store has vectors of another embedding, or Unavailable."""

    async def sweep(self) -> int:
        """Removes what the store still has of chunks and indexes that are gone, of whatever tenant and embedding; returns how much
        that was.
        """


class Embedding(Protocol):
    @property
    def provider(self) -> str: ...

    @property
    def model(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    async def embed(self, texts: Sequence[str], *, asking: bool = False) -> Embedded:
        """One vector of `dimension` floats and length 1 per text. `asking`: they are questions, which some models embed in another
        way than passages. Raises Unavailable, Unusable or Invalid."""


class Embeddings(Protocol):
    """Those that the settings offer."""

    @property
    def default(self) -> Embedding: ...

    @property
    def offered(self) -> Sequence[Embedding]: ...

    def find(self, space: Space) -> Embedding | None: ...


@dataclass(frozen=True, slots=True)
class Lacking:
    """How many of the passages that are searched an index does not have, of how many, and the tokens of those."""

    passages: int
    total: int
    tokens: int


class SearchIndexes(Protocol):
    """Inside a transaction."""

    async def find(self, scope: TenantScope) -> SearchIndex | None: ...

    async def begin(self, index: SearchIndex) -> SearchIndex:
        """The tenant's index, which is this one if it had none."""

    async def share(self, scope: TenantScope) -> SearchIndex:
        """Nothing is switched until this transaction ends. Raises NotFound."""

    async def lock(self, scope: TenantScope) -> SearchIndex:
        """For a change: nothing is published meanwhile. Raises NotFound."""

    async def save(self, index: SearchIndex) -> None: ...

    async def embedded(self, document: Document, space: Space) -> int:
        """How many chunks of its newest edition have a vector of this embedding."""

    async def lacking(self, scope: TenantScope, space: Space) -> Lacking: ...

    async def next_lacking(
        self, scope: TenantScope, space: Space, *, behind: UUID, limit: int
    ) -> list[tuple[Document, list[Chunk]]]:
        """Chunks of live editions without a vector of this embedding, by document, from the document `behind` on."""

    async def questions(self, scope: TenantScope, *, limit: int) -> list[str]:
        """What was asked last, each once."""


class IndexNames(Protocol):
    async def live(self, scope: TenantScope) -> Space | None:
        """The embedding whose vectors are searched for this tenant; None before its first document. At most some seconds old."""


OnSentence = Callable[[DraftSentence], None]


class Answerer(Protocol):
    @property
    def provider(self) -> str: ...

    def model(self, asked: str | None) -> str:
        """The name of the model that will answer if `asked` is requested (None: the configured one)."""

    async def answer(self, question: Question, *, on_sentence: OnSentence | None = None) -> Draft:
        """Sentences with their quotes, or none if the model says that it does not know. Raises Unavailable, Unusable or Invalid.

        `on_sentence` is given each of them as soon as it is written, in their order. What it was given cannot be taken back.
        """


class TextExtractor(Protocol):
    async def extract(self, data: bytes, *, file_type: str, language: str = "pt") -> Extracted:
        """Raises UnreadableDocument with a reason for the user. A malicious file cannot crash this process.

        `language` is the one that a scan is most probably in.
        """


class VirusScan(Protocol):
    async def find(self, data: bytes) -> str | None:
        """The name of a virus in this file, or None. Raises UnreadableDocument if it cannot be scanned, and Unavailable."""


class Blobs(Protocol):
    """Files by key. Keys consist of parts of letters, digits and `_ - . =`, joined by slashes; other ones are Invalid."""

    async def put(
        self,
        key: str,
        data: bytes | AsyncIterable[bytes],
        *,
        content_type: str = "application/octet-stream",
        labels: Mapping[str, str] = NO_LABELS,
    ) -> None:
        """Whole or not at all: if reading `data` fails, nothing changes. `labels` are kept where the store has a place for them."""

    async def get(self, key: str) -> bytes:
        """Raises NotFound."""

    def read(self, key: str) -> AsyncIterator[bytes]:
        """In pieces, for files that should not be in memory as a whole. Raises NotFound."""

    async def link(self, key: str, *, lifetime: timedelta, filename: str) -> str | None:
        """A URL from which its bearer can download the blob under this name until then; None if the store has no such links."""

    async def delete(self, key: str) -> None:
        """Idempotent. Earlier versions that the store keeps are deleted too."""

    async def delete_folder(self, folder: str) -> None:
        """Deletes every blob whose key begins with `folder` and a slash. Idempotent."""


class Agents(Protocol):
    async def add(self, agent: Agent) -> None: ...

    async def active(self, scope: TenantScope, *, limit: int) -> list[Agent]:
        """The active agents, the default one first, then the oldest."""

    async def pick(self, scope: TenantScope, agent_id: UUID | None = None) -> Agent | None:
        """The agent with this id (raises NotFound); without an id, the default agent, else the oldest active one, else None."""


class Answers(Protocol):
    async def add(self, answer: Answer) -> None: ...

    async def get(self, scope: TenantScope, answer_id: UUID) -> Answer:
        """Raises NotFound."""


class ModelCalls(Protocol):
    async def save(self, calls: Sequence[ModelCall]) -> None:
        """Inserts or updates them."""
