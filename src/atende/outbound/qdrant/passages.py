"""The search index with vectors in Qdrant: words and texts are PostgreSQL's, and so is the last word on what may be found."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

import asyncpg
import structlog

from atende.core.kernel import ALL_TENANTS, Owner, TenantScope, Unavailable, Unusable
from atende.core.knowledge.document import Chunk, Document
from atende.core.knowledge.fusion import fuse
from atende.core.knowledge.model import Embedded, Found
from atende.core.knowledge.ports import Passages
from atende.core.knowledge.search_index import Space
from atende.outbound import passage_rows
from atende.outbound.passage_rows import LEG
from atende.outbound.postgres.transaction import scoped
from atende.outbound.qdrant.points import TenantPoints
from atende.outbound.qdrant.shapes import Hits, Point
from atende.outbound.qdrant.sparse import of_passage, of_question

RETRY = 60.0
"""Seconds after which a document whose vectors could not be stored is tried again."""
log = structlog.get_logger(__name__)
_SPARSE = 0.5
"""Weight of Qdrant's search by words, and of PostgreSQL's beside it."""
_EDITIONS = """
SELECT p.edition, max(c.index) + 1 AS chunks FROM passage p JOIN chunk c ON c.tenant_id = p.tenant_id AND c.id = p.chunk_id
WHERE p.organization_id = $1 AND p.tenant_id = $2 AND p.document_id = $3 GROUP BY 1
"""
_KNOWN = "SELECT chunk_id FROM passage WHERE organization_id = $1 AND tenant_id = $2 AND chunk_id = ANY ($3)"
_WANTED = """
SELECT chunk_id FROM passage WHERE organization_id = $1 AND tenant_id = $2 AND chunk_id = ANY ($3) AND NOT EXISTS (
  SELECT FROM search_index s WHERE s.organization_id = $1 AND s.tenant_id = $2
    AND (s.model, s.dimension) <> ($4, $5) AND (s.beside_model, s.beside_dimension) IS DISTINCT FROM ($4, $5))
