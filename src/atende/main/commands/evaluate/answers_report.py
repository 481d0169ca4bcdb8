"""The report of `atende eval answers`."""

from collections.abc import Callable, Sequence

from atende.core.knowledge.evaluate_answers import Judged, Verdict, count
from atende.main.commands.evaluate.report import Bars, Miss, Report, Share, Table

_COLUMNS = ["", "answerable", "right", "wrong", "partial", "declined", "unanswerable", "abstained"]
_MISSES = (Verdict.WRONG, Verdict.PARTIAL, Verdict.DECLINED)


def report(judged: Sequence[Judged], *, embedding: str, each: float) -> Report:
    """`each`: milliseconds for a question."""
    rows = figures(judged)
    lead = (
        f"{len(judged)} questions, answered without a model. Embedding: {embedding}. {each:.1f} ms for a question."
        " Wrong: of all questions, answered without the facts, or answered although the documents do not say."
        " In brackets: the interval of 95 %."
    )
    missed = [one for verdict in _MISSES for one in judged if one.verdict is verdict]
    return Report(
        title="Answers",
        lead=lead,
        parts=[Table("Figures", _COLUMNS, rows), *_bars(judged)],
        misses_title="Wrong, partial and declined answers",
        misses=[_miss(one) for one in missed],
    )


def figures(judged: Sequence[Judged]) -> list[list[object]]:
    """A row for all questions, for each language and for each kind."""
    languages = _groups(judged, lambda one: one.question.language)
    kinds = _groups(judged, lambda one: one.question.kind)
    return [_figures(name, group) for name, group in [("all", judged), *languages, *kinds]]


def lines(judged: Sequence[Judged]) -> list[str]:
    """The same figures as lines of text."""
    return [
        ", ".join([f"{row[0]}:", *(f"{name} {value}" for name, value in zip(_COLUMNS[1:], row[1:], strict=True))])
        .replace(":,", ":", 1)
        for row in figures(judged)
    ]  # fmt: skip


def _figures(name: str, group: Sequence[Judged]) -> list[object]:
    answerable = [one for one in group if one.question.facts]
    rest = len(group) - len(answerable)
    return [
        name,
        len(answerable),
        Share(count(answerable, Verdict.RIGHT), len(answerable)),
        Share(count(group, Verdict.WRONG), len(group)),
        Share(count(answerable, Verdict.PARTIAL), len(answerable)),
        Share(count(answerable, Verdict.DECLINED), len(answerable)),
        rest,
        Share(count(group, Verdict.ABSTAINED), rest),
    ]


def _bars(judged: Sequence[Judged]) -> list[Bars]:
    kinds = _groups([one for one in judged if one.question.facts], lambda one: one.question.kind)
    right = [(kind, Share(count(group, Verdict.RIGHT), len(group))) for kind, group in kinds]
    return [Bars("Right answers by kind of question", right)] if right else []


def _groups(judged: Sequence[Judged], key: Callable[[Judged], str]) -> list[tuple[str, list[Judged]]]:
    return [(name, [one for one in judged if key(one) == name]) for name in sorted({key(one) for one in judged})]


def _miss(one: Judged) -> Miss:
    asked = one.question
    wanted = "; ".join(" / ".join(fact) for fact in asked.facts) or "nothing: the documents do not say"
    details = [("kind", asked.kind), ("wanted", wanted), ("answered", one.answer or "nothing")]
    details += [("before it", said.text) for said in asked.history]
    details += [("document", quote) for quote in asked.quotes]
    return Miss(f"{one.verdict.value}: {asked.question} ({asked.id})", details)
