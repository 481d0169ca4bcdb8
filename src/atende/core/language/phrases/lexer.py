"""Cuts a message into pieces of a known kind with one scan per language; what no table knows is content."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from textwrap import dedent
from typing import Final

from atende.core.language.colloquial import mend, plain_form
from atende.core.language.languages import Language
from atende.core.language.phrases import en as phrases_en
from atende.core.language.phrases import es as phrases_es
from atende.core.language.phrases import pt as phrases_pt
from atende.core.language.phrases.kinds import Kind

MAX_READ: Final = 2_000
"""Characters that are read for meaning: the end of a message, where people close. More than that is content anyway."""

_MAX_RAW: Final = 4 * MAX_READ
"""Characters that are normalised for it."""

_MODULES: Final = {"pt": phrases_pt, "en": phrases_en, "es": phrases_es}
_LOANS: Final = """
thanks
    (?:muito |muchas |many )?(?:thanks|thank you|thx|tks|obrigad[oa]|obg|vlw|valeu|gracias|merci)|emojithanks
farewell
    bye(?: bye)?|tchau|ciao|chao|chau|adios|goodbye
assent
    ok|okay|okey|emojiok
"""
"""Courtesies that people use across the languages."""

_SIGNS: Final = r"""
number
    [\w#$€£]*\d[\w.:,/-]*\w|\d|r\$
word
    \w+(?:[@/-]\w+)*
"""
_ENDS: Final = {"comma": r"[,;:]|-(?=\s)", "mark": r"\?", "end": r"[.!…]+"}
_PART: Final = re.compile(r"<([a-z]+)>")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a message: its kind and the normalised words."""

    kind: Kind
    text: str


@lru_cache(maxsize=256)
def lex(text: str, language: Language) -> tuple[Token, ...]:
    """The pieces of a message, in order. Reads at most its last `MAX_READ` normalised characters."""
    plain = end_of(text.strip().replace("\n", " . "))
    pattern, kinds = _compiled(language)
    return tuple(Token(kinds[match.lastgroup or ""], match[0]) for match in pattern.finditer(plain))


@cache
def _compiled(language: Language) -> tuple[re.Pattern[str], dict[str, Kind]]:
    module = _MODULES[language]
    rows = (*rows_of(module.TABLE, module.WORDS), *rows_of(_LOANS), *rows_of(_SIGNS))
    kinds = {f"g{at}": kind for at, (kind, _) in enumerate(rows)}
    groups = [rf"(?P<g{at}>(?<!\w)(?:{pattern})(?!\w))" for at, (_, pattern) in enumerate(rows)]
    groups += [f"(?P<{name}>{pattern})" for name, pattern in _ENDS.items()]
    return re.compile("|".join(groups)), kinds | {"comma": Kind.COMMA, "mark": Kind.MARK, "end": Kind.BREAK}


def rows_of(table: str, parts: Mapping[str, str] | None = None) -> Iterator[tuple[Kind, str]]:
    """The rows of a table in order of precedence: a kind at the margin, its patterns below it, `<part>` filled in."""
    for block in re.split(r"\n(?=[a-z])", table.strip("\n")):
        kind, _, lines = block.partition("\n")
        yield Kind(kind.strip()), _PART.sub(lambda match: (parts or {})[match[1]], alternatives(lines))


def alternatives(lines: str) -> str:
    """Patterns, one to a line, as one pattern; a line indented deeper goes on with the one before."""
    patterns: list[str] = []
    for line in dedent(lines).splitlines():
        if line.startswith(" "):
            patterns[-1] += line.strip()
        elif line:
            patterns.append(line.strip())
    return "|".join(patterns)


def end_of(text: str) -> str:
    """The normalised end of a text, slips mended; at most `MAX_READ` characters."""
    return mend(plain_form(text.strip()[-_MAX_RAW:])[-MAX_READ:])
