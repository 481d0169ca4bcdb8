"""Lists and tables among the sentences of a text: what belongs together, and what a part of it must repeat to be understood."""

from collections.abc import Sequence
from dataclasses import dataclass

from atende.core.language.segments import is_item, is_row


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence, a heading, a list entry or a table row, or a part of one that is too long.

    `inside_code`, `code_goes_on`: it is a part of lines of code without their beginning, or without their end.
    """

    start: int
    end: int
    tokens: int
    page: int
    heading: bool
    inside_code: bool = False
    code_goes_on: bool = False


class Runs:
    """The lists and tables of one text."""

    def __init__(self, text: str, pieces: Sequence[Piece]) -> None:
        self._text, self._pieces = text, pieces
        self._head: dict[int, int] = {}
        """Of each entry or row the first line of its list, or the first row of its table."""
        self._end: dict[int, int] = {}
        """Of the first line of each list its last piece."""
        self._listed: set[int] = set()
        self._rows: set[int] = set()
        at = 0
        while at < len(pieces):
            if self._is_row(at):
                at = self._table(at)
            elif self._is_item(at):
                at = self._list(at)
            else:
                at += 1

    def above(self, at: int) -> list[Piece]:
        """What a chunk that begins with this piece repeats: the first line of its list, or the first row of its table and its
        title.
        """
        head = self._head.get(at)
        if head is None or head == at:
            return []
        title = head - 1 if head in self._rows and head and self._introduces(head - 1) else head
        return [self._pieces[i] for i in range(title, head + 1)]

    def list_end(self, at: int) -> int:
        """The last piece of the list that this piece introduces; the piece itself if it introduces none."""
        return self._end.get(at, at)

    def is_listed(self, at: int) -> bool:
        return at in self._listed

    def is_structured(self, at: int) -> bool:
        return at in self._listed or at in self._rows

    def is_cut_list(self, last: int) -> bool:
        """Whether a list goes on after this piece."""
        return last in self._listed and last + 1 in self._listed and self._head.get(last + 1) == self._head.get(last)

    def _table(self, at: int) -> int:
        end = at
        while end + 1 < len(self._pieces) and self._is_row(end + 1) and self._gap(end) == "\n":
            end += 1
        for i in range(at, end + 1):
            self._rows.add(i)
            if i > at and end > at:
                self._head[i] = at
        return end + 1

    def _list(self, at: int) -> int:
        end = at
        while end + 1 < len(self._pieces) and self._continues(end):
            end += 1
        head = at - 1 if at and self._introduces(at - 1) else at
        for i in range(head, end + 1):
            self._listed.add(i)
            if head < at:
                self._head[i] = head
        self._end[head] = end
        return end + 1

    def _continues(self, at: int) -> bool:
        """Whether the list goes on after this piece."""
        gap = self._gap(at)
        return "\n\n" not in gap or (self._is_item(at + 1) and gap == "\n\n")

    def _introduces(self, at: int) -> bool:
        piece = self._pieces[at]
        if at in self._listed or at in self._rows:
            return False
        return piece.heading or self._text[piece.end - 1] == ":" or self._gap(at) == "\n"

    def _gap(self, at: int) -> str:
        return self._text[self._pieces[at].end : self._pieces[at + 1].start]

    def _is_item(self, at: int) -> bool:
        piece = self._pieces[at]
        starts_line = piece.start == 0 or self._text[piece.start - 1] == "\n"
        return (
            starts_line
            and is_item(self._text[piece.start : piece.end])
            and not self._is_row(at)
            and not self._is_title(at)
        )

    def _is_title(self, at: int) -> bool:
        """Whether it is a numbered heading that stands alone."""
        piece = self._pieces[at]
        alone = at + 1 >= len(self._pieces) or self._gap(at) != "\n"
        before = at == 0 or self._gap(at - 1) != "\n"
        return piece.heading and alone and before

    def _is_row(self, at: int) -> bool:
        piece = self._pieces[at]
        return is_row(self._text[piece.start : piece.end])
