"""The search index in PostgreSQL: pgvector and full text, fused by rank; the best results are ordered by relevance."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
import msgspec

from atende.core.kernel import Owner, TenantScope
from atende.core.knowledge.document import Chunk, Document
from atende.core.knowledge.fusion import fuse
from atende.core.knowledge.model import Embedded, Found
from atende.core.knowledge.ports import Passages
from atende.core.knowledge.query import read_query
from atende.core.knowledge.search_index import Space
from atende.outbound import passage_rows
from atende.outbound.passage_rows import FIELDS, LEG, LIVE, POOL, WORDED
from atende.outbound.postgres.transaction import scoped

_NEAR = """
FROM passage_vector v
JOIN document d ON d.tenant_id = v.tenant_id AND d.id = v.document_id AND d.live_edition = v.edition
  AND d.status <> 'deleted'
WHERE v.organization_id = $1 AND v.tenant_id = $2 AND ($3::uuid IS NULL OR d.agent_id IS NULL OR d.agent_id = $3)
"""
"""Vectors that may be found, as `LIVE` for passages."""
_BOTH = """
SELECT ARRAY(
  SELECT v.chunk_id {near} AND v.dimension = {dimension} AND v.model = $4 AND v.embedding IS NOT NULL
  ORDER BY v.embedding::vector({dimension}) <=> $5::text::vector({dimension}) LIMIT $6
) AS near, ({worded}) AS worded
"""
_FOUND = f"""
SELECT {FIELDS}, (
  SELECT 1 - (v.embedding <=> $5::text::vector) FROM passage_vector v
  WHERE v.tenant_id = p.tenant_id AND v.chunk_id = p.chunk_id AND v.model = $4 AND v.dimension = $6
) AS cosine
{LIVE} AND p.chunk_id = ANY ($7)
"""  # noqa: S608  of constants


class PgvectorPassages(Passages):
    """`model` and `dimension` are those of one embedding; passages without a vector of it are found by full text only."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", *, model: str, dimension: int) -> None:
        self._pool, self._model, self._dimension = pool, model, dimension
        self._both = search_statement(dimension)

    def of(self, space: Space) -> Passages:
        return PgvectorPassages(self._pool, model=space.model, dimension=space.dimension)

    async def index(self, owner: Owner, document: Document, chunks: Sequence[Chunk], vectors: Embedded) -> None:
        literals = [_literal(vector) for vector in vectors.vectors]
        async with scoped(self._pool, owner.scope) as connection:
            await passage_rows.put(connection, owner, document, chunks)
            await passage_rows.put_vectors(
                connection, owner.scope, chunks, model=self._model, dimension=self._dimension, literals=literals
            )

    async def search(
        self, scope: TenantScope, *, text: str, vector: Sequence[float] | None, limit: int, agent_id: UUID | None = None
    ) -> Found:
        if vector is None:
            async with scoped(self._pool, scope) as connection:
                return await passage_rows.search_by_words(connection, scope, agent_id, text, limit=limit)
        within = (scope.organization_id, scope.tenant_id, agent_id)
        asked, query = (*within, self._model, _literal(vector)), read_query(text)
        async with scoped(self._pool, scope, first="SET LOCAL hnsw.iterative_scan = strict_order") as connection:
            legs = await connection.fetchrow(self._both, *asked, LEG, query.matter, query.related, POOL)
            assert legs is not None, "both searches are columns of one row"
            words = passage_rows.scores(legs["worded"])
            order = fuse(legs["near"], list(words), weights=(passage_rows.weight_of_meaning(self._model), 1.0))
            best = order[: passage_rows.candidates(self._model, limit)]
            rows = await connection.fetch(_FOUND, *asked, self._dimension, best)
        cosines = {row["chunk_id"]: row["cosine"] for row in rows if row["cosine"] is not None}
        return Found(passage_rows.ordered(rows, text, model=self._model, cosines=cosines, words=words)[:limit])

    async def remove(self, scope: TenantScope, document_id: UUID) -> None:
        async with scoped(self._pool, scope) as connection:
            await passage_rows.remove(connection, scope, document_id)

    async def tidy(self, scope: TenantScope, document_id: UUID) -> None:
        """Nothing to do, as for `sweep`."""

    async def clear(self, scope: TenantScope) -> None:
        more = True
        while more:  # a transaction each, so that nobody waits for long
            async with scoped(self._pool, scope) as connection:
                more = await passage_rows.clear(connection, scope, model=self._model, dimension=self._dimension)

    async def ready(self) -> None:
        """Always: each row says of which embedding it is."""

    async def sweep(self) -> int:
        """Nothing to do: a passage is removed with its chunk."""
        return 0


def search_statement(dimension: int) -> str:
    """Both searches in one exchange."""
    return _BOTH.format(near=_NEAR, dimension=dimension, worded=WORDED.format("$7", "$8", "$9", "$6"))


def _literal(vector: Sequence[float]) -> str:
    """A list in JSON is one for pgvector too. An array as parameter would be looked at value by value."""
    return msgspec.json.encode(vector).decode()
