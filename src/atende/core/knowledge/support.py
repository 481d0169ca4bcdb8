"""Whether quotes support a claim: its numbers, its links, whether it affirms or denies, and its content words."""

import re
from collections.abc import Sequence

from atende.core.knowledge.matching import union, vocabulary, weights
from atende.core.language.detect import guess_language
from atende.core.language.languages import LANGUAGES
from atende.core.language.lexicon import NEGATIONS, NUMBER_WORDS, RESTRICTIONS
from atende.core.language.segments import item_text
from atende.core.language.text import fold, words

MAX_CLAIM = 2_000
"""Characters of one claim; longer ones are not accepted."""

_SHARED = 0.5
_SHARED_ACROSS_LANGUAGES = 0.25
_NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")
_WORD = re.compile(r"\w+")
_LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>()\"']+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\b[\w-]+\.(?:com|net|org|io|br|app)(?:[./][^\s<>()\"']*)?",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[.!?;](?=\s|$)|\n|,? (?=(?:mas|porém|exceto|salvo|but|however|except|pero|excepto)\b)")


def holds(claim: str, quotes: Sequence[str]) -> bool:
    """Whether the quotes support the claim."""
    claim = item_text(claim)
    if not claim or len(claim) > MAX_CLAIM:
        return False
    if claim in quotes:  # word for word
        return True
    evidence = "\n".join(quotes)
    language = guess_language(claim, guess_language(evidence, "pt"))
    return (
        numbers(claim) <= numbers(evidence)
        and _acts_on(claim, evidence)
        and _agrees(claim, evidence, language)
        and _shares_matter(claim, quotes, language)
    )


def numbers(text: str) -> frozenset[str]:
    """The numbers of a text, in digits or words, in a normal form: 1.234,50 and 1234.5 are the same."""
    figures = {part for match in _NUMBER.findall(text) for part in _spellings(match)}
    return frozenset(figures | {str(NUMBER_WORDS[word]) for word in words(text) if word in NUMBER_WORDS})


def denies(text: str, language: str) -> bool:
    return not NEGATIONS[language].isdisjoint(words(text))


def clauses(text: str) -> list[str]:
    """The clauses of a text, each of which can be true independently of the others."""
    return _CLAUSE.split(text)


def _restricts(text: str, language: str) -> bool:
    return not RESTRICTIONS[language].isdisjoint(words(text))


def _spellings(number: str) -> set[str]:
    """Normal forms of a number: its parts if it is a date or a time, otherwise its value."""
    if re.search(r"[:/]", number):
        return {part.lstrip("0") or "0" for part in re.split(r"[.,:/]", number)} - {"0"}
    whole, _, rest = number.replace(",", ".").rpartition(".")
    if not whole:
        return {rest.lstrip("0") or "0"}
    if len(rest) == 3:
        return {(whole + rest).replace(".", "").lstrip("0") or "0"}
    value = whole.replace(".", "").lstrip("0") or "0"
    cents = rest.rstrip("0")
    return {f"{value}.{cents}" if cents else value}


def _acts_on(claim: str, evidence: str) -> bool:
    """Whether every link, address and code of the claim is in the evidence literally."""
    links = {link.rstrip(".,;:!?").lower() for link in _LINK.findall(evidence)}
    if any(link.rstrip(".,;:!?").lower() not in links for link in _LINK.findall(claim)):
        return False
    known = set(words(evidence))
    return all(fold(word) in known for word in _WORD.findall(_LINK.sub(" ", claim)) if _is_code(word))


def _is_code(word: str) -> bool:
    """Whether it is a name or code with capital letters or digits inside, such as iPhone or AB12."""
    return word[0].isalpha() and any(c.isupper() or c.isdigit() for c in word[1:]) and not word.isupper()


def _agrees(claim: str, evidence: str, language: str) -> bool:
    """Whether claim and evidence both affirm, or both deny or restrict."""
    spoken = guess_language(evidence, language)
    if denies(claim, language):
        return denies(evidence, spoken) or _restricts(evidence, spoken)
    if _restricts(claim, language):
        return True
    said = vocabulary(claim, spoken)
    nearest = max(clauses(evidence), key=lambda clause: len(said.stems & vocabulary(clause, spoken).stems), default="")
    return not denies(nearest, spoken)


def _shares_matter(claim: str, quotes: Sequence[str], language: str) -> bool:
    asked = weights(claim, language)
    if not asked:
        return False
    held = union(vocabulary(quote, tongue) for quote in quotes for tongue in LANGUAGES)
    figures = numbers(" ".join(quotes))
    shared = sum(w for term, w in asked.items() if held.holds(term, language) or term in figures)
    same = guess_language(" ".join(quotes), language) == language
    return shared >= (_SHARED if same else _SHARED_ACROSS_LANGUAGES) * sum(asked.values())
