"""Judging answers: whether they say what was asked, and whether they keep silent where the documents do."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from atende.core.kernel import Invalid
from atende.core.knowledge.model import Said
from atende.core.language.text import fold

_MARKUP = re.compile(r"[*_`|\\]+")
_SPACES = re.compile(r"\s+")
_CURRENCY = re.compile(r"(r\$|us\$|[$€£]) (?=\d)")


class Verdict(StrEnum):
    """Of an answerable question: RIGHT with all its facts, PARTIAL with some, WRONG with none, DECLINED without an answer.

    Of an unanswerable one: ABSTAINED, or WRONG if something was answered.
    """

    RIGHT = "right"
    PARTIAL = "partial"
    WRONG = "wrong"
    DECLINED = "declined"
    ABSTAINED = "abstained"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerQuestion:
    """A question with the facts that a right answer holds, each in one of several spellings; none if it has no answer."""

    id: str
    question: str
    language: str
    kind: str
    facts: tuple[tuple[str, ...], ...]
    quotes: tuple[str, ...] = ()
    history: tuple[Said, ...] = ()

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "AnswerQuestion":
        """From `{"id", "lang", "kind", "question", "facts", "quotes"?, "history"?, "answerable"?}`. Raises Invalid."""
        facts = tuple(tuple(_texts(fact, "facts")) for fact in _list(row, "facts"))
        if any(not fact for fact in facts):
            raise Invalid("each of the 'facts' must be a list with at least one spelling")
        if row.get("answerable", bool(facts)) is not bool(facts):
            raise Invalid("'answerable' must be true with facts, and false without")
        return cls(
            id=_text(row, "id"),
            question=_text(row, "question"),
            language=_text(row, "lang"),
            kind=_text(row, "kind"),
            facts=facts,
            quotes=tuple(_texts(row.get("quotes", []), "quotes")),
            history=tuple(_said(one) for one in _list(row, "history")),
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """A question and what was answered; `answer` is empty if nothing was found."""

    question: AnswerQuestion
    answer: str
    verdict: Verdict

    @property
    def row(self) -> dict[str, Any]:
        return {"id": self.question.id, "verdict": self.verdict.value, "answer": self.answer}


def judge(question: AnswerQuestion, answer: str) -> Judged:
    """By the facts alone: an answer may say more, and in other words."""
    if not answer:
        return Judged(question, answer, Verdict.DECLINED if question.facts else Verdict.ABSTAINED)
    said = _plain(answer)
    held = sum(any(_says(said, spelling) for spelling in fact) for fact in question.facts)
    if not held:
        return Judged(question, answer, Verdict.WRONG)
    return Judged(question, answer, Verdict.RIGHT if held == len(question.facts) else Verdict.PARTIAL)


def count(judged: Sequence[Judged], verdict: Verdict) -> int:
    return sum(1 for one in judged if one.verdict is verdict)


def _says(said: str, fact: str) -> bool:
    """Whether the fact is in it, not as a part of a longer word or number: `R$ 8` is not in `R$ 80`, nor in `R$ 8,50`."""
    return re.search(rf"(?<!\w)(?<!\d[.,:/]){re.escape(_plain(fact))}(?!\w)(?![.,:/]\d)", said) is not None


def _plain(text: str) -> str:
    """Without accents, case, marks of Markdown and differences of spacing."""
    return _CURRENCY.sub(r"\1", _SPACES.sub(" ", _MARKUP.sub(" ", fold(text)))).strip(" .")


def _said(row: object) -> Said:
    if not isinstance(row, dict) or row.get("from") not in {"customer", "assistant"}:
        raise Invalid("each turn of the 'history' must be from 'customer' or 'assistant'")
    return Said(by_customer=row["from"] == "customer", text=_text(row, "text"))


def _list(row: Mapping[str, Any], key: str) -> list[Any]:
    value = row.get(key, [])
    if not isinstance(value, list):
        raise Invalid(f"there must be a list under {key!r}")
    return value


def _texts(value: object, key: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) and one.strip(" .") for one in value):
        raise Invalid(f"the texts under {key!r} must be lists of texts")
    return value


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise Invalid(f"each row must have a text under {key!r}")
    return value
