"""What the knowledge room needs from outside."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from atende.core.kernel import Owner, Page, TenantScope
from atende.core.knowledge.model import (
    Agent,
    Answer,
    Chunk,
    Document,
    DocumentStatus,
    Draft,
    Embedded,
    Extracted,
    ModelCall,
    Passage,
    Question,
)


class Documents(Protocol):
    async def add(self, document: Document) -> None: ...

    async def get(self, scope: TenantScope, document_id: UUID) -> Document:
        """Raises NotFound."""

    async def save(self, document: Document, chunks: Sequence[Chunk] | None = None) -> None:
        """With `chunks`, they replace those of the document's version."""

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
        """Newest first, without the deleted; with `after` (a `Page.next`) those behind it, whatever `page` says."""


class Passages(Protocol):
    """The search index. It works on its own connection, never inside a transaction of ours."""

    async def index(self, owner: Owner, document: Document, chunks: Sequence[Chunk], vectors: Embedded) -> None:
        """Idempotent for a document's version."""

    async def search(
        self, scope: TenantScope, *, text: str, vector: Sequence[float], limit: int, agent_id: UUID | None = None
    ) -> list[Passage]:
        """Meaning and words, fused by rank, best first; only live chunks of processed documents of this tenant."""


class Embedding(Protocol):
    @property
    def provider(self) -> str: ...

    @property
    def model(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    async def embed(self, texts: Sequence[str]) -> Embedded:
        """One unit vector of `dimension` floats per text. Raises Unavailable or Invalid."""


class Answerer(Protocol):
    @property
    def provider(self) -> str: ...

    def model(self, asked: str | None) -> str:
        """The model that will answer when `asked` is asked for (None: the configured one)."""

    async def answer(self, question: Question) -> Draft:
        """Sentences with the words that carry each, or none. Raises Unavailable or Invalid."""


class TextExtractor(Protocol):
    async def extract(self, data: bytes, *, file_type: str) -> Extracted:
        """Raises UnreadableDocument with a reason that a person understands; never takes the process down."""


class Blobs(Protocol):
    async def put(self, key: str, data: bytes) -> None: ...

    async def get(self, key: str) -> bytes:
        """Raises NotFound."""

    async def delete(self, key: str) -> None: ...

    async def delete_folder(self, folder: str) -> None:
        """Every blob whose key begins with `folder` and a slash. May be repeated."""


class Agents(Protocol):
    async def add(self, agent: Agent) -> None: ...

    async def pick(self, scope: TenantScope, agent_id: UUID | None = None) -> Agent | None:
        """The one asked for (NotFound if it is not there), else the default, else the oldest active one, else None."""


class Answers(Protocol):
    async def add(self, answer: Answer) -> None: ...

    async def get(self, scope: TenantScope, answer_id: UUID) -> Answer:
        """Raises NotFound."""


class ModelCalls(Protocol):
    async def save(self, calls: Sequence[ModelCall]) -> None:
        """Inserted or brought up to date."""
