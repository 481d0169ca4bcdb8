"""`atende eval answers`: measures the answers of the installation on documents and questions with known answers."""

import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

from dishka import AsyncContainer

from atende.core.kernel import Invalid, Owner
from atende.core.knowledge.ask_documents import AskDocuments
from atende.core.knowledge.compose_answer import Ask
from atende.core.knowledge.evaluate_answers import AnswerQuestion, Judged, judge
from atende.core.knowledge.model import Outcome
from atende.core.knowledge.ports import Embedding
from atende.core.language.detect import guess_language
from atende.main.commands.evaluate.answers_report import lines, report
from atende.main.commands.evaluate.closure import read_rows, write_rows
from atende.main.commands.evaluate.report import beside
from atende.main.commands.ingest import take
from atende.main.commands.installation import say
from atende.main.processes.embedded import embedded_database
from atende.main.providers.container import make_container
from atende.main.seeding import seed_tenant
from atende.main.settings import Settings

QUESTIONS = "questions.jsonl"
_NOT_DOCUMENTS = {".jsonl", ".html"}


async def answers(settings: Settings, folders: Sequence[Path], *, out: Path | None) -> None:
    """Each folder is a tenant of its own, in a temporary database: its documents, and questions about them."""
    sets = [(folder, read_rows(_questions(folder), AnswerQuestion.of), _documents(folder)) for folder in folders]
    judged: list[Judged] = []
    async with AsyncExitStack() as stack:
        say("starting PostgreSQL")
        settings = await stack.enter_async_context(embedded_database(replace(settings, qdrant_url=""), keep=False))
        container = make_container(settings)
        stack.push_async_callback(container.close)
        spent = 0.0
        for number, (folder, questions, documents) in enumerate(sets, start=1):
            language = guess_language(" ".join(file.read_text("utf-8", "replace") for file in documents), "pt")
            tenant = await seed_tenant(
                container, name=folder.name, slug=f"evaluation-{number}", agent=folder.name, language=language
            )
            await take(container, tenant.owner, documents, language=language)
            began = time.monotonic()
            judged += [judge(one, await _answer(container, settings, tenant.owner, one, language)) for one in questions]
            spent += time.monotonic() - began
            say(f"{folder.name}: {len(questions)} questions")
        embedding = (await container.get(Embedding)).model
    write_rows([one.row for one in judged], out)
    if (file := beside(out)) is not None:
        report(judged, embedding=embedding, each=1_000 * spent / len(judged)).write(file)
        say(f"report: {file}")
    print("\n".join(lines(judged)))


async def _answer(
    container: AsyncContainer, settings: Settings, owner: Owner, one: AnswerQuestion, language: str
) -> str:
    """What was answered, without the lines that name the sources; empty if nothing was found."""
    async with container() as scope:
        asked = Ask(
            owner=owner,
            text=one.question,
            language=guess_language(one.question, language),
            history=one.history,
            min_score=settings.turn_min_score,
        )
        answer = await (await scope.get(AskDocuments))(asked)
    if answer.outcome is not Outcome.ANSWERED:
        return ""
    return "\n".join(sentence.text for sentence in answer.sentences)


def _questions(folder: Path) -> Path:
    file = folder / QUESTIONS
    if not file.is_file():
        raise Invalid(f"{folder} has no {QUESTIONS}")
    return file


def _documents(folder: Path) -> list[Path]:
    found = sorted(file for file in folder.iterdir() if file.is_file() and file.suffix not in _NOT_DOCUMENTS)
    if not found:
        raise Invalid(f"{folder} has no documents")
    return found
