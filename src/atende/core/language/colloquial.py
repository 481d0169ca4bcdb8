"""A chat message made comparable: case, accents, elongations, emoji, contractions and the commonest slips of the thumb undone."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

_MEANINGS: Final = {
    "thanks": "🙏",
    "ok": "👍👌✅☑🆗🤝💯",
    "bye": "👋",
    "smile": "😀😃😄😁😆😊🙂😉😍🥰😘😗😚😇🤗🤩😎❤♥💙💚💛💜🧡💕💖💗💓😻🎉🥳👏🙌✨🌹🌷🌸💐🌟⭐☺😌",
    "angry": "😡😠🤬👿👎😤🖕😒🙄",
}
_EMOJI: Final = {sign: f" emoji{meaning} " for meaning, signs in _MEANINGS.items() for sign in signs}
_MARKS: Final = {"ı": "i", "’": "'", "‘": "'", "´": "'", "`": "'", "“": '"', "”": '"', "¿": " ", "¡": " "}

_SMILEY: Final = re.compile(r"[:;=]-?[)\]]+|(?<!\S)[:;=]-?[dp](?!\w)|<3(?!\w)|\^_?\^")
_WORD: Final = re.compile(r"[a-z]{3,}")
_STRETCHED: Final = re.compile(r"([a-z])\1{2,}")
_TRAILING: Final = re.compile(r"(?<=[a-z]{3})([aiu])\1$")
_words: Final = re.compile(r"\w+").findall
_DOUBLED: Final = frozenset(
    _words(
        "agree all bee been bless book call cheers class coffee cool fee feel feet free good goodbye goodnight "
        "happy hell hello keep less look loss meet moon need off pass pool really room school see sell sleep soon "
        "sorry still sweet tell three tomorrow too week well will "
    )
)

_SPLIT_NOT: Final = re.compile(r"\b(do|does|did|is|are|was|were|has|have|had|would|could|should|wo|ca) n ?' ?t\b")
_SPLIT_SUFFIX: Final = re.compile(r"(?<=\w) ?' ?(?=(?:s|ll|re|ve|d|m|t)\b)")
_SUFFIX: Final = re.compile(r"(?<=[a-z])'(ll|re|ve|d|m)\b")
_SUFFIXES: Final = {"ll": " will", "re": " are", "ve": " have", "d": " would", "m": " am"}
_APOSTROPHE: Final = re.compile(r"(?<=[a-z])'(?=[a-z])")
_SPACES: Final = re.compile(r"\s+")
_SPACE_BEFORE_MARK: Final = re.compile(r" (?=[,.!?;:])")

_CORE: Final = tuple(
    _words(
        "thanks thank obrigado obrigada gracias goodbye perfeito perfeita perfecto perfect nothing everything "
        "anything awesome excelente muchas appreciate "
    )
)
_NOT_SLIPS: Final = frozenset(_words("tank tanks thinks think gracas noting thanked perfects mucha muchos nothin "))
_SUBSTITUTABLE: Final = 7
"""Shorter words must not differ by another letter: `thinks` is no slip of `thanks`."""


@lru_cache(maxsize=64)
def plain_form(text: str) -> str:
    """The text in lower case without accents, emoji as words, elongations and contractions undone, single spaces.

    Punctuation stays. The time is linear in the length; never raises. All that a turn asks about a message asks for this.
    """
    plain = text.lower() if text.isascii() else "".join(map(_fold, text))
    plain = _SPACES.sub(" ", _SMILEY.sub(" emojismile ", plain.replace("`", "'")))
    plain = _SPLIT_SUFFIX.sub("'", _SPLIT_NOT.sub(r"\1nt", plain))
    plain = _APOSTROPHE.sub("", _SUFFIX.sub(lambda match: _SUFFIXES[match[1]], plain))
    return _SPACE_BEFORE_MARK.sub("", _WORD.sub(_shorten, plain)).strip()


@lru_cache(maxsize=4096)
def _fold(char: str) -> str:
    """One character without case and accent. One at a time: putting long runs of marks in order is quadratic."""
    if char in _EMOJI or char in _MARKS:
        return _EMOJI.get(char) or _MARKS[char]
    category = unicodedata.category(char)
    if category in {"Mn", "Me", "Cf", "Sk"}:
        return ""
    if category in {"So", "Cs", "Co", "Cn", "Cc"}:
        return " "
    return _bare(_bare(char).casefold())


def _bare(text: str) -> str:
    return "".join(part for part in unicodedata.normalize("NFKD", text) if not unicodedata.combining(part))


def _shorten(match: re.Match[str]) -> str:
    """`obrigadaaa` to `obrigada`; `goood` keeps the two letters that it ought to have."""
    word = match[0]
    if not _STRETCHED.search(word):
        return _TRAILING.sub(r"\1", word)
    twice = _STRETCHED.sub(r"\1\1", word)
    return twice if twice in _DOUBLED else _STRETCHED.sub(r"\1", word)


_LONG_WORD: Final = re.compile(r"\b[a-z]{5,12}\b")


def mend(plain: str) -> str:
    """Normalised text with one-letter slips in the words that matter mended: `obirgada`, `thnaks`, `graicas`."""
    return _LONG_WORD.sub(lambda match: _mended(match[0]), plain)


@lru_cache(maxsize=4096)
def _mended(word: str) -> str:
    if word in _CORE or word in _NOT_SLIPS:
        return word
    return next((core for core in _CORE if core[0] == word[0] and _is_slip(word, core)), word)


def _is_slip(word: str, core: str) -> bool:
    """Whether one insertion, one omission, one swap of neighbours, or in a long word one other letter, lies between."""
    if abs(len(word) - len(core)) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(word, core, strict=False)) if a != b), min(len(word), len(core)))
    if len(word) > len(core):
        return word[at + 1 :] == core[at:]
    if len(word) < len(core):
        return word[at:] == core[at + 1 :]
    swapped = word[at : at + 2] == core[at : at + 2][::-1] and word[at + 2 :] == core[at + 2 :]
    return swapped or (len(core) >= _SUBSTITUTABLE and word[at + 1 :] == core[at + 1 :])
