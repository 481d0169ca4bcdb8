"""What a checked sentence may carry out: no link or image to a place that is not allowed, nothing of the agent's own prompt.

A quote proves that a document says so. It does not prove that the document means well: whoever can have a file read, or can
write to the agent, can ask the model to pass something on.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from atende.core.knowledge.model import Sentence
from atende.core.language.text import words

_RUN = 4
"""Words in a row that make a text recognisable as the prompt's."""
_PARTS = re.compile(r"[\W_]+")
_TOKEN = re.compile(r"[^\s.,;:!?()\[\]{}\"'«»“”]+")


@dataclass(frozen=True, slots=True)
class Link:
    """`host`: in lower case; None if it cannot be told for sure. `hidden`: a reader does not see where it leads, or it is loaded
    without being opened, like an image.
    """

    url: str
    host: str | None
    hidden: bool


class Links(Protocol):
    def of(self, text: str) -> Sequence[Link]:
        """All links, images and other references of a text, as Markdown, as HTML, or as a chat application finds them."""


@dataclass(frozen=True, slots=True)
class LinkPolicy:
    """`hosts`: those that answers may lead to; `.example.org` stands for all hosts below it. `quoted`: a link that a reader sees in
    full may also stay if the quoted document has it, letter by letter.
    """

    hosts: frozenset[str] = field(default_factory=frozenset)
    quoted: bool = True

    def lists(self, host: str | None) -> bool:
        return host is not None and any(
            host == one or (one.startswith(".") and host.endswith(one)) for one in self.hosts
        )


@dataclass(frozen=True, slots=True)
class Screen:
    """Refuses sentences whole: what is mended can be read in another way by the next program."""

    links: Links
    policy: LinkPolicy

    def lets(self, sentence: Sentence, *, private: str | None, asked: str) -> bool:
        """Whether the sentence may be said. `private`: a text that must not be passed on; `asked`: what the customer wrote."""
        quotes = "\n".join(citation.quote for citation in sentence.citations)
        return self._leads_well(sentence.text, quotes) and not _tells(
            sentence.text, private or "", f"{quotes}\n{asked}"
        )

    def _leads_well(self, text: str, quotes: str) -> bool:
        foreign = [link for link in self.links.of(text) if not self.policy.lists(link.host)]
        if not foreign:
            return True
        if not self.policy.quoted or any(link.hidden or link.host is None for link in foreign):
            return False
        there = {link.url for link in self.links.of(quotes)}
        return all(link.url in there for link in foreign)


def _tells(text: str, private: str, known: str) -> bool:
    """Whether the text has several words in a row, or a name or code, of the private text that are nowhere else known."""
    if not private:
        return False
    if _codes(text) & _codes(private) - _codes(known):
        return True
    return bool(_runs(text) & _runs(private) - _runs(known))


def _runs(text: str) -> set[tuple[str, ...]]:
    said = words(text)
    return {tuple(said[at : at + _RUN]) for at in range(len(said) - _RUN + 1)}


def _codes(text: str) -> set[str]:
    """Words with digits, underscores or capital letters inside: no ordinary words of a language, but names, keys and secrets.
    Each whole, and in its parts.
    """
    found = {part for token in _TOKEN.findall(text) for part in (token, *_PARTS.split(token))}
    return {
        one.casefold()
        for one in found
        if len(one) > 2 and any(char.isdigit() or char == "_" or char.isupper() for char in one[1:])
    }
