"""The languages that customers are understood and answered in: Portuguese, English and Spanish."""

from typing import Final, Literal

Language = Literal["pt", "en", "es"]
LANGUAGES: Final[tuple[Language, ...]] = ("pt", "en", "es")


def known_language(language: str | None) -> Language | None:
    """`pt-BR`, `en_US`, `ES` to one of ours; None for any other."""
    short = (language or "")[:2].lower()
    return next((each for each in LANGUAGES if each == short), None)
