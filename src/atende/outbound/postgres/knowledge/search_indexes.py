"""Of which embedding the index of each tenant is, in PostgreSQL, and what an index lacks."""

import time
from uuid import UUID

import asyncpg

from atende.core.kernel import NotFound, TenantScope
from atende.core.knowledge.document import Chunk, Document
from atende.core.knowledge.ports import IndexNames, Lacking, SearchIndexes
from atende.core.knowledge.search_index import SearchIndex, Space
from atende.core.ttl_cache import TtlCache
from atende.outbound.postgres.base import to_values
from atende.outbound.postgres.records import WITHIN, as_json, entity, read, scope_of
from atende.outbound.postgres.transaction import scoped
from atende.outbound.postgres.unit import Unit

_FIND = f"SELECT to_json(s)::text FROM search_index s WHERE {WITHIN}"
_LIVE_NAME = f"SELECT model, dimension FROM search_index WHERE {WITHIN}"
_ADD = "INSERT INTO search_index SELECT s.* FROM json_populate_record(NULL::search_index, $1) s ON CONFLICT DO NOTHING"
_SAVE = """
UPDATE search_index t SET model = s.model, dimension = s.dimension, changed_at = s.changed_at, beside = s.beside,
  beside_model = s.beside_model, beside_dimension = s.beside_dimension, after = s.after, gate = s.gate, keep_days = s.keep_days,
  trials = s.trials, total = s.total, done = s.done, spent = s.spent, comparison = s.comparison, error = s.error,
  kept_until = s.kept_until, hold_id = s.hold_id
FROM json_populate_record(NULL::search_index, $1) s WHERE t.organization_id = s.organization_id AND t.tenant_id = s.tenant_id
"""
_EMBEDDED = """
SELECT count(*) FROM passage_vector
WHERE organization_id = $1 AND tenant_id = $2 AND document_id = $3 AND edition = $4 AND model = $5 AND dimension = $6
"""
_LIVE = """
FROM document d JOIN chunk c ON c.tenant_id = d.tenant_id AND c.document_id = d.id AND c.edition = d.live_edition
WHERE d.organization_id = $1 AND d.tenant_id = $2 AND d.status <> 'deleted'
"""
_WITHOUT = """
NOT EXISTS (SELECT FROM passage_vector v WHERE v.chunk_id = c.id AND v.model = $3 AND v.dimension = $4)
"""
_LACKING = f"""
SELECT count(*) FILTER (WHERE lacks), count(*), coalesce(sum(tokens) FILTER (WHERE lacks), 0)::bigint
FROM (SELECT c.tokens, {_WITHOUT} AS lacks {_LIVE}) all_of_them
"""
_NEXT = f"""
SELECT to_json(d)::text AS document, to_json(c)::text AS chunk {_LIVE} AND d.id >= $5 AND {_WITHOUT}
ORDER BY d.id, c.index LIMIT $6
"""
_QUESTIONS = f"""
SELECT question FROM (
  SELECT question, max(created_at) AS asked_at FROM (
    SELECT question, created_at FROM answer WHERE {WITHIN} AND outcome <> 'courtesy' ORDER BY created_at DESC LIMIT 1000
  ) last GROUP BY question
) each ORDER BY asked_at DESC LIMIT $3
"""


class PostgresSearchIndexes(SearchIndexes):
    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def find(self, scope: TenantScope) -> SearchIndex | None:
        return await self._one(_FIND, scope)

    async def begin(self, index: SearchIndex) -> SearchIndex:
        await self._unit.connection.execute(_ADD, as_json(to_values(index)))
        return await self.share(index.scope)

    async def share(self, scope: TenantScope) -> SearchIndex:
        return _there(await self._one(f"{_FIND} FOR SHARE", scope))

    async def lock(self, scope: TenantScope) -> SearchIndex:
        return _there(await self._one(f"{_FIND} FOR UPDATE", scope))

    async def save(self, index: SearchIndex) -> None:
        await self._unit.connection.execute(_SAVE, as_json(to_values(index)))

    async def embedded(self, document: Document, space: Space) -> int:
        keys = (*scope_of(document.scope), document.id, document.edition, space.model, space.dimension)
        return int(await self._unit.connection.fetchval(_EMBEDDED, *keys))

    async def lacking(self, scope: TenantScope, space: Space) -> Lacking:
        row = await self._unit.connection.fetchrow(_LACKING, *scope_of(scope), space.model, space.dimension)
        assert row is not None, "it counts"
        return Lacking(*row)

    async def next_lacking(
        self, scope: TenantScope, space: Space, *, behind: UUID, limit: int
    ) -> list[tuple[Document, list[Chunk]]]:
        asked = (*scope_of(scope), space.model, space.dimension, behind, limit)
        found: dict[UUID, tuple[Document, list[Chunk]]] = {}
        for row in await self._unit.connection.fetch(_NEXT, *asked):
            chunk = entity(read(row["chunk"]), Chunk)
            if chunk.document_id not in found:
                found[chunk.document_id] = entity(read(row["document"]), Document), []
            found[chunk.document_id][1].append(chunk)
        return list(found.values())

    async def questions(self, scope: TenantScope, *, limit: int) -> list[str]:
        return [row["question"] for row in await self._unit.connection.fetch(_QUESTIONS, *scope_of(scope), limit)]

    async def _one(self, query: str, scope: TenantScope) -> SearchIndex | None:
        found = await self._unit.connection.fetchval(query, *scope_of(scope))
        return entity(read(found), SearchIndex) if found else None


def _there(found: SearchIndex | None) -> SearchIndex:
    if found is None:
        raise NotFound("this project has no document yet, and so no index")
    return found


class PostgresIndexNames(IndexNames):
    """Remembered for `kept` seconds: every question asks for it, and it changes once in a year."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", *, kept: float) -> None:
        self._pool = pool
        self._known: TtlCache[tuple[UUID, str], Space | None] = TtlCache(kept, time.monotonic)

    async def live(self, scope: TenantScope) -> Space | None:
        async def load() -> Space | None:
            async with scoped(self._pool, TenantScope(*scope_of(scope))) as connection:
                row = await connection.fetchrow(_LIVE_NAME, *scope_of(scope))
            return Space(row["model"], row["dimension"]) if row else None

        return await self._known.get(scope_of(scope), load)
