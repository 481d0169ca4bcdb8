"""One pass over the pieces of a message: which kinds it holds, whether it asks or wants something, how much is content."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from atende.core.language.phrases.kinds import Kind
from atende.core.language.phrases.lexer import Token

COURTESIES: Final = frozenset({Kind.CLOSING, Kind.RESOLVED, Kind.LATER, Kind.FAREWELL, Kind.HELPED, Kind.THANKS})
"""The kinds that speak for an end."""

_CARRIERS: Final = COURTESIES | {Kind.ADVANCE, Kind.GREETING}
_ENDS: Final = frozenset({Kind.COMMA, Kind.BREAK, Kind.MARK})
_INSIDE: Final = frozenset({Kind.WORD, Kind.NUMBER, Kind.STOP, Kind.LINK})
"""What stands before a word that does not open its clause."""

_SWALLOWED: Final[dict[Kind | None, set[Kind]]] = {
    Kind.THANKS: {Kind.AND, Kind.COMPLAINT},
    Kind.HELPED: {Kind.AND, Kind.COMPLAINT},
    Kind.CLOSING: {Kind.AND},
}
"""What a complement may hold without ending: thanks *for the help and the patience*."""

_CLAIMS: Final = frozenset({Kind.CLOSING, Kind.RESOLVED})
_GREETINGS: Final = frozenset({Kind.GREETING, Kind.TIME_WISH})
_ANSWERS: Final = frozenset({Kind.CLOSING, Kind.FAREWELL})
_BYE: Final = re.compile(r"\b(?:good)?bye|tchau|xau|adios|cha[ou]\b")
"""What ends a clause wherever it stands; other closings in the middle of one say something else: `chega até amanhã`."""

_NAME: Final = 2
_A_FACT: Final = 2
_COMPLEMENT: Final = 14


@dataclass(slots=True)
class Scan:
    """What one message does. Texts are evidence, normalised; an empty one means: not there.

    Words that hang on a courtesy are no content: a name (`thanks Maria`), or a complement (`thanks for finding it`).
    """

    found: dict[Kind, str] = field(default_factory=dict)
    content: int = 0
    question: str = ""
    request: str = ""
    contrast: str = ""
    greets: bool = False
    _room: int = 0
    _complement: bool = False
    _carrier: Kind | None = None
    _bare: bool = False
    _before: Kind | None = None
    _added: str = ""
    _first: bool = True
    _sentence: list[Token] = field(default_factory=list)
    _sentence_content: int = 0
    _clause_content: int = 0
    _hung: bool = False

    @classmethod
    def of(cls, tokens: Iterable[Token]) -> "Scan":
        scan = cls()
        for token in tokens:
            scan._take(token)
        return scan

    @property
    def is_open(self) -> bool:
        """Whether the writer wants something."""
        return bool(self.question or self.request or self.contrast or Kind.COMPLAINT in self.found)

    @property
    def is_courteous(self) -> bool:
        return not COURTESIES.isdisjoint(self.found)

    def _take(self, token: Token) -> None:
        if token.kind in _ENDS:
            self._end(token.kind)
            return
        self._sentence.append(token)
        self._dispatch(token)
        self._before, self._first = token.kind, False

    def _dispatch(self, token: Token) -> None:
        match token.kind:
            case Kind.WORD:
                self._take_content()
            case Kind.NUMBER:
                self._take_content(_A_FACT)
            case Kind.LINK:
                self._complement = self._complement or (self._room > 0 and self._bare)
                self._room = _COMPLEMENT if self._complement else 0
            case Kind.STOP:
                self._room = self._room if self._complement else 0
            case Kind.REQUEST | Kind.QUESTION | Kind.IMPERATIVE:
                self._take_wish(token)
            case Kind.BUT | Kind.AND | Kind.ADDING | Kind.PLEASE | Kind.COMPLAINT:
                self._take_turn(token)
            case _:
                self._take_signal(token)

    def _take_content(self, weight: int = 1) -> None:
        if self._room:
            self._room -= 1
            self._bare = self._bare and self._complement
            self._hung = True
            return
        self._bare = False
        self.content += weight
        self._sentence_content += weight
        self._clause_content += weight
        self.request = self.request or self._added
        self.contrast = self.contrast or self.found.get(Kind.BUT, "")

    def _take_wish(self, token: Token) -> None:
        if self._is_relative():
            return
        opens = self._before not in _INSIDE and self._before is not Kind.NO
        if token.kind is Kind.REQUEST or (token.kind is Kind.IMPERATIVE and opens):
            self.request = self.request or token.text
            self._hang(0)
        elif token.kind is Kind.QUESTION and opens:
            self.question = self.question or token.text
            self._hang(0)
        elif token.kind is Kind.IMPERATIVE:
            self._take_content()

    def _is_relative(self) -> bool:
        """`Eso es todo lo que voy a necesitar`: the wish belongs to the closing before it."""
        return self._bare and self._carrier is Kind.CLOSING and self._before in {Kind.LINK, Kind.STOP}

    def _take_turn(self, token: Token) -> None:
        if self._complement and self._room and token.kind in _SWALLOWED.get(self._carrier, ()):
            return
        if token.kind in {Kind.ADDING, Kind.PLEASE}:
            self._added = token.text
            if self._sentence_content:
                self.request = self.request or token.text
        self.found.setdefault(token.kind, token.text)
        self._hang(0)

    def _take_signal(self, token: Token) -> None:
        if token.kind in {Kind.YES, Kind.NO} and self._before in _INSIDE:
            return
        if token.kind in _ANSWERS and self._runs_on() and not _BYE.search(token.text):
            return
        self._clause_content = 0
        self.found.setdefault(token.kind, token.text)
        if token.kind is Kind.TIME_WISH and self.is_courteous:
            self.found.setdefault(Kind.FAREWELL, token.text)
        self.greets = self.greets or (len(self._sentence) == 1 and self._first and token.kind in _GREETINGS)
        if token.kind in _CARRIERS:
            self._hang(_NAME)
            self._carrier, self._bare = token.kind, True
        if token.kind in {Kind.NEXT_STEP, Kind.LATER}:
            self._hang(_COMPLEMENT)

    def _runs_on(self) -> bool:
        return self._clause_content > 0 and self._before in {Kind.WORD, Kind.NUMBER}

    def _hang(self, room: int) -> None:
        self._room, self._complement = room, room == _COMPLEMENT

    def _end(self, kind: Kind) -> None:
        self._hang(0)
        self._before, self._bare, self._clause_content = None, False, 0
        if kind is Kind.COMMA:
            return
        if kind is Kind.MARK and self._asks():
            self.question = self.question or " ".join(token.text for token in self._sentence) or "?"
        self._added, self._sentence_content, self._hung = "", 0, False
        self._sentence.clear()

    def _asks(self) -> bool:
        """Whether the sentence before a question mark asks; a tag (`só isso, tá?`) and a courtesy do not."""
        if not self._sentence:
            return not self.found
        kinds = {token.kind for token in self._sentence}
        if self._sentence_content or not kinds.isdisjoint({Kind.QUESTION, Kind.REQUEST, Kind.IMPERATIVE, Kind.STOP}):
            return True
        return not kinds.isdisjoint(_CLAIMS) and (self._hung or self._sentence[-1].kind in _CLAIMS)
