"""Finds what words and short phrases stand for, by tables. The time grows with the words read, not with the size of a table."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_STEM: Final = 3
"""A star at the front stands for this many letters at least: `para` has no ending of the future."""

Candidate = tuple[str, tuple[str, ...]]
"""A name, and what must follow the word."""


@dataclass(frozen=True, slots=True)
class Entries:
    """What begins with a word: names of the word alone, phrases by their second word, and those whose second word has a star."""

    alone: tuple[str, ...]
    phrases: dict[str, list[Candidate]]
    starred: tuple[Candidate, ...]


class Phrasebook:
    """A table of lines `name: phrase, phrase`; a line that is indented goes on with the one before. `*` stands for any letters."""

    def __init__(self, *tables: str) -> None:
        self._whole, self._starts, self._ends = (defaultdict[str, list[Candidate]](list) for _ in range(3))
        self.names: list[str] = []
        for table in tables:
            for line in table.replace("\n    ", " ").strip().splitlines():
                name, _, phrases = line.partition(":")
                self.names.append(name)
                for phrase in phrases.split(","):
                    self._add(name, phrase.split())
        self.entries = lru_cache(maxsize=8_192)(self._entries)

    def _add(self, name: str, phrase: list[str]) -> None:
        first, rest = phrase[0], tuple(phrase[1:])
        if first.startswith("*"):
            self._ends[first[1:]].append((name, rest))
        elif first.endswith("*"):
            self._starts[first[:-1]].append((name, rest))
        else:
            self._whole[first].append((name, rest))

    def _entries(self, word: str) -> Entries:
        found = list(self._whole.get(word, ()))
        for end in range(2, len(word) + 1):
            found += self._starts.get(word[:end], ())
        for start in range(_STEM, len(word)):
            found += self._ends.get(word[start:], ())
        phrases = defaultdict[str, list[Candidate]](list)
        for name, rest in dict.fromkeys(found):
            if rest and "*" not in rest[0]:
                phrases[rest[0]].append((name, rest))
        return Entries(
            alone=tuple(dict.fromkeys(name for name, rest in found if not rest)),
            phrases=dict(phrases),
            starred=tuple(one for one in dict.fromkeys(found) if one[1] and "*" in one[1][0]),
        )

    def at(self, tokens: Sequence[str], place: int) -> list[tuple[str, int]]:
        """The names of the phrases that begin at a place, each with the number of words."""
        entries = self.entries(tokens[place])
        found = [(name, 1) for name in entries.alone]
        if entries.phrases or entries.starred:
            after = place + 1
            near = entries.phrases.get(tokens[after], ()) if after < len(tokens) else ()
            for name, rest in (*near, *entries.starred):
                if _follow(rest, tokens[after : after + len(rest)]):
                    found.append((name, 1 + len(rest)))
        return found


def _follow(rest: tuple[str, ...], tokens: Sequence[str]) -> bool:
    return len(tokens) == len(rest) and all(
        word == wanted
        or (wanted.endswith("*") and word.startswith(wanted[:-1]))
        or (wanted.startswith("*") and word.endswith(wanted[1:]))
        for word, wanted in zip(tokens, rest, strict=True)
    )
