"""The search index in memory: cosine for meaning, rare words for words, fused by rank."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt
from uuid import UUID

from atende.core.kernel import Owner, TenantScope
from atende.core.knowledge.fusion import fuse
from atende.core.knowledge.matching import vocabulary
from atende.core.knowledge.model import Chunk, Document, DocumentStatus, Embedded, Passage
from atende.core.knowledge.ports import Passages
from atende.core.knowledge.relevance import relevance
from atende.outbound.memory.knowledge import CHUNKS, DOCUMENTS, PASSAGES, Indexed
from atende.outbound.memory.store import MemoryStore
from atende.outbound.memory.table import Rows, narrow

LEG = 40
LANGUAGES = ("pt", "en", "es")


@dataclass(frozen=True, slots=True)
class _Live:
    indexed: Indexed
    chunk: Chunk
    document: Document


class MemoryPassages(Passages):
    """`model` is that of the embedding in use; passages of another model are found by their words only."""

    def __init__(self, store: MemoryStore, *, model: str) -> None:
        self._store, self._model = store, model
        self._passages, self._chunks, self._documents = (
            Rows(store, PASSAGES),
            Rows(store, CHUNKS),
            Rows(store, DOCUMENTS),
        )

    async def index(self, owner: Owner, document: Document, chunks: Sequence[Chunk], vectors: Embedded) -> None:
        scope = owner.scope
        async with self._store.begin(scope):
            self._passages.delete(lambda indexed: indexed.document_id == document.id, scope)
            for chunk, vector in zip(chunks, vectors.vectors, strict=True):
                if self._chunks.get(chunk.id, scope) is not None:
                    words = vocabulary(chunk.content, document.language).stems
                    made = Indexed(chunk.id, document.id, document.version, self._model, tuple(vector), words)
                    self._passages.insert(made, at=scope)

    async def search(
        self, scope: TenantScope, *, text: str, vector: Sequence[float], limit: int, agent_id: UUID | None = None
    ) -> list[Passage]:
        live = {one.chunk.id: one for one in self._live(scope, agent_id)}
        near = {id_: _cosine(one.indexed.vector, vector) for id_, one in live.items() if self._is_ours(one)}
        rare = self._rare_words(scope, text, list(live.values()))
        order = fuse(_best(near), _best({id_: score for id_, score in rare.items() if score > 0}))[:limit]
        return [_passage(live[id_], text, near.get(id_, 0.0), self._model) for id_ in order]

    def _is_ours(self, one: _Live) -> bool:
        return one.indexed.model == self._model

    def _live(self, scope: TenantScope, agent_id: UUID | None) -> list[_Live]:
        chunks = {row.entity.id: row.entity for row in self._chunks.committed()}
        documents = {row.entity.id: row.entity for row in self._documents.committed()}
        found = [row.entity for row in self._passages.committed() if row.is_in(narrow(scope))]
        live = [
            _Live(one, chunks[one.id], documents[one.document_id])
            for one in found
            if one.id in chunks and one.document_id in documents
        ]
        return [one for one in live if _is_live(one, agent_id)]

    def _rare_words(self, scope: TenantScope, text: str, live: Sequence[_Live]) -> dict[UUID, float]:
        """What the asked words weigh that each passage has: the rarer in this tenant's passages, the more."""
        asked = {language: vocabulary(text, language).stems for language in LANGUAGES}
        everything = [row.entity.words for row in self._passages.committed() if row.is_in(narrow(scope))]
        counts, total = Counter(word for words in everything for word in words), len(everything)
        weights = {word: log(1 + (total - n + 0.5) / (n + 0.5)) for word, n in counts.items()}
        return {
            one.chunk.id: sum(weights[word] for word in asked[one.document.language] & one.indexed.words)
            for one in live
        }


def _is_live(one: _Live, agent_id: UUID | None) -> bool:
    document = one.document
    published = document.processed_at is not None and document.status in {
        DocumentStatus.PROCESSED,
        DocumentStatus.PROCESSING,
    }
    for_agent = agent_id is None or document.agent_id in {None, agent_id}
    return published and for_agent and document.version == one.indexed.version


def _best(scores: dict[UUID, float]) -> list[UUID]:
    return sorted(scores, key=lambda id_: (-scores[id_], id_))[:LEG]


def _cosine(one: Sequence[float], other: Sequence[float]) -> float:
    length = sqrt(sum(a * a for a in one)) * sqrt(sum(b * b for b in other))
    return sum(a * b for a, b in zip(one, other, strict=True)) / length if length else 0.0


def _passage(one: _Live, text: str, cosine: float, model: str) -> Passage:
    score = relevance(
        question=text, passage=one.chunk.content, cosine=cosine, model=model, language=one.document.language
    )
    return Passage(
        chunk_id=one.chunk.id,
        document_id=one.document.id,
        document_name=one.document.filename,
        version=one.chunk.version,
        index=one.chunk.index,
        content=one.chunk.content,
        page=one.chunk.page,
        score=score,
    )
