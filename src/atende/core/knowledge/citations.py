"""Checking the sentences of a draft against their quotes, before a customer sees them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from atende.core.knowledge.courtesies import source_label
from atende.core.knowledge.model import Citation, Draft, DraftQuote, DraftSentence, Passage, Sentence, Usage
from atende.core.knowledge.support import clauses, denies, holds
from atende.core.language.detect import guess_language
from atende.core.language.text import normalise, words

_LEAST_LETTERS = 6
_LEAST_WORDS = 2
_MARKUP = str.maketrans(dict.fromkeys("<>[]`|"))
_SAME_MARK = {ord(c): "'" for c in "‘’‚′"} | {ord(c): '"' for c in "“”„″«»"} | {ord(c): "-" for c in "–—−‑"}


@dataclass(frozen=True, slots=True)
class _Found:
    passage: Passage
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.passage.content[self.start : self.end]

    def citation(self) -> Citation:
        p = self.passage
        return Citation(
            chunk_id=p.chunk_id,
            document_id=p.document_id,
            document_name=p.document_name,
            version=p.version,
            start=self.start,
            end=self.end,
            quote=self.text,
            page=p.page,
            score=p.score,
        )


def verify(draft: Draft, passages: Sequence[Passage]) -> tuple[Sentence, ...]:
    """The valid sentences of the draft, each with its checked quotes.

    A quote is valid if it is in its passage literally (apart from white space and typographic variants) and does not begin or end
    inside a word. A sentence is valid if its quotes contain all its numbers, links and codes and most of its content words, and
    affirm or deny as it does. All others are dropped.
    """
    known = {passage.chunk_id: passage for passage in passages}
    kept: dict[str, Sentence] = {}
    for sentence in draft.sentences:
        text = normalise(sentence.text)
        found = [place for quote in sentence.quotes if (place := _find(quote, known))]
        if found and text not in kept and holds(text, [place.text for place in found]) and not _torn(sentence, found):
            kept[text] = Sentence(text, tuple(dict.fromkeys(place.citation() for place in found)))
    return tuple(kept.values())


class Verifier:
    """Checks a draft sentence by sentence, as it is written: `sentences` are the valid ones, the same as of the whole draft."""

    def __init__(
        self, passages: Sequence[Passage], lets: Callable[[Sentence], bool], on_valid: Callable[[Sentence], None] | None
    ) -> None:
        """`lets`: whether a sentence whose quotes are checked may be said."""
        self._passages, self._lets, self._on_valid = passages, lets, on_valid
        self.sentences: tuple[Sentence, ...] = ()

    def take(self, sentence: DraftSentence) -> None:
        for valid in verify(Draft((sentence,), Usage()), self._passages):
            if valid.text not in {one.text for one in self.sentences} and self._lets(valid):
                self.sentences += (valid,)
                if self._on_valid is not None:
                    self._on_valid(valid)


def body(sentences: Sequence[Sentence]) -> str:
    """The sentences as one text. That of more sentences begins with that of fewer."""
    text = ""
    for sentence in sentences:
        gap = "" if not text else "\n" if "\n" in sentence.text or text[-1] not in ".!?…" else " "
        text += gap + sentence.text
    return text


def render(sentences: Sequence[Sentence], language: str) -> str:
    """The text for the customer: the sentences, then one line for each cited document and page."""
    text = body(sentences)
    places = dict.fromkeys((c.document_name, c.page) for s in sentences for c in s.citations)
    lines = [_source(name, page, language) for name, page in places]
    return "\n\n".join([text, "\n".join(lines)]) if lines else text


def _source(name: str, page: int | None, language: str) -> str:
    name = name.translate(_MARKUP).replace("://", " ")  # a name is a text, not a link or an image
    return f"{source_label(language)}: {name}" + (f", p. {page}" if page is not None else "")


def _find(quote: DraftQuote, known: dict[UUID, Passage]) -> _Found | None:
    """An occurrence of the quote, with offsets into the passage's content: the first literal one, else the first of its like."""
    passage = known.get(quote.chunk_id)
    if passage is None or not quotable(quote.text):
        return None
    literal = quote.text.strip()
    at = passage.content.find(literal)
    if at >= 0 and _whole(passage.content, at, at + len(literal)):
        return _Found(passage, at, at + len(literal))
    wanted, _ = _squeezed(quote.text)
    content, offsets = _squeezed(passage.content)
    at = content.find(wanted)
    while at >= 0:
        end = at + len(wanted)
        if _whole(content, at, end):
            return _Found(passage, offsets[at], offsets[end - 1] + 1)
        at = content.find(wanted, at + 1)
    return None


def _squeezed(text: str) -> tuple[str, list[int]]:
    """The text with single spaces and plain quotation marks and dashes, and the original offset of each character."""
    kept: list[str] = []
    offsets: list[int] = []
    for i, char in enumerate(text.translate(_SAME_MARK)):
        blank = char.isspace()
        if blank and (not kept or kept[-1] == " "):
            continue
        kept.append(" " if blank else char)
        offsets.append(i)
    if kept and kept[-1] == " ":
        kept.pop()
        offsets.pop()
    return "".join(kept), offsets


def quotable(quote: str) -> bool:
    """Whether a quote is long enough: a single word or a few letters occur in almost every text."""
    letters = islice(filter(str.isalnum, quote), _LEAST_LETTERS)
    return sum(1 for _ in letters) >= _LEAST_LETTERS and len(words(quote)) >= _LEAST_WORDS


def _whole(content: str, start: int, end: int) -> bool:
    """Whether neither end is inside a word or number: `R$ 1` does not match in `R$ 15` or `R$ 1,50`."""
    before, after = content[max(0, start - 2) : start], content[end : end + 2]
    if before[-1:].isalnum() and content[start].isalnum():
        return False
    if after[:1].isalnum() and content[end - 1].isalnum():
        return False
    if content[start].isdigit() and before[-1:] in {".", ",", ":", "/", "-"} and before[:1].isdigit():
        return False
    return not (content[end - 1].isdigit() and after[:1] in {".", ",", ":", "/", "-"} and after[1:].isdigit())


def _torn(sentence: DraftSentence, found: Sequence[_Found]) -> bool:
    """Whether a quote begins right after a negation that the sentence leaves out."""
    language = guess_language(" ".join(place.passage.content for place in found), "pt")
    if denies(sentence.text, guess_language(sentence.text, language)):
        return False
    return any(denies(" ".join(_before(place).split()[-3:]), language) for place in found)


def _before(place: _Found) -> str:
    return clauses(place.passage.content[max(0, place.start - 80) : place.start])[-1]
