"""Splitting passages into units: sentences, list items and table rows, each with its headings."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from functools import lru_cache
from pathlib import PurePosixPath

from atende.core.knowledge.chunking import GOES_ON
from atende.core.knowledge.citations import quotable
from atende.core.knowledge.matching import EMPTY, Vocabulary, vocabulary
from atende.core.knowledge.model import Passage
from atende.core.language.detect import guess_language
from atende.core.language.segments import is_code, is_heading, is_item, is_row, item_text
from atende.core.language.text import sentences

MAX_LIST = 40
MAX_LIST_LETTERS = 1_800
"""At most this much of a list is quoted together with its first line; where it goes on, the answer says so."""

_TOO_SHORT = 3
_NUMBERED = re.compile(r"^\(?[0-9]{1,3}(?:\.[0-9]{1,3})*[.)]?\s+")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_ORDINAL = re.compile(r"^\w+(?: \w+)? (?:n?[º°.]? ?)?\d{1,2}$")


class Kind(Enum):
    HEADING = auto()
    QUESTION = auto()
    ENTRY = auto()
    ROW = auto()
    CODE = auto()
    SENTENCE = auto()


_ANNOUNCE = frozenset({Kind.HEADING, Kind.QUESTION})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Unit:
    """A part of passage number `passage` that can be an answer: content[start:end], as one line in `text`.

    `own` has its words, `above` those of its headings, `near` those of the first line of its list or table or of its paragraph so
    far, `document` those of the file name. `list_end`: the end of the list that it introduces, and `goes_on` whether that is not
    all of it; `header`: the first row of its table.
    """

    passage: int
    start: int
    end: int
    text: str
    kind: Kind
    own: Vocabulary
    above: Vocabulary
    near: Vocabulary
    document: Vocabulary
    section: int
    first: bool
    asked: bool = False
    list_end: int | None = None
    goes_on: bool = False
    header: tuple[int, int] | None = None

    def has_in_list(self, other: "Unit") -> bool:
        """Whether the other unit is part of the list that this one introduces."""
        if self.list_end is None or self.passage != other.passage or self is other:
            return False
        return self.start <= other.start < self.list_end

    @property
    def bare(self) -> bool:
        """A line of text without a full stop, such as a table row without separators, a caption or an address."""
        return self.kind is Kind.SENTENCE and self.list_end is None and self.text[-1:] not in ".!…"


@dataclass(slots=True)
class _Reader:
    """The state while reading one passage."""

    number: int
    content: str
    language: str
    spoken: str
    document: Vocabulary
    headings: list[str] = field(default_factory=list)
    lead: str = ""
    before: str = ""
    header: tuple[int, int] | None = None
    section: int = 0
    first: bool = True
    last: Kind | None = None

    def announce(self, text: str, kind: Kind) -> None:
        """A heading right after a heading is nested in it; any other begins a new section. A question is below its heading."""
        titles = [title for title in self.headings if not title.endswith("?")]
        if kind is Kind.QUESTION:
            self.headings = [*titles, text]
        else:
            self.headings = [*titles[-2:], text] if self.last is Kind.HEADING else [text]
        self.section += 1
        self.lead = self.before = ""
        self.header, self.first, self.last = None, True, kind

    def titled_list(self, span: tuple[int, int], listed: "_List") -> Unit:
        """A heading with the list right below it: what the list holds tells what kind of answer it is."""
        unit = self.unit(span, Kind.HEADING, listed=listed)
        return replace(unit, text=" ".join(self.content[span[0] : listed.end].split()))

    def unit(self, span: tuple[int, int], kind: Kind, *, listed: "_List | None") -> Unit:
        start, end = span
        if kind is Kind.ENTRY:
            start = end - len(item_text(self.content[start:end]))
        header = self.header if kind is Kind.ROW else None
        near = self.content[slice(*header)] if header else self.lead if kind is Kind.ENTRY else self.before
        if kind is Kind.HEADING and listed:
            near = self.content[end : listed.end]
        text = " ".join(self.content[start:end].split())
        return Unit(
            passage=self.number,
            start=start,
            end=end,
            text=text,
            kind=kind,
            own=self._vocabulary(text),
            above=self._vocabulary("\n".join(self.headings)),
            near=self._vocabulary(near),
            document=self.document,
            section=self.section,
            first=self.first,
            asked=bool(self.headings) and self.headings[-1].endswith("?"),
            list_end=listed.end if listed else None,
            goes_on=bool(listed and listed.goes_on),
            header=header,
        )

    def _vocabulary(self, text: str) -> Vocabulary:
        return vocabulary(text, self.language, self.spoken) if text else EMPTY

    def passed(self, text: str, kind: Kind, *, ends_block: bool) -> None:
        self.first, self.last = False, kind
        self.before = "" if ends_block else f"{self.before}\n{text}"
        if kind is not Kind.ENTRY:
            self.lead = text if text.endswith(":") else ""
        if kind is not Kind.ROW:
            self.header = None


def units(passages: Sequence[Passage], language: str, default: str) -> list[Unit]:
    """All units of the passages, in order. Headings and questions are not units; they belong to the units below them.

    `language` is that of the question, whose words are searched; `default` is for passages whose language cannot be guessed.
    """
    return [
        unit
        for number, passage in enumerate(passages)
        for unit in _of_passage(number, passage.content, passage.document_name, language, default)
    ]


@lru_cache(maxsize=512)
def _of_passage(number: int, content: str, document_name: str, language: str, default: str) -> tuple[Unit, ...]:
    """Passages that answer often are read once."""
    return tuple(_read(number, content, document_name, language, default))


def _read(number: int, content: str, document_name: str, language: str, default: str) -> Iterator[Unit]:
    spans = [span for span in sentences(content) if any(c.isalnum() for c in content[slice(*span)])]
    kinds = _kinds(content, spans)
    spoken = guess_language(content, default)
    title = vocabulary(_title(document_name), language, spoken)
    reader = _Reader(number, content, language, spoken, title)
    done = 0
    for i, (span, kind) in enumerate(zip(spans, kinds, strict=True)):
        if span[0] < done:
            continue
        text = content[slice(*span)]
        following = kinds[i + 1] if i + 1 < len(kinds) else None
        listed = _list(content, spans, kinds, i)
        if kind in _ANNOUNCE:
            reader.announce(text, kind)
            if listed and quotable(content[span[0] : listed.end]):
                yield reader.titled_list(span, listed)
        elif kind is Kind.ROW and reader.header is None and following is Kind.ROW:
            reader.header = span
        else:
            ends_block = following is None or "\n\n" in content[span[1] : spans[i + 1][0]]
            joins = kind is following is Kind.SENTENCE and _says_little(text) and not ends_block
            end = done = spans[i + 1][1] if joins else span[1]
            if quotable(content[span[0] : end]):
                yield reader.unit((span[0], end), kind, listed=listed)
            reader.passed(text, kind, ends_block=ends_block)


def _kinds(content: str, spans: list[tuple[int, int]]) -> list[Kind]:
    texts = [content[slice(*span)] for span in spans]
    kinds = [_kind(text) for text in texts]
    for run in _runs(content, spans, kinds):
        # Many short lines in one block are a list without bullets: only the first can be its heading.
        for i in run[1:] if len(run) > 2 else ():
            kinds[i] = Kind.SENTENCE
    if kinds and all(kind in _ANNOUNCE for kind in kinds[-2:]):
        kinds[-1] = Kind.SENTENCE  # a passage that ends with headings: the last one is content
    for i, text in enumerate(texts[:-1]):
        if kinds[i] is Kind.HEADING and text.endswith(":") and kinds[i + 1] is Kind.ENTRY and " " in text:
            kinds[i] = Kind.SENTENCE
    return kinds


def _kind(text: str) -> Kind:
    if is_code(text):
        return Kind.CODE
    if is_item(text) and not (
        is_heading(text) and _NUMBERED.match(text) and len(text.split()) <= 8 and not text[-1].isdigit()
    ):
        return Kind.ENTRY
    if is_row(text):
        return Kind.ROW
    if text.endswith("?"):
        return Kind.QUESTION
    return Kind.HEADING if is_heading(text) and not _states(text) else Kind.SENTENCE


def _states(line: str) -> bool:
    """Whether a short line is a fact rather than a heading: it has a number that is neither its section number nor a year."""
    bare = _YEAR.sub("", _NUMBERED.sub("", line))
    return any(c.isdigit() for c in bare) and not _ORDINAL.match(bare)


def _runs(content: str, spans: list[tuple[int, int]], kinds: list[Kind]) -> list[list[int]]:
    """Runs of consecutive lines that look like headings."""
    runs: list[list[int]] = []
    for i, kind in enumerate(kinds):
        if kind is not Kind.HEADING:
            continue
        if runs and runs[-1][-1] == i - 1 and content[spans[i - 1][1] : spans[i][0]] == "\n":
            runs[-1].append(i)
        else:
            runs.append([i])
    return runs


@dataclass(frozen=True, slots=True)
class _List:
    """Where a list ends, or what is quoted of it."""

    end: int
    goes_on: bool


def _list(content: str, spans: list[tuple[int, int]], kinds: list[Kind], at: int) -> _List | None:
    """The list, or the code, that a line with a colon introduces, or a heading right above it."""
    text = content[slice(*spans[at])]
    introduces = text.endswith(":") if kinds[at] is Kind.SENTENCE else kinds[at] is Kind.HEADING
    if not introduces or at + 1 >= len(kinds):
        return None
    if kinds[at + 1] is Kind.CODE and kinds[at] is Kind.SENTENCE:
        return _List(spans[at + 1][1], goes_on=False)
    if kinds[at + 1] is not Kind.ENTRY or (
        kinds[at] is Kind.HEADING and at + 2 < len(kinds) and kinds[at + 2] in _ANNOUNCE
    ):
        return None
    end, items = None, 0
    for i in range(at + 1, len(kinds)):
        if not _in_list(content, spans, kinds, i):
            break
        items += kinds[i] is Kind.ENTRY
        if items > MAX_LIST or spans[i][1] - spans[at][0] > MAX_LIST_LETTERS:
            return _List(end, goes_on=True) if end else None
        end = spans[i][1]
    return _List(end, content.startswith(f"\n{GOES_ON}", end)) if end else None


def _in_list(content: str, spans: list[tuple[int, int]], kinds: list[Kind], at: int) -> bool:
    """Whether this is an entry, or goes on with one on the same line or the next."""
    gap = content[spans[at - 1][1] : spans[at][0]]
    return kinds[at] is Kind.ENTRY or (
        kinds[at] is Kind.SENTENCE and kinds[at - 1] is not Kind.HEADING and "\n\n" not in gap
    )


def _says_little(text: str) -> bool:
    return len(text.split()) <= _TOO_SHORT and text[-1:] in ".!"


def _title(name: str) -> str:
    return PurePosixPath(name).stem.replace("-", " ").replace("_", " ")
