"""What every search index keeps in PostgreSQL: the words of the passages, and which of them may be found."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias
from uuid import UUID

import asyncpg
import msgspec

from atende.core.kernel import Owner, TenantScope
from atende.core.knowledge.document import Chunk, Document
from atende.core.knowledge.fusion import best_first
from atende.core.knowledge.model import Found, Passage
from atende.core.knowledge.query import read_query
from atende.core.knowledge.relevance import standing

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
POOL = 1_000
"""Passages that the full-text search scores, chosen by the rarest words of the question."""
LEG = 40
"""Results of each search that are fused."""
MEANING, MEANING_HASHED = 1.0, 0.3
"""Weight of the vector search; the full-text search has 1. Hashed vectors have less, because they only represent words."""

LIVE = """
FROM passage p JOIN chunk c ON c.tenant_id = p.tenant_id AND c.id = p.chunk_id
JOIN document d ON d.tenant_id = p.tenant_id AND d.id = p.document_id AND d.live_edition = p.edition
  AND d.status <> 'deleted'
WHERE p.organization_id = $1 AND p.tenant_id = $2 AND ($3::uuid IS NULL OR d.agent_id IS NULL OR d.agent_id = $3)
"""
"""Passages that may be found: of this tenant, and of the live edition of a document."""
WORDED = """
SELECT coalesce(json_agg(json_build_array(chunk_id, score)), '[]')::text FROM search_words({}, {}, {}, {}::int)
"""
FIELDS = "p.chunk_id, p.document_id, d.filename, c.version, d.language, c.index, c.content, c.page"

_INDEX = """
INSERT INTO passage (chunk_id, organization_id, tenant_id, document_id, edition, words)
SELECT c.id, $1, $2, c.document_id, c.edition, to_tsvector($3::regconfig, c.content)
FROM unnest($4::uuid[]) AS i (id) JOIN chunk c ON c.tenant_id = $2 AND c.id = i.id
ON CONFLICT (chunk_id) DO NOTHING
"""
_VECTORS = """
INSERT INTO passage_vector (chunk_id, organization_id, tenant_id, document_id, edition, model, dimension, embedding)
SELECT p.chunk_id, $1, $2, p.document_id, p.edition, $3, $4, i.embedding::vector
FROM unnest($5::uuid[], $6::text[]) AS i (id, embedding)
JOIN passage p ON p.organization_id = $1 AND p.tenant_id = $2 AND p.chunk_id = i.id
ON CONFLICT (chunk_id, model, dimension) DO UPDATE SET embedding = excluded.embedding
"""
_REMOVE = """
WITH gone AS (DELETE FROM passage_vector WHERE organization_id = $1 AND tenant_id = $2 AND document_id = $3)
DELETE FROM passage WHERE organization_id = $1 AND tenant_id = $2 AND document_id = $3
"""
_CLEAR = """
DELETE FROM passage_vector WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM passage_vector WHERE organization_id = $1 AND tenant_id = $2 AND model = $3 AND dimension = $4 LIMIT 5000
))
"""
_WORDED = WORDED.format("$1", "$2", "$3", "$4")
_FOUND = f"SELECT {FIELDS} {LIVE} AND p.chunk_id = ANY ($4)"
_BY_WORDS = "hashed"
"""The scale of scores that words alone reach."""
_worded = msgspec.json.Decoder(list[tuple[UUID, float]])


async def put(connection: Connection, owner: Owner, document: Document, chunks: Sequence[Chunk]) -> None:
    """Adds the words of these chunks. What a chunk says never changes: one that is there already stays as it is."""
    scope, ids = owner.scope, [chunk.id for chunk in chunks]
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"index:{scope.tenant_id}")
    language = f"public.atende_{document.language}"
    await connection.execute(_INDEX, scope.organization_id, scope.tenant_id, language, ids)


async def put_vectors(
    connection: Connection,
    scope: TenantScope,
    chunks: Sequence[Chunk],
    *,
    model: str,
    dimension: int,
    literals: Sequence[str | None],
) -> None:
    """Adds the vectors of this embedding to chunks that are here, or replaces them; those of others stay. `literals`: the vectors
    as text, or None where another store has them.
    """
    ids = [chunk.id for chunk in chunks]
    await connection.execute(_VECTORS, scope.organization_id, scope.tenant_id, model, dimension, ids, list(literals))


async def remove(connection: Connection, scope: TenantScope, document_id: UUID) -> None:
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"index:{scope.tenant_id}")
    await connection.execute(_REMOVE, scope.organization_id, scope.tenant_id, document_id)


async def clear(connection: Connection, scope: TenantScope, *, model: str, dimension: int) -> bool:
    """Removes some vectors of this embedding. False: there were none."""
    gone = await connection.execute(_CLEAR, scope.organization_id, scope.tenant_id, model, dimension)
    return gone != "DELETE 0"


async def search_words(connection: Connection, text: str) -> dict[UUID, float]:
    """The chunks that share words with the text, of the tenant that the transaction is for, and their scores; best first."""
    query = read_query(text)
    return scores(await connection.fetchval(_WORDED, query.matter, query.related, POOL, LEG))


def scores(text: str) -> dict[UUID, float]:
    """Of the column that `WORDED` makes."""
    return dict(_worded.decode(text))


async def search_by_words(
    connection: Connection, scope: TenantScope, agent_id: UUID | None, text: str, *, limit: int
) -> Found:
    """What words alone find."""
    words = await search_words(connection, text)
    best = list(words)[: candidates(_BY_WORDS, limit)]
    rows = await live(connection, scope, agent_id, best)
    return Found(ordered(rows, text, model=_BY_WORDS, cosines={}, words=words)[:limit], degraded=True)


async def live(
    connection: Connection, scope: TenantScope, agent_id: UUID | None, chunk_ids: Sequence[UUID]
) -> list[asyncpg.Record]:
    """Those of the chunks that may be found, with their texts."""
    return await connection.fetch(_FOUND, scope.organization_id, scope.tenant_id, agent_id, chunk_ids)


def ordered(
    rows: Sequence[asyncpg.Record],
    text: str,
    *,
    model: str,
    cosines: Mapping[UUID, float],
    words: Mapping[UUID, float],
) -> list[Passage]:
    """Best first. `cosines`: the similarity of their vectors to that of the question; a passage without one is judged by words.
    `words`: the scores of the full-text search.
    """
    most = max(words.values(), default=0.0) or 1.0
    found, places = dict[UUID, Passage](), dict[UUID, float]()
    for row in rows:
        chunk_id: UUID = row["chunk_id"]
        score, places[chunk_id] = standing(
            question=text,
            passage=row["content"],
            cosine=cosines.get(chunk_id, 0.0),
            model=model if chunk_id in cosines else _BY_WORDS,
            language=row["language"],
            words=words.get(chunk_id, 0.0) / most,
        )
        found[chunk_id] = Passage(
            chunk_id=chunk_id,
            document_id=row["document_id"],
            document_name=row["filename"],
            version=row["version"],
            index=row["index"],
            content=row["content"],
            page=row["page"],
            score=score,
        )
    return [found[chunk_id] for chunk_id in best_first(places)]


def candidates(model: str, limit: int) -> int:
    """How many of the fused results are judged. A model of meaning and words agree on fewer of them."""
    return limit * (2 if model.startswith(_BY_WORDS) else 4)


def weight_of_meaning(model: str) -> float:
    return MEANING_HASHED if model.startswith(_BY_WORDS) else MEANING
