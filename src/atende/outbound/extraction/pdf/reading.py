"""Taking the pieces of lines from a page of a PDF, with as few calls as possible: most lines are one piece."""

import ctypes
import math
import re
from collections.abc import Iterator

import pypdfium2
import pypdfium2.raw as pdfium

from atende.outbound.extraction.pdf.drawing import drawing
from atende.outbound.extraction.pdf.forms import filled_in
from atende.outbound.extraction.pdf.page import Box, Page, Piece, Word
from atende.outbound.extraction.pdf.words import words_of

_WIDE = 0.9
"""A gap of this many ems divides a line."""
_HYPHENS = str.maketrans({"\x02": "-", "\ufffe": "-", "\u00ad": "-", "\u00a0": " "})
_LINE = re.compile("[^\r\n\x02\ufffe]*(?:[\x02\ufffe]|(?=[\r\n])|$)")
_WORD = re.compile(r"[^ \t\u00a0]+")
_INVISIBLE, _CLIPPED = 3, 7
_TINY = 1.5
_SAMPLES = 9
_WHITE = 250
_STRUCK_FROM, _STRUCK_TO = 0.12, 0.55
_OCR_LAYER = 0.5
_MAX_PIECES = 50_000
_UNMAPPED = re.compile("[\ufffd\ue000-\uf8ff]")
_PRIVATE = str.maketrans({
    "\uf0b7": "•", "\uf0a7": "•", "\uf0d8": "•", "\uf0fc": "✓", "\uf06f": "•", "\uf02d": "-", "\uf0a8": "•", "\uf076": "•",
    "\uf0fe": "☒",
})  # fmt: skip


