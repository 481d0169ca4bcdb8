"""The search index in PostgreSQL: pgvector and full text, fused by rank; the best results are ordered by relevance."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
import msgspec

from atende.core.kernel import Owner, TenantScope
from atende.core.knowledge.fusion import fuse, settle
from atende.core.knowledge.model import Chunk, Document, Embedded, Passage
from atende.core.knowledge.ports import Passages
from atende.core.knowledge.query import read_query
from atende.core.knowledge.relevance import relevance
from atende.outbound.postgres.transaction import scoped

_worded = msgspec.json.Decoder(list[tuple[UUID, float]])
POOL = 1_000
"""Passages that the full-text search scores, chosen by the rarest words of the question."""
LEG = 40
"""Results of each search that are fused."""
MEANING, MEANING_HASHED = 1.0, 0.3
"""Weight of the vector search; the full-text search has 1. Hashed vectors have less, because they only represent words."""

_INDEX = """
INSERT INTO passage (chunk_id, organization_id, tenant_id, document_id, version, model, dimension, embedding, words)
SELECT c.id, $1, $2, $3, $4, $5, $6, i.embedding::vector, to_tsvector($7::regconfig, c.content)
FROM unnest($8::uuid[], $9::text[]) AS i (id, embedding) JOIN chunk c ON c.tenant_id = $2 AND c.id = i.id
"""
_LIVE = """
FROM passage p JOIN chunk c ON c.tenant_id = p.tenant_id AND c.id = p.chunk_id
JOIN document d ON d.tenant_id = p.tenant_id AND d.id = p.document_id AND d.version = p.version
  AND d.status IN ('processed', 'processing') AND d.processed_at IS NOT NULL
WHERE p.organization_id = $1 AND p.tenant_id = $2 AND ($3::uuid IS NULL OR d.agent_id IS NULL OR d.agent_id = $3)
"""
_BOTH = """
SELECT ARRAY(
  SELECT p.chunk_id {live} AND p.dimension = {dimension} AND p.model = $4
  ORDER BY p.embedding::vector({dimension}) <=> $5::text::vector({dimension}) LIMIT $6
) AS near, (
  SELECT coalesce(json_agg(json_build_array(chunk_id, score)), '[]')::text FROM search_words($7, $8, $9, $6::int)
) AS worded
"""
_FOUND = f"""
SELECT p.chunk_id, p.document_id, d.filename, p.version, d.language, c.index, c.content, c.page,
  CASE WHEN p.model = $4 THEN 1 - (p.embedding <=> $5::text::vector) END AS cosine
{_LIVE} AND p.chunk_id = ANY ($6)
"""


class PgvectorPassages(Passages):
    """`model` and `dimension` are those of the current embedding; passages of other models are found by full text only."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", *, model: str, dimension: int) -> None:
        self._pool, self._model, self._dimension = pool, model, dimension
        self._both = _BOTH.format(live=_LIVE, dimension=dimension)

    async def index(self, owner: Owner, document: Document, chunks: Sequence[Chunk], vectors: Embedded) -> None:
        scope = owner.scope
        keys = (scope.organization_id, scope.tenant_id, document.id)
        literals = [_literal(vector) for vector in vectors.vectors]
        async with scoped(self._pool, scope) as connection:
            await connection.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"index:{scope.tenant_id}"
            )
            await connection.execute(
                "DELETE FROM passage WHERE organization_id = $1 AND tenant_id = $2 AND document_id = $3", *keys
            )
            await connection.execute(
                _INDEX,
                *keys,
                document.version,
                self._model,
                self._dimension,
                f"public.atende_{document.language}",
                [chunk.id for chunk in chunks],
                literals,
            )

    async def search(
        self, scope: TenantScope, *, text: str, vector: Sequence[float], limit: int, agent_id: UUID | None = None
    ) -> list[Passage]:
        within = (scope.organization_id, scope.tenant_id, agent_id)
        asked, query = (*within, self._model, _literal(vector)), read_query(text)
        async with scoped(self._pool, scope, first="SET LOCAL hnsw.iterative_scan = strict_order") as connection:
            legs = await connection.fetchrow(self._both, *asked, LEG, query.matter, query.related, POOL)
            assert legs is not None, "both searches are columns of one row"
            words = dict(_worded.decode(legs["worded"]))
            order = self._fused(legs["near"], list(words))[: limit * 2]
            rows = await connection.fetch(_FOUND, *asked, order)
        found = {row["chunk_id"]: self._passage(row, text) for row in rows}
        best = settle(words, {chunk_id: passage.score for chunk_id, passage in found.items()})
        return [found[chunk_id] for chunk_id in best[:limit]]

    def _fused(self, near: Sequence[UUID], worded: Sequence[UUID]) -> list[UUID]:
        meaning = MEANING_HASHED if self._model.startswith("hashed") else MEANING
        return fuse(near, worded, weights=(meaning, 1.0))

    def _passage(self, row: asyncpg.Record, text: str) -> Passage:
        score = relevance(
            question=text,
            passage=row["content"],
            cosine=row["cosine"] or 0.0,
            model=self._model,
            language=row["language"],
        )
        return Passage(
            chunk_id=row["chunk_id"],
            document_id=row["document_id"],
            document_name=row["filename"],
            version=row["version"],
            index=row["index"],
            content=row["content"],
            page=row["page"],
            score=score,
        )


def _literal(vector: Sequence[float]) -> str:
    """A list in JSON is one for pgvector too. An array as parameter would be looked at value by value."""
    return msgspec.json.encode(vector).decode()
