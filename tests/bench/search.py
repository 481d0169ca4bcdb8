"""`POST /rag/query` over many chunks: one question at a time over a kept connection, from the request to the whole answer, with the
built-in embedding and answerer. The reference is the goal.

BENCH_SHORT=1 takes few chunks, which only shows that the benchmark runs.
"""

import asyncio
import json
import os
import random
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

import asyncpg
import msgspec

from atende.outbound.hashed import vector
from tests.bench.growth import line
from tests.bench.load import post
from tests.bench.measure import Figures, Rounds, Row, percentile
from tests.bench.product import Told, product
from tests.bench.setting import Place, databases, place
from tests.reading.prose import Prose

SHORT = bool(os.environ.get("BENCH_SHORT"))
CHUNKS, QUESTIONS = (400, 20) if SHORT else (50_000, 200)
GOAL = 25.0
"""Milliseconds, of the question in the middle."""
PER_DOCUMENT = 100
_WORDS = 20_000
_SYLLABLES = [first + second for first in "bcdfglmnprstv" for second in "aeiou"]
_TABLES = ("chunk", "passage", "passage_vector")
_DOCUMENTS = """
INSERT INTO document (id, organization_id, project_id, tenant_id, filename, file_type, size, sha256, blob_key, status, version,
  edition, live_edition, chunk_count, language, details, created_at, processed_at)
SELECT gen_random_uuid(), $1, $2, $3, n || '.txt', 'txt', 1000, '', n::text, 'processed', 1, 1, 1, $5, 'pt', '{}', now(), now()
FROM generate_series(1, $4::int) n RETURNING id
"""
_CHUNKS = """
INSERT INTO chunk (id, organization_id, tenant_id, document_id, version, edition, index, content, tokens)
SELECT gen_random_uuid(), $1, $2, ($3::uuid[])[1 + (n - 1) / $4], 1, 1, (n - 1) % $4, content, 500
FROM unnest($5::text[]) WITH ORDINALITY t (content, n)
"""
_PASSAGES = """
INSERT INTO passage (chunk_id, organization_id, tenant_id, document_id, edition, words)
SELECT id, organization_id, tenant_id, document_id, edition, to_tsvector('public.atende_pt', content) FROM chunk
"""
_VECTORS = """
INSERT INTO passage_vector (chunk_id, organization_id, tenant_id, document_id, edition, model, dimension, embedding)
SELECT id, organization_id, tenant_id, document_id, edition, 'hashed-384', 384, $2::text::vector FROM chunk WHERE content = $1
"""
_INDEX = "CREATE INDEX passage_vector_384 ON passage_vector USING hnsw ((embedding::vector(384)) vector_cosine_ops) WHERE dimension = 384"


def texts(count: int) -> list[str]:
    """Chunks of about 500 tokens, of sentences that people wrote and of words as rare as they are in a language; each is another one."""
    prose, chosen = Prose(5), random.Random(5)
    words = ["".join(chosen.choice(_SYLLABLES) for _ in range(chosen.randint(2, 4))) for _ in range(_WORDS)]
    rarity = [1 / (n + 10) for n in range(_WORDS)]
    made = []
    for n in range(count):
        rare = chosen.choices(words, rarity, k=70)
        made.append(f"{prose.paragraph(12)} O {rare[0]} {rare[1]} custa {n} reais em {rare[2]}. {' '.join(rare)}.")
    return made


def questions(of: list[str]) -> Iterator[str]:
    """Each asks for what stands in one of the chunks."""
    chosen = random.Random(6)
    for content in chosen.sample(of, QUESTIONS):
        about = content.rpartition(" O ")[2].split()
        yield f"Quanto custa o {about[0]} {about[1]}?" if chosen.random() < 0.5 else f"{content.split('.')[0]}?"


async def fill(where: Place, contents: list[str]) -> None:
    owner = where.tenant.owner
    admin = await asyncpg.connect(where.urls.admin)
    loop = asyncio.get_running_loop()
    try:
        with ProcessPoolExecutor(2) as pool:
            vectors = await loop.run_in_executor(None, lambda: list(pool.map(_literal, contents, chunksize=500)))
        await admin.execute("DROP INDEX passage_vector_384; SET maintenance_work_mem = '256MB'")
        mine = owner.organization_id, owner.tenant_id
        wanted = (
            owner.organization_id,
            owner.project_id,
            owner.tenant_id,
            -(-len(contents) // PER_DOCUMENT),
            PER_DOCUMENT,
        )
        documents = [row["id"] for row in await admin.fetch(_DOCUMENTS, *wanted)]
        await admin.execute(_CHUNKS, *mine, documents, PER_DOCUMENT, contents)
        await admin.execute("CREATE INDEX bench_content ON chunk USING hash (content)")
        await admin.execute(_PASSAGES)
        await admin.executemany(_VECTORS, list(zip(contents, vectors, strict=True)))
        await admin.execute("DROP INDEX bench_content")
        await admin.execute(_INDEX)
        await admin.execute("VACUUM ANALYZE")
    finally:
        await admin.close()


def _literal(text: str) -> str:
    return msgspec.json.encode(vector(text)).decode()


async def measure(rounds: int) -> list[Row]:
    contents = texts(CHUNKS)
    asked = list(questions(contents))
    seen: list[Figures] = []
    async with databases() as made, place(made, granted=1_000_000) as where:
        began = time.perf_counter()
        await fill(where, contents)
        print(f"  {CHUNKS:,} chunks are there after {time.perf_counter() - began:.1f} s", flush=True)
        async with product(Told(where.urls.app)) as (_, port), line(port) as ask:
            for number in range(rounds + 1):
                taken = [await ask(_query(question, where)) for question in asked]
                if number:  # the first round warms up
                    seen.append({"p50": percentile(taken, 0.5) * 1e3, "p95": percentile(taken, 0.95) * 1e3})
    found = Rounds({"ours": seen, "goal": [{"p50": GOAL, "p95": GOAL}] * len(seen)})
    return [
        found.compare(f"search.{figure} at {CHUNKS:,} chunks", "ours", "goal", figure=figure, unit="ms, goal of p50")
        for figure in ("p50", "p95")
    ]


def _query(question: str, where: Place) -> bytes:
    body = json.dumps({"query": question}).encode()
    return post("/api/v1/rag/query", body, {"X-API-Key": where.tenant.api_key})
