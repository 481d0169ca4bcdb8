"""The search terms of a question: its content words, and related words."""

from dataclasses import dataclass

from atende.core.knowledge.concepts import GROUPS, LOOSE, concepts
from atende.core.language.detect import leading_language
from atende.core.language.languages import LANGUAGES
from atende.core.language.lexicon import STOP
from atende.core.language.shorthand import written_out
from atende.core.language.text import words


@dataclass(frozen=True, slots=True)
class Query:
    """Texts for a full-text search: `matter` has the content words, `related` has related words, which count less."""

    matter: str
    related: str


def read_query(question: str) -> Query:
    """The question without stop words (the whole question if nothing else remains), and words of related meaning.

    If the language cannot be guessed, no stop words are removed, and related words of all languages are used.
    """
    language = leading_language(question)
    question = written_out(question, language) if language else question
    spoken = (language,) if language else LANGUAGES
    stop = STOP[language] if language else frozenset[str]()
    kept = [token for token in question.split() if not stop.issuperset(words(token))]
    said = {word for token in kept for word in words(token)}
    related = dict.fromkeys(other for tongue in spoken for word in sorted(said) for other in _related(word, tongue))
    return Query(" ".join(kept) or question, " ".join(other for other in related if other not in said))


def _related(word: str, language: str) -> list[str]:
    place = LANGUAGES.index(language)
    found = sorted(name for name in concepts(word, language) if name not in LOOSE)
    return [other for name in found for other in GROUPS[name][place].split()]
