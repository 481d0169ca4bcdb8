"""An answerer without a model: it finds the sentences that answer a question, and quotes them."""

from collections.abc import Sequence

from atende.core.knowledge.chunking import GOES_ON
from atende.core.knowledge.model import Draft, DraftQuote, DraftSentence, Passage, Question, Usage
from atende.core.knowledge.ports import Answerer, OnSentence
from atende.core.knowledge.support import denies
from atende.core.language.text import estimate_tokens
from atende.outbound.extractive.asking import Asked, asked
from atende.outbound.extractive.scoring import Scale, Scored
from atende.outbound.extractive.units import Kind, Unit, units

ENOUGH = 0.53
"""The smallest weighted share of the question's terms that an answer must cover."""
MOST_SENTENCES = 3

_AS_GOOD = 0.93
_GOOD_TOO = 0.85
_SAID = 0.85


class ExtractiveAnswerer(Answerer):
    """Deterministic and free of cost. Every sentence is quoted literally from a passage; it never guesses."""

    @property
    def provider(self) -> str:
        return "atende"

    def model(self, asked: str | None) -> str:
        return "extractive"

    async def answer(self, question: Question, *, on_sentence: OnSentence | None = None) -> Draft:
        """All sentences come at once: which of them belong to the answer is known at the end."""
        draft = extract(question)
        if on_sentence is not None:
            for sentence in draft.sentences:
                on_sentence(sentence)
        return draft


def extract(question: Question) -> Draft:
    """Up to three sentences, in the order of the questions; none if the passages do not contain the answer."""
    parts, language = asked(question)
    read = units(question.passages, language, question.language)
    scale = Scale(read, language)
    found: list[list[Unit]] = []
    for part in parts:
        said = [unit for units_ in found for unit in units_[:1]]
        alone = part.alone()
        best = [] if alone is None else _best(alone, read, scale, said=said)
        found.append(best or _best(part, read, scale, said=said))
    sentences, room = list[DraftSentence](), question.max_tokens
    for unit in _shared_out(found):
        sentence = _sentence(unit, question.passages[unit.passage])
        room -= estimate_tokens(sentence.text)
        if room >= 0 or not sentences:
            sentences.append(sentence)
    return Draft(tuple(sentences), Usage())


def _best(part: Asked, read: Sequence[Unit], scale: Scale, *, said: Sequence[Unit]) -> list[Unit]:
    """The best unit for a question, followed by related ones of nearly the same score. Units in `said` get a lower score."""
    scored = [one for unit in read if (one := scale.score(unit, part, enough=ENOUGH)) is not None]
    good = [one for one in scored if one.covered >= ENOUGH and part.names <= one.held]
    if not good:
        return []
    best = max(good, key=lambda one: one.score * (_SAID if one.unit in said else 1.0))
    beside = sorted((one for one in good if one is not best and _belongs(one, best)), key=lambda one: -one.score)
    whole = next((one.unit for one in good if one.unit.has_in_list(best.unit)), None)
    if whole is not None and any(whole.has_in_list(one.unit) for one in beside):
        return [whole]  # some entries of a list would look like all of them
    taken_back = [unit for unit in read if _takes_back(unit, best.unit, scale.language)]
    others = [one.unit for one in beside if one.unit not in taken_back]
    return [best.unit, *[*taken_back[:1], *others][: MOST_SENTENCES - 1]]


def _takes_back(unit: Unit, said: Unit, language: str) -> bool:
    """Whether it is the sentence right after what was said, denies, and speaks of the same: `5 % off`, `the 5 % are not for`."""
    if unit.kind is not Kind.SENTENCE or said.kind is not Kind.SENTENCE or said.list_end or unit.list_end:
        return False
    next_to = (unit.passage, unit.section) == (said.passage, said.section) and 0 <= unit.start - said.end <= 1
    return next_to and denies(unit.text, language) and not unit.own.stems.isdisjoint(said.own.stems)


def _belongs(one: Scored, best: Scored) -> bool:
    """Whether it is in the same section and has nearly the same score, or covers further terms of the question."""
    if (one.unit.passage, one.unit.section) != (best.unit.passage, best.unit.section) or one.fits != best.fits:
        return False
    if one.unit.has_in_list(best.unit) or best.unit.has_in_list(one.unit):
        return False
    if one.unit.bare and not best.unit.bare:
        return False
    return one.score >= (_AS_GOOD if one.held <= best.held else _GOOD_TOO) * best.score


def _shared_out(found: Sequence[Sequence[Unit]]) -> list[Unit]:
    """The best unit of every question, then second and third ones up to the limit; those of a question in their original order."""
    kept: list[list[Unit]] = [[] for _ in found]
    for rank in range(MOST_SENTENCES):
        for mine, units_ in zip(kept, found, strict=True):
            taken = sum(len(others) for others in kept)
            fresh = rank < len(units_) and not any(units_[rank] in others for others in kept)
            if fresh and (rank == 0 or taken < MOST_SENTENCES):
                mine.append(units_[rank])
    return [unit for mine in kept for unit in sorted(mine, key=lambda unit: (unit.passage, unit.start))]


def _sentence(unit: Unit, passage: Passage) -> DraftSentence:
    content = passage.content
    if unit.header is not None:
        header, row = content[slice(*unit.header)], content[unit.start : unit.end]
        quotes = (DraftQuote(passage.chunk_id, header), DraftQuote(passage.chunk_id, row))
        return DraftSentence(_row(header, row), quotes)
    if unit.list_end is not None:
        words = content[unit.start : unit.list_end]
        return DraftSentence(words + f"\n{GOES_ON}" * unit.goes_on, (DraftQuote(passage.chunk_id, words),))
    if unit.kind is Kind.CODE:
        lines = content[unit.start : unit.end]
        return DraftSentence(lines, (DraftQuote(passage.chunk_id, lines),))
    return DraftSentence(unit.text, (DraftQuote(passage.chunk_id, content[unit.start : unit.end]),))


def _row(header: str, row: str) -> str:
    """A table row in one line, each cell after the name of its column; where they do not match, below all the names."""
    names, cells = header.split(" | "), row.split(" | ")
    if len(names) != len(cells):
        return f"{header}\n{row}"
    return "; ".join(
        f"{name.strip()}: {cell.strip()}" for name, cell in zip(names, cells, strict=True) if cell.strip(" -")
    )
