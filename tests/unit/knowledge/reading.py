"""Documents of the tests, read, cut and searched as the product does it, in memory."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from atende.core.knowledge.chunking import chunk
from atende.core.knowledge.extracted import Extracted
from atende.core.knowledge.model import Draft, Passage, Question, Said
from atende.core.knowledge.relevance import relevance
from atende.outbound.extraction.formats import read
from atende.outbound.extractive.answerer import extract
from atende.outbound.hashed import vector

HERE = Path(__file__).parent
DEMO = HERE.parents[2] / "docs" / "demo"
MIN_SCORE = 0.7
TOP = 5


@dataclass(frozen=True)
class Row:
    id: str
    docs: str
    lang: str
    question: str
    expect: tuple[str, ...]
    history: tuple[str, ...] = ()


def rows(name: str = "dev") -> list[Row]:
    """Questions with what a right answer must hold; nothing to hold means that the documents do not say.

    `dev` was tuned on (its even rows first), `fresh` after a first measurement, `unseen` was written last, for measuring.
    """
    lines = (HERE / f"{name}_questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [_row(json.loads(line)) for line in lines]


def _row(fields: dict[str, Any]) -> Row:
    return Row(**fields | {"expect": tuple(fields["expect"]), "history": tuple(fields.get("history", ()))})


def files(docs: str) -> list[Path]:
    return (
        sorted(p for p in DEMO.iterdir() if p.suffix != ".json")
        if docs == "demo"
        else list(HERE.glob(f"corpus/{docs}.*"))
    )


@cache
def passages_of(docs: str) -> tuple[Passage, ...]:
    found: list[Passage] = []
    for path in files(docs):
        found_in = read(path.read_bytes(), path.suffix[1:])
        for piece in chunk(Extracted(tuple(found_in.pages), has_pages=found_in.has_pages)):
            found.append(passage(path.name, piece.content, number=len(found), page=piece.page))
    return tuple(found)


def passage(name: str, content: str, *, number: int = 0, page: int | None = None, score: float = 0.9) -> Passage:
    return Passage(
        chunk_id=UUID(int=number + 1), document_id=UUID(int=10_000 + sum(name.encode())), document_name=name, version=1,
        index=number, content=content, score=score, page=page,
    )  # fmt: skip


def search(docs: str, text: str, language: str) -> list[Passage]:
    """The best passages by the same scale that the product filters by."""
    asked = vector(text)
    scored = []
    for one in passages_of(docs):
        cosine = sum(a * b for a, b in zip(asked, vector(one.content), strict=True))
        score = relevance(question=text, passage=one.content, cosine=cosine, model="hashed-384", language=language)
        scored.append((score, one))
    scored.sort(key=lambda pair: -pair[0])
    return [one for score, one in scored[:TOP] if score >= MIN_SCORE]


def draft(row: Row, passages: Sequence[Passage] | None = None) -> tuple[Draft, Sequence[Passage]]:
    text = "\n".join([*row.history[-1:], row.question]) if len(row.question) < 40 else row.question
    found = search(row.docs, text, row.lang) if passages is None else passages
    said = tuple(Said(by_customer=True, text=line) for line in row.history)
    return extract(Question(text=row.question, language=row.lang, passages=tuple(found), history=said)), found


def verdict(row: Row, answer: str) -> str:
    """right, wrong (it says something that does not answer), silent (it should have spoken), abstained (rightly)."""
    if not answer:
        return "silent" if row.expect else "abstained"
    if not row.expect:
        return "wrong"
    plain = " ".join(answer.split())
    return "right" if all(any(option in plain for option in wanted.split("|")) for wanted in row.expect) else "wrong"