"""
"""Chunks that there are, unless the tenant has no index of this embedding."""
_UNMARK = """
DELETE FROM passage_vector
WHERE organization_id = $1 AND tenant_id = $2 AND chunk_id = ANY ($3) AND model = $4 AND dimension = $5
"""


class QdrantPassages(Passages):
    """PostgreSQL is written first and decides: a point without its row there is never found, and is swept away.

    While Qdrant is away, what is found is found by words, and scored by them.
    """

    def __init__(
        self, pool: "asyncpg.Pool[asyncpg.Record]", points: TenantPoints, *, model: str, dimension: int
    ) -> None:
        self._pool, self._points, self._model, self._dimension = pool, points, model, dimension

    def of(self, space: Space) -> Passages:
        return QdrantPassages(self._pool, self._points.of(space), model=space.model, dimension=space.dimension)

    async def index(self, owner: Owner, document: Document, chunks: Sequence[Chunk], vectors: Embedded) -> None:
        scope = owner.scope
        async with scoped(self._pool, scope) as connection:
            await passage_rows.put(connection, owner, document, chunks)
            known = {row["chunk_id"] for row in await connection.fetch(_KNOWN, *_keys(scope), [c.id for c in chunks])}
        points = await asyncio.to_thread(_points, document, chunks, vectors, known)
        with _patiently():
            await self._points.put(scope, points)
            await self.tidy(scope, document.id)
        async with scoped(self._pool, scope) as connection:  # last: it says that the point is there
            await passage_rows.put_vectors(
                connection,
                scope,
                chunks,
                model=self._model,
                dimension=self._dimension,
                literals=[None] * len(chunks),
            )

    async def search(
        self, scope: TenantScope, *, text: str, vector: Sequence[float] | None, limit: int, agent_id: UUID | None = None
    ) -> Found:
        if vector is None:
            async with scoped(self._pool, scope) as connection:
                return await passage_rows.search_by_words(connection, scope, agent_id, text, limit=limit)
        hits = await self._hits(scope, text=text, vector=vector, agent_id=agent_id)
        near, worded = (hits.near, hits.worded) if hits else ({}, [])
        async with scoped(self._pool, scope) as connection:
            words = await passage_rows.search_words(connection, text)
            meaning = passage_rows.weight_of_meaning(self._model)
            order = fuse(list(near), worded, list(words), weights=(meaning, _SPARSE, 1.0 - _SPARSE if worded else 1.0))
            # More than are wanted: some may turn out to be gone.
            rows = await passage_rows.live(connection, scope, agent_id, order[: LEG * 2])
        place = {chunk_id: n for n, chunk_id in enumerate(order)}
        rows = sorted(rows, key=lambda row: place[row["chunk_id"]])[: passage_rows.candidates(self._model, limit)]
        cosines, degraded = await self._cosines(scope, vector, near, [row["chunk_id"] for row in rows])
        found = passage_rows.ordered(rows, text, model=self._model, cosines=cosines, words=words)
        return Found(found[:limit], degraded=hits is None or degraded)

    async def _hits(
        self, scope: TenantScope, *, text: str, vector: Sequence[float], agent_id: UUID | None
    ) -> Hits | None:
        """None while Qdrant is away."""
        if scope.tenant_id in {"", ALL_TENANTS}:  # nobody's, as for row-level security
            return Hits({}, [])
        try:
            words = of_question(text)
            return await self._points.search(scope, vector=vector, words=words, limit=LEG, agent_id=agent_id)
        except Unavailable as error:
            log.warning("qdrant.away", error=error.detail)
            return None

    async def _cosines(
        self, scope: TenantScope, vector: Sequence[float], near: dict[UUID, float], chunk_ids: Sequence[UUID]
    ) -> tuple[dict[UUID, float], bool]:
        """Of passages that were found by words alone too; and whether that could not be asked."""
        missing = [chunk_id for chunk_id in chunk_ids if chunk_id not in near]
        if not near or not missing:
            return near, False
        try:
            return near | await self._points.cosines(scope, vector=vector, chunk_ids=missing), False
        except Unavailable as error:
            log.warning("qdrant.away", error=error.detail)
            return near, True

    async def remove(self, scope: TenantScope, document_id: UUID) -> None:
        async with scoped(self._pool, scope) as connection:
            await passage_rows.remove(connection, scope, document_id)
        await self._points.remove(scope, document_id)

    async def ready(self) -> None:
        with _patiently():
            await self._points.ready()
            await self._points.look()

    async def tidy(self, scope: TenantScope, document_id: UUID) -> None:
        async with scoped(self._pool, scope) as connection:
            rows = await connection.fetch(_EDITIONS, *_keys(scope), document_id)
        await self._points.remove(scope, document_id, keep={row["edition"]: row["chunks"] for row in rows})

    async def clear(self, scope: TenantScope) -> None:
        with _patiently():
            await self._points.clear(scope)
        more = True
        while more:
            async with scoped(self._pool, scope) as connection:
                more = await passage_rows.clear(connection, scope, model=self._model, dimension=self._dimension)

    async def sweep(self) -> int:
        gone = 0
        for points in await self._points.all():
            gone += await self._sweep(points)
        if gone:
            log.info("qdrant.swept", points=gone)
        return gone

    async def _sweep(self, points: TenantPoints) -> int:
        gone, space = 0, points.space
        async for page in points.keys():
            tenants = defaultdict[TenantScope, set[UUID]](set)
            for key in page:
                tenants[TenantScope(key.organization_id, key.tenant_id)].add(key.chunk_id)
            for scope, stored in tenants.items():
                async with scoped(self._pool, scope) as connection:
                    rows = await connection.fetch(_WANTED, *_keys(scope), list(stored), space.model, space.dimension)
                    orphans = sorted(stored - {row["chunk_id"] for row in rows})
                    await connection.execute(_UNMARK, *_keys(scope), orphans, space.model, space.dimension)
                if orphans:
                    await points.drop(scope, orphans)
                    gone += len(orphans)
        return gone


@contextmanager
def _patiently() -> Iterator[None]:
    """Whoever stores something may come again in a minute."""
    try:
        yield
    except Unusable:
        raise
    except Unavailable as error:
        raise Unavailable(error.detail, retry_after=RETRY) from error


def _points(document: Document, chunks: Sequence[Chunk], vectors: Embedded, known: set[UUID]) -> list[Point]:
    """Of chunks that PostgreSQL has as this tenant's."""
    return [
        Point(
            document_id=document.id,
            edition=chunk.edition,
            index=chunk.index,
            vector=vector,
            words=of_passage(chunk.content, document.language),
            payload={
                "chunk_id": str(chunk.id),
                "version": chunk.version,
                "project_id": str(document.owner.project_id),
                "content": chunk.content,
                "filename": document.filename,
                "page_number": chunk.page,
                "document_type": document.file_type,
                "is_active": True,
                "created_at": document.created_at.isoformat(),
                **({"agent_id": str(document.agent_id)} if document.agent_id else {}),
            },
        )
        for chunk, vector in zip(chunks, vectors.vectors, strict=True)
        if chunk.id in known
    ]


def _keys(scope: TenantScope) -> tuple[UUID, str]:
    return scope.organization_id, scope.tenant_id
