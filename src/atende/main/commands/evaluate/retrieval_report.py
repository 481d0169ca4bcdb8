"""The report of `atende eval retrieval`."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from atende.core.knowledge.evaluate_retrieval import MOST_RANKED, Ranking, score
from atende.core.language.detect import leading_language
from atende.main.commands.evaluate.report import Bars, Miss, Report, Share, Table

_READ = 300
"""Misses that are listed."""
_NAMES = {"pt": "Portuguese", "en": "English", "es": "Spanish", None: "language unclear"}


def report(rankings: Sequence[Ranking], texts: Mapping[str, str], *, embedding: str, each: float) -> Report:
    """`texts`: of the paragraphs, by id; `each`: milliseconds for a question."""
    judged = [one for one in rankings if one.question.gold is not None]
    groups = {"all": judged} | _by_language(judged)
    shares = {name: (_within(group, 1), _within(group, 5)) for name, group in groups.items()}
    rows = [
        [name, len(group), *shares[name], f"{figures.mrr:.3f}"]
        for name, group in groups.items()
        if (figures := score(group))
    ]
    lead = (
        f"{len(texts)} paragraphs, {len(rankings)} questions, {len(judged)} of them with the paragraph that answers."
        f" Embedding: {embedding}. {each:.1f} ms for a question."
        " In brackets: the interval of 95 %. The language is guessed from the question."
    )
    missed = sorted((one for one in judged if one.place != 1), key=lambda one: -(one.place or MOST_RANKED + 1))
    return Report(
        title="Retrieval",
        lead=lead,
        parts=[
            Table("Figures", ["", "questions", "recall@1", "recall@5", "MRR"], rows),
            Bars("recall@1", [(name, one) for name, (one, _) in shares.items()]),
            Bars("recall@5", [(name, five) for name, (_, five) in shares.items()]),
            Bars("Place of the right paragraph", _places(judged)),
        ],
        misses_title="Questions whose paragraph was not the first, the worst first",
        misses=[_miss(one, texts) for one in missed[:_READ]],
    )


def _by_language(rankings: Sequence[Ranking]) -> dict[str, list[Ranking]]:
    found = defaultdict[str, list[Ranking]](list)
    for one in rankings:
        found[_NAMES[leading_language(one.question.question)]].append(one)
    return dict(sorted(found.items(), key=lambda pair: -len(pair[1])))


def _within(rankings: Sequence[Ranking], most: int) -> Share:
    return Share(sum(1 for one in rankings if one.place is not None and one.place <= most), len(rankings))


def _places(rankings: Sequence[Ranking]) -> list[tuple[str, int]]:
    counted = Counter(one.place for one in rankings)
    late = sum(n for place, n in counted.items() if place is not None and place > 5)
    return [*((str(place), counted[place]) for place in range(1, 6)), ("6 to 10", late), ("not found", counted[None])]


def _miss(ranking: Ranking, texts: Mapping[str, str]) -> Miss:
    gold = ranking.question.gold or ""
    place = f"place {ranking.place}" if ranking.place else "not found"
    above = ranking.paragraphs[: (ranking.place or 4) - 1][:3]
    return Miss(
        f"{ranking.question.question} – {place}",
        [
            (f"answered by {gold}", texts.get(gold, "no such paragraph")),
            *((f"found before it: {one}", texts.get(one, "")) for one in above),
        ],
    )
