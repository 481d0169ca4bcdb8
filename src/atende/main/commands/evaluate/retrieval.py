"""`atende eval retrieval`: measures the search index on given paragraphs and questions."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from dishka import AsyncContainer

from atende.core.kernel import Ids, Invalid, Owner, Transaction
from atende.core.knowledge.chunking import chunk
from atende.core.knowledge.document import Chunk, Document, DocumentStatus
from atende.core.knowledge.evaluate_retrieval import MOST_RANKED, Paragraph, Ranking, RetrievalQuestion, score
from atende.core.knowledge.extracted import Extracted
from atende.core.knowledge.model import Embedded
from atende.core.knowledge.ports import Documents, Embedding, Passages
from atende.core.language.detect import guess_language
from atende.core.language.text import normalise
from atende.core.tenancy.found_organization import FoundOrganization
from atende.main.commands.evaluate.closure import read_rows, write_rows
from atende.main.commands.evaluate.report import beside
from atende.main.commands.evaluate.retrieval_report import report
from atende.main.commands.installation import say
from atende.main.processes.embedded import embedded_database
from atende.main.providers.container import make_container
from atende.main.settings import Settings

INDEX_BATCH = 500
"""Paragraphs that become one document."""
ASK_BATCH = 100
"""Texts that are embedded together."""
AT_ONCE = 4
"""Searches under way at a time: more would only wait for one another."""


async def retrieval(settings: Settings, *, paragraphs: Path, questions: Path, out: Path | None) -> None:
    """Searches the paragraphs with the product's own index, in a temporary database, for every question."""
    texts, asked = read_rows(paragraphs, Paragraph.of), read_rows(questions, RetrievalQuestion.of)
    known = {paragraph.id for paragraph in texts}
    if len(known) < len(texts):
        raise Invalid(f"{paragraphs}: two paragraphs have the same id")
    async with AsyncExitStack() as stack:
        say("starting PostgreSQL")
        # The collection of an installation is not the place for an experiment.
        settings = await stack.enter_async_context(embedded_database(replace(settings, qdrant_url=""), keep=False))
        container = make_container(settings)
        stack.push_async_callback(container.close)
        began = time.monotonic()
        shelf = await _Shelf.of(container)
        await shelf.fill(texts)
        say(f"{len(texts)} paragraphs indexed in {time.monotonic() - began:.1f} s")
        began = time.monotonic()
        rankings = await shelf.search(asked)
        each = (time.monotonic() - began) / max(1, len(asked)) * 1_000
    write_rows([ranking.row for ranking in rankings], out)
    if (file := beside(out)) is not None:
        known_texts = {one.id: f"{one.title}\n{one.text}".strip() for one in texts}
        report(rankings, known_texts, embedding=shelf.embedding.model, each=each).write(file)
        say(f"report: {file}")
    figures = score(rankings)
    print(
        f"{figures}, {each:.1f} ms per question" if figures else f"{len(asked)} questions, {each:.1f} ms per question"
    )


@dataclass(slots=True)
class _Shelf:
    """Paragraphs as the passages of one tenant. A long one is several passages; the best of them counts."""

    container: AsyncContainer
    owner: Owner
    ids: Ids
    embedding: Embedding
    passages: Passages
    paragraph_of: dict[UUID, str]
    split: bool = False

    @classmethod
    async def of(cls, container: AsyncContainer) -> "_Shelf":
        async with container() as scope:
            project = await (await scope.get(FoundOrganization))(name="Evaluation", slug="evaluation")
        embedding, passages = await container.get(Embedding), await container.get(Passages)
        return cls(container, project.owner, await container.get(Ids), embedding, passages, {})

    async def fill(self, paragraphs: Sequence[Paragraph]) -> None:
        texts = [(one.id, normalise(f"{one.title}\n{one.text}")) for one in paragraphs]
        usual = guess_language(" ".join(text for _, text in texts[:200]), "pt")
        by_language: dict[str, list[tuple[str, str]]] = {}
        for paragraph_id, text in texts:
            by_language.setdefault(guess_language(text, usual), []).append((paragraph_id, text))
        batches = [
            (language, rows[start : start + INDEX_BATCH])
            for language, rows in by_language.items()
            for start in range(0, len(rows), INDEX_BATCH)
        ]
        done = 0
        for language, batch in batches:
            await self._index(batch, language)
            done += len(batch)
            _progress("indexing", done, len(texts), step=INDEX_BATCH)

    async def _index(self, batch: Sequence[tuple[str, str]], language: str) -> None:
        document = self._document(language)
        chunks: list[Chunk] = []
        for paragraph_id, text in batch:
            pieces = chunk(Extracted((text,), has_pages=False))
            self.split = self.split or len(pieces) > 1
            for piece in pieces:
                made = Chunk(
                    id=self.ids.new(),
                    document_id=document.id,
                    version=document.version,
                    index=len(chunks),
                    content=piece.content,
                    tokens=piece.tokens,
                )
                self.paragraph_of[made.id] = paragraph_id
                chunks.append(made)
        if not chunks:
            return
        vectors = await self._embed([piece.content for piece in chunks])
        async with self.container() as scope:
            documents, transaction = await scope.get(Documents), await scope.get(Transaction)
            async with transaction(self.owner.scope):
                await documents.add(document)
                await documents.save(document, chunks)
        await self.passages.index(self.owner, document, chunks, vectors)

    def _document(self, language: str) -> Document:
        now = datetime.now(UTC)
        return Document(
            id=self.ids.new(),
            owner=self.owner,
            filename="paragraphs.txt",
            file_type="txt",
            size=0,
            sha256="",
            blob_key="none",
            created_at=now,
            status=DocumentStatus.PROCESSED,
            processed_at=now,
            language=language,
            edition=1,
            live_edition=1,
        )

    async def _embed(self, texts: Sequence[str]) -> Embedded:
        made = [
            await self.embedding.embed(texts[start : start + ASK_BATCH]) for start in range(0, len(texts), ASK_BATCH)
        ]
        return Embedded(tuple(vector for one in made for vector in one.vectors), made[0].usage)

    async def search(self, questions: Sequence[RetrievalQuestion]) -> list[Ranking]:
        rankings: list[Ranking] = []
        turns = asyncio.Semaphore(AT_ONCE)
        for start in range(0, len(questions), ASK_BATCH):
            batch = questions[start : start + ASK_BATCH]
            vectors = (await self.embedding.embed([normalise(one.question) for one in batch], asking=True)).vectors
            rankings += await asyncio.gather(
                *(self._rank(one, vector, turns) for one, vector in zip(batch, vectors, strict=True))
            )
            _progress("searching", len(rankings), len(questions), step=ASK_BATCH)
        return rankings

    async def _rank(self, question: RetrievalQuestion, vector: Sequence[float], turns: asyncio.Semaphore) -> Ranking:
        limit = MOST_RANKED * 2 if self.split else MOST_RANKED
        async with turns:
            found = await self.passages.search(
                self.owner.scope, text=normalise(question.question), vector=vector, limit=limit
            )
        best = dict.fromkeys(self.paragraph_of[passage.chunk_id] for passage in found)
        return Ranking(question, tuple(best)[:MOST_RANKED])


def _progress(what: str, done: int, total: int, *, step: int) -> None:
    """About ten lines in all."""
    tenth = max(1, total // 10)
    if done == total or done // tenth > (done - step) // tenth:
        say(f"{what}: {done} of {total}")
