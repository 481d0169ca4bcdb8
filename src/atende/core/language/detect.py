"""Which of the three languages a text is in: Portuguese, English or Spanish."""

from functools import lru_cache
from typing import Final

from atende.core.language.languages import LANGUAGES, Language, known_language
from atende.core.language.lexicon import STOP
from atende.core.language.phrases.cues import HINTS
from atende.core.language.text import words

MAX_CHARACTERS: Final = 20_000
"""Of a longer text the end is read: enough to tell the language, and bounded in time."""

_SHARED: Final = frozenset.intersection(*(STOP[language] for language in LANGUAGES))
_SMALL_WORDS: Final = {language: STOP[language] - _SHARED for language in LANGUAGES}
"""Small words that at least one other language lacks."""

_HINT: Final = 2
"""What a word of everyday chats counts, against 1 for a small word: Spanish `nada más` holds the Portuguese `mas`."""


def guess_language(text: str, default: str = "pt") -> Language:
    """The language whose words the text holds most of. When none leads, `default` (`pt-BR` counts as `pt`; an unknown one too)."""
    return leading_language(text) or known_language(default) or "pt"


@lru_cache(maxsize=1_024)
def leading_language(text: str) -> Language | None:
    """The language whose words the text holds most of; None when no language leads."""
    scores = language_scores(text)
    best = max(scores, key=scores.__getitem__)
    leads = sum(score == scores[best] for score in scores.values()) == 1
    return best if leads else None


def language_scores(text: str) -> dict[Language, int]:
    """How strongly the words of the text speak for each language."""
    found = words(text[-MAX_CHARACTERS:])
    return {
        language: sum(_HINT * (word in HINTS[language]) + (word in _SMALL_WORDS[language]) for word in found)
        for language in LANGUAGES
    }
