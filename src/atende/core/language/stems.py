"""Light stemmers for Portuguese, English and Spanish: they bring the forms of one word together, not its relatives.

They work on folded words (lower case, no accents) and are made for comparing, not for showing.
"""

from functools import lru_cache

from atende.core.language.lexicon import word_set

_SHORTEST = 3


def _by_length(endings: str) -> list[str]:
    return sorted(endings.split(), key=len, reverse=True)


_WHOLE = word_set("""
    estacionamento estacionamiento sabado estado feriado mercado cuidado lado grado segunda terca quarta quinta
    sexta lunes martes miercoles jueves viernes tuesday wednesday thursday friday saturday sunday monday mais menos
    depois gratis onibus lapis virus
""")
_PLURALS_PT = (
    ("coes", "cao"), ("soes", "sao"), ("oes", "ao"), ("aes", "ao"), ("ais", "al"), ("eis", "el"), ("ois", "ol"),
    ("res", "r"), ("zes", "z"), ("ses", "s"), ("les", "l"), ("ns", "m"), ("ss", "ss"), ("s", ""),
)  # fmt: skip
_PLURALS_ES = (
    ("ciones", "cion"), ("siones", "sion"), ("res", "r"), ("les", "l"), ("nes", "n"), ("des", "d"), ("ces", "z"), ("s", ""),
)  # fmt: skip
_PLURALS_EN = (
    ("ies", "y"),
    ("sses", "ss"),
    ("shes", "sh"),
    ("ches", "ch"),
    ("xes", "x"),
    ("ss", "ss"),
    ("us", "us"),
    ("s", ""),
)
_ENDINGS_PT = _by_length("""
    amentos amento imento amente mente acao icao ucao encia ancia avel ivel ario aria aremos eremos
    iremos ariamos assemos aram eram iram ariam assem essem issem arem erem irem ando endo indo ado ada
    ido ida amo emo ava avam asse esse isse ara era ira arao erao irao ar er ir ou ei eu iu am em ia io
    a o e i
""")
_ENDINGS_ES = _by_length("""
    amiento imiento amente mente acion icion ucion encia ancia able ible ario aria aremos eremos iremos
    aron ieron arian erian irian asen iesen ando iendo yendo ado ada ido ida amo emo aba aban ara era
    ira aran eran iran ar er ir an en io ia a o e
""")
_ENDINGS_EN = _by_length("""
    ments ment ations ation ingly edly ings ing ed ly able ally y e
""")
_PLURALS = {"pt": _PLURALS_PT, "es": _PLURALS_ES, "en": _PLURALS_EN}
_ENDINGS = {"pt": _ENDINGS_PT, "es": _ENDINGS_ES, "en": _ENDINGS_EN}


@lru_cache(maxsize=65_536)
def stem(word: str, language: str) -> str:
    """The common start of a folded word's forms. Words of up to three letters and words with digits stay whole."""
    if len(word) <= _SHORTEST or word in _WHOLE or not word.isalpha():
        return word
    return _without_ending(_singular(word, language), language)


def _singular(word: str, language: str) -> str:
    for plural, singular in _PLURALS.get(language, _PLURALS_PT):
        if word.endswith(plural):
            shorter = word[: len(word) - len(plural)] + singular
            return shorter if len(shorter) >= _SHORTEST else word
    return word


def _without_ending(word: str, language: str) -> str:
    if word in _WHOLE:
        return word
    for ending in _ENDINGS.get(language, _ENDINGS_PT):
        if word.endswith(ending) and len(word) - len(ending) >= (_SHORTEST if len(ending) < 4 else _SHORTEST + 1):
            word = word[: len(word) - len(ending)]
            break
    return _undoubled(word) if language == "en" else _hardened(word)


def _undoubled(word: str) -> str:
    """ship from shipp(ing)."""
    return word[:-1] if len(word) > _SHORTEST and word[-1] == word[-2] and word[-1] not in "lsz" else word


def _hardened(word: str) -> str:
    """troc from troqu(e), pag from pagu(e), the spelling that keeps the sound; env from envi(ar)."""
    if len(word) > _SHORTEST and word.endswith(("gu", "i")):
        return word[:-1]
    return word[:-2] + "c" if len(word) > _SHORTEST and word.endswith("qu") else word