class PageReader:
    """Reads one page."""

    def __init__(self, page: pypdfium2.PdfPage, text_page: pypdfium2.PdfTextPage, number: int) -> None:
        self._page, self._text_page = page, text_page.raw
        self._numbers = [ctypes.c_double() for _ in range(4)]
        self._references = [ctypes.byref(one) for one in self._numbers]
        self._left, self._bottom, self._right, self._top = page.get_cropbox()
        self._turned = self._direction()
        width, height = self._right - self._left, self._top - self._bottom
        if self._turned % 2:
            width, height = height, width
        self.found = Page(number, width, height)

    def _direction(self) -> int:
        """How many quarters of a circle most of the text is turned by, whatever the page says of itself."""
        count = pdfium.FPDFText_CountChars(self._text_page)
        places = [count * n // (_SAMPLES + 1) for n in range(1, _SAMPLES + 1)] if count > _SAMPLES else []
        angles = [round(float(pdfium.FPDFText_GetCharAngle(self._text_page, i)) / (math.pi / 2)) % 4 for i in places]
        return max(set(angles), key=angles.count) if angles else int(self._page.get_rotation()) // 90 % 4

    def read(self, form: object | None) -> Page:
        found = self.found
        found.drawing = drawing(self._page, self._box)
        text = self._text()
        seen: set[tuple[str, int, int]] = set()
        for match in _LINE.finditer(text):
            for piece, first in self._line(match.group(), match.start()):
                key = (piece.text, round(piece.x0 / 2), round(piece.base / 2))
                if key not in seen and len(found.pieces) < _MAX_PIECES and self._is_seen(piece, first):
                    seen.add(key)
                    found.pieces.append(piece)
        self._strike()
        found.pieces += filled_in(self._page, form, self._box)
        return found

    def _text(self) -> str:
        count = max(0, pdfium.FPDFText_CountChars(self._text_page))
        buffer = (ctypes.c_ushort * (count + 1))()
        written = pdfium.FPDFText_GetText(self._text_page, 0, count, buffer)
        text = bytes(buffer)[: 2 * max(0, written - 1)].decode("utf-16-le", errors="surrogatepass")
        if len(text) != count:  # then the numbers of characters are not offsets into the text
            codes = (pdfium.FPDFText_GetUnicode(self._text_page, i) for i in range(count))
            text = "".join(chr(code) if 0 < code < 0x110000 else " " for code in codes)
        return text

    def _line(self, line: str, start: int) -> Iterator[tuple[Piece, int]]:
        text = line.rstrip(" \t\u00a0")
        blank = len(text) - len(text.lstrip(" \t\u00a0"))
        text, first = text[blank:], start + blank
        if not text:
            return
        base, em = self._size(first)
        if pdfium.FPDFText_CountRects(self._text_page, first, len(text)) == 1:
            pdfium.FPDFText_GetRect(self._text_page, 0, *(self._references[i] for i in (0, 3, 2, 1)))
            box = self._box(*(number.value for number in self._numbers))
            yield Piece(box.x0, box.x1, base, em, _clean(text)), first
            return
        run: list[tuple[Word, int]] = []
        for match in _WORD.finditer(text):
            word = self._word(match.group(), first + match.start())
            if run and (word.x0 - run[-1][0].x1 > _WIDE * em or word.x0 < run[0][0].x0 - em):
                yield self._piece([one for one, _ in run], run[0][1]), run[0][1]
                run = []
            run.append((word, first + match.start()))
        if run:
            yield self._piece([one for one, _ in run], run[0][1]), run[0][1]

    def _piece(self, words: list[Word], first: int) -> Piece:
        base, em = self._size(first)
        return Piece(
            words[0].x0, max(word.x1 for word in words), base, em, _clean(" ".join(word.text for word in words)), words
        )

    def _word(self, text: str, first: int) -> Word:
        start, end = self._character(first), self._character(first + len(text) - 1)
        return Word(_clean(text), min(start.x0, end.x0), max(start.x1, end.x1))

    def _character(self, index: int) -> Box:
        left, bottom, right, top = self._numbers
        pdfium.FPDFText_GetCharBox(self._text_page, index, *(self._references[i] for i in (0, 2, 1, 3)))
        return self._box(left.value, bottom.value, right.value, top.value)

    def _size(self, index: int) -> tuple[float, float]:
        """The base line and the size of a character."""
        loose = pdfium.FS_RECTF()
        pdfium.FPDFText_GetLooseCharBox(self._text_page, index, loose)
        box = self._box(loose.left, loose.bottom, loose.right, loose.top)
        pdfium.FPDFText_GetCharOrigin(self._text_page, index, self._references[0], self._references[1])
        origin = self._box(
            self._numbers[0].value, self._numbers[1].value, self._numbers[0].value, self._numbers[1].value
        )
        return origin.bottom, max(0.1, (box.bottom - box.top) / 1.15)

    def _box(self, left: float, bottom: float, right: float, top: float) -> Box:
        """The place on the page as it is shown."""
        left, right = left - self._left, right - self._left
        bottom, top = bottom - self._bottom, top - self._bottom
        width, height = self._right - self._left, self._top - self._bottom
        if self._turned == 1:
            return Box(bottom, left, top, right)
        if self._turned == 2:
            return Box(width - right, bottom, width - left, top)
        if self._turned == 3:
            return Box(height - top, width - right, height - bottom, width - left)
        return Box(left, height - top, right, height - bottom)

    def _is_seen(self, piece: Piece, first: int) -> bool:
        found = self.found
        middle = (piece.x0 + piece.x1) / 2
        outside = not (-1 <= middle <= found.width + 1 and -1 <= piece.base <= found.height + piece.em)
        if outside or piece.em < _TINY or self._is_transparent(first) or self._is_white(piece, first):
            found.hidden += len(piece.text.split())
            return False
        found.unmapped += len(_UNMAPPED.findall(piece.text))
        return True

    def _is_transparent(self, index: int) -> bool:
        """Whether it is drawn without ink, other than as the text layer of a scanned page."""
        drawn = pdfium.FPDFText_GetTextObject(self._text_page, index)
        mode = pdfium.FPDFTextObj_GetTextRenderMode(drawn) if drawn else 0
        if mode not in {_INVISIBLE, _CLIPPED}:
            return False
        area = sum((box.x1 - box.x0) * (box.bottom - box.top) for box in self.found.drawing.images)
        return area < _OCR_LAYER * self.found.width * self.found.height

    def _is_white(self, piece: Piece, index: int) -> bool:
        """Whether it is white on white."""
        colour = [ctypes.c_uint() for _ in range(4)]
        if not pdfium.FPDFText_GetFillColor(self._text_page, index, *map(ctypes.byref, colour)):
            return False
        if colour[3].value > 5 and min(one.value for one in colour[:3]) < _WHITE:
            return False
        drawn = pdfium.FPDFText_GetTextObject(self._text_page, index)
        if drawn and pdfium.FPDFTextObj_GetTextRenderMode(drawn) in {1, 2, _INVISIBLE}:
            return False
        x, y = (piece.x0 + piece.x1) / 2, piece.base - piece.em / 3
        return not any(box.covers(x, y) for box in (*self.found.drawing.filled, *self.found.drawing.images))

    def _strike(self) -> None:
        """Takes out the words that a line is drawn through."""
        for line in self.found.drawing.across:
            for piece in self.found.pieces:
                if _goes_through(line, piece):
                    self._strike_words(piece, line)
        self.found.pieces = [piece for piece in self.found.pieces if piece.text]

    def _strike_words(self, piece: Piece, line: Box) -> None:
        words = words_of(piece)
        kept = [word for word in words if not line.x0 - 1 <= (word.x0 + word.x1) / 2 <= line.x1 + 1]
        self.found.struck += len(words) - len(kept)
        piece.words, piece.text = kept, " ".join(word.text for word in kept)


def _goes_through(line: Box, piece: Piece) -> bool:
    """Whether a line is drawn through letters, and not under them or around a cell."""
    height = (piece.base - line.top) / piece.em
    meets = line.x0 < piece.x1 and piece.x0 < line.x1
    return meets and _STRUCK_FROM < height < _STRUCK_TO and line.x1 - line.x0 < piece.x1 - piece.x0 + piece.em


def _clean(text: str) -> str:
    return text.translate(_HYPHENS).translate(_PRIVATE)
