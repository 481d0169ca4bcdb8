"""What meaning and words find together, beside what each finds alone: own sets, the model of the extra `semantic`, both stores."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from atende.core.knowledge.model import Embedded, Usage
from atende.core.knowledge.ports import Passages
from atende.core.language.detect import guess_language
from atende.outbound import passage_rows
from atende.outbound.pgvector import PgvectorPassages
from atende.outbound.postgres.transaction import scoped
from atende.outbound.semantic import DIMENSION, MODEL, SemanticEmbedding
from tests.contract.knowledge.test_documents import make_chunks, make_document
from tests.vector_stores import IN_PROCESS, POSTGRES, open_store
from tests.world import Tenant, World

SETS = Path(__file__).parent
Ranks = dict[str, list[int | None]]


def _rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SETS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


@dataclass(slots=True)
class Shelf:
    """The paragraphs of some languages as one tenant's passages."""

    world: World
    tenant: Tenant
    passages: Passages
    embedding: SemanticEmbedding
    names: dict[UUID, str]
    vectors: dict[str, Sequence[float]]

    async def fill(self, languages: Sequence[str]) -> None:
        rows = [row for row in _rows("paragraphs") if row["id"][:2] in languages]
        for language in languages:
            texts = {row["id"]: f"{row['title']}\n{row['text']}" for row in rows if row["id"][:2] == language}
            document = make_document(self.world, self.tenant, language=language)
            chunks = make_chunks(self.world, document, *texts.values())
            async with self.world.begin(self.tenant.scope) as at:
                await at.documents.add(document)
                document.process()
                document.was_read(cut=len(chunks), language=language, details={})
                document.publish(self.world.now())
                await at.documents.save(document, chunks)
            made = (await self.embedding.embed(list(texts.values()))).vectors
            await self.passages.index(self.tenant.owner, document, chunks, Embedded(made, Usage()))
            self.names |= {chunk.id: name for chunk, name in zip(chunks, texts, strict=True)}
            self.vectors |= dict(zip(texts, made, strict=True))

    async def ask(self, name: str, of: Sequence[str]) -> dict[str, Ranks]:
        """The places of the right paragraph, by language of the question: together, by meaning alone, by words alone."""
        found: dict[str, Ranks] = {"together": {}, "meaning": {}, "words": {}}
        for row in _rows(name):
            language, gold = row["id"][:2], row["gold_paragraph_id"]
            if language not in of:
                continue
            (vector,) = (await self.embedding.embed([row["question"]], asking=True)).vectors
            together = await self.passages.search(self.tenant.scope, text=row["question"], vector=vector, limit=10)
            async with scoped(self.world.pool, self.tenant.scope) as connection:
                worded = await passage_rows.search_words(connection, row["question"])
            near = {name: sum(a * b for a, b in zip(vector, one, strict=True)) for name, one in self.vectors.items()}
            orders = {
                "together": [self.names[passage.chunk_id] for passage in together],
                "meaning": sorted(near, key=lambda name: -near[name]),
                "words": [self.names[chunk_id] for chunk_id in worded],
            }
            for leg, order in orders.items():
                found[leg].setdefault(language, []).append(order.index(gold) if gold in order else None)
        return found


def recall(places: Sequence[int | None], at: int) -> float:
    return sum(1 for place in places if place is not None and place < at) / len(places)


@pytest_asyncio.fixture(params=[POSTGRES, IN_PROCESS])
async def shelf(request: pytest.FixtureRequest, world: World, shop: Tenant, tmp_path: Path) -> AsyncIterator[Shelf]:
    embedding = SemanticEmbedding()
    if request.param == POSTGRES:
        yield Shelf(world, shop, PgvectorPassages(world.pool, model=MODEL, dimension=DIMENSION), embedding, {}, {})
    else:
        async with open_store(request.param, tmp_path) as store:
            yield Shelf(world, shop, store.passages(world, model=MODEL, dimension=DIMENSION), embedding, {}, {})
    await embedding.close()


async def test_together_they_find_more_than_each_alone(shelf: Shelf) -> None:
    """Paraphrases in three languages, all paragraphs in one index."""
    await shelf.fill(["pt", "en", "es"])
    found = await shelf.ask("questions", ["pt", "en", "es"])
    floors = {"pt": (0.87, 0.97), "en": (0.68, 0.95), "es": (0.6, 0.95)}
    for language, (first, five) in floors.items():
        together = {at: recall(found["together"][language], at) for at in (1, 5)}
        assert together[1] >= first
        assert together[5] >= five
        assert together[1] > recall(found["meaning"][language], 1) > recall(found["words"][language], 1)
        assert together[5] > recall(found["words"][language], 5)


async def test_plain_questions_are_all_found(shelf: Shelf) -> None:
    await shelf.fill(["pt", "en", "es"])
    found = (await shelf.ask("plain", ["pt", "en", "es"]))["together"]
    assert {language: recall(places, 1) for language, places in found.items()} == {"pt": 1.0, "en": 1.0, "es": 1.0}


async def test_spanish_questions_reach_english_documents(shelf: Shelf) -> None:
    await shelf.fill(["en"])
    found = await shelf.ask("cross_language", ["es"])
    assert recall(found["together"]["es"], 1) >= 0.82
    assert recall(found["together"]["es"], 5) >= 0.97
    assert recall(found["words"]["es"], 5) < 0.3, "words alone do not"


def test_the_language_of_the_sets_is_what_it_seems() -> None:
    wrong = [row["id"] for row in _rows("plain") if guess_language(row["question"], "pt") != row["id"][:2]]
    assert len(wrong) <= 2
