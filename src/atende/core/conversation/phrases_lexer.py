"""Cuts a message into pieces of a known kind with one scan per language; what no table knows is content."""

import re
from dataclasses import dataclass
from functools import cache
from textwrap import dedent
from typing import Final, Literal

from atende.core.conversation import phrases_en, phrases_es, phrases_pt
from atende.core.conversation.phrases_kind import Kind, Table
from atende.core.conversation.phrases_text import mend, normalise

Language = Literal["pt", "en", "es"]

MAX_READ: Final = 2_000
"""Characters that are read for meaning: the end of a message, where people close. More than that is content anyway."""

_TABLES: Final[dict[Language, Table]] = {"pt": phrases_pt.TABLE, "en": phrases_en.TABLE, "es": phrases_es.TABLE}
_LOANS: Final[Table] = (
    (
        Kind.THANKS,
        "(?:muito |muchas |many )?(?:thanks|thank you|thx|tks|obrigad[oa]|obg|vlw|valeu|gracias|merci)|emojithanks",
    ),
    (Kind.FAREWELL, "bye(?: bye)?|tchau|ciao|chao|chau|adios|goodbye"),
    (Kind.ASSENT, "ok|okay|okey|emojiok"),
)
_HINTS: Final = {
    language: frozenset(module.HINTS.split())
    for language, module in (("pt", phrases_pt), ("en", phrases_en), ("es", phrases_es))
}
_SIGNS: Final[Table] = (
    (Kind.NUMBER, r"[\w#$€£]*\d[\w.:,/-]*\w|\d|r\$"),
    (Kind.WORD, r"\w+(?:[@/-]\w+)*"),
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a message: its kind and the normalised words."""

    kind: Kind
    text: str


def lex(text: str, language: Language) -> tuple[Token, ...]:
    """The pieces of a message, in order. Reads at most its last `MAX_READ` normalised characters."""
    plain = mend(normalise(text.replace("\n", " . "))[-MAX_READ:])
    pattern, kinds = _compiled(language)
    return tuple(Token(kinds[match.lastgroup or ""], match[0]) for match in pattern.finditer(plain))


@cache
def _compiled(language: Language) -> tuple[re.Pattern[str], dict[str, Kind]]:
    groups: list[str] = []
    kinds: dict[str, Kind] = {}
    for kind, lines in (*_TABLES[language], *_LOANS, *_SIGNS):
        name = f"g{len(groups)}"
        groups.append(rf"(?P<{name}>(?<!\w)(?:{alternatives(lines)})(?!\w))")
        kinds[name] = kind
    groups.append(r"(?P<comma>[,;:]|-(?=\s))|(?P<mark>\?)|(?P<end>[.!…]+)")
    return re.compile("|".join(groups)), kinds | {"comma": Kind.COMMA, "mark": Kind.MARK, "end": Kind.BREAK}


def alternatives(lines: str) -> str:
    """The patterns of a table's row as one; a line indented deeper goes on with the one before."""
    patterns: list[str] = []
    for line in dedent(lines).splitlines():
        if line.startswith(" "):
            patterns[-1] += line.strip()
        elif line:
            patterns.append(line.strip())
    return "|".join(patterns)


def score_language(text: str) -> dict[Language, int]:
    """How many words of a message speak for each language."""
    words = re.findall(r"[a-z]+", mend(normalise(text)[-MAX_READ:]))
    return {language: sum(word in hints for word in words) for language, hints in _HINTS.items()}
