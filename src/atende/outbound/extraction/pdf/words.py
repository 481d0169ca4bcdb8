"""The words of a piece of a line."""

import re

from atende.outbound.extraction.pdf.page import Piece, Word

_WORD = re.compile(r"\S+")


def words_of(piece: Piece) -> list[Word]:
    """Its words; those of a whole piece with places in proportion to their lengths."""
    if piece.words:
        return piece.words
    width = (piece.x1 - piece.x0) / max(1, len(piece.text))
    return [
        Word(match.group(), piece.x0 + width * match.start(), piece.x0 + width * match.end())
        for match in _WORD.finditer(piece.text)
    ]
