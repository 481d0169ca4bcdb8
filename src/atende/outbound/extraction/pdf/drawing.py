"""Lines, filled areas and images of a page of a PDF."""

import ctypes
from collections.abc import Callable

import pypdfium2
import pypdfium2.raw as pdfium

from atende.outbound.extraction.pdf.page import Box, Drawing

_MOST_OBJECTS = 20_000
_MOST_CORNERS = 2_000
_THIN = 2.5
_SHORTEST = 4.0
_WHITE = 250
Place = Callable[[float, float, float, float], Box]


def drawing(page: pypdfium2.PdfPage, place: Place) -> Drawing:
    found = Drawing()
    raw = page.raw
    for i in range(min(pdfium.FPDFPage_CountObjects(raw), _MOST_OBJECTS)):
        drawn = pdfium.FPDFPage_GetObject(raw, i)
        kind = pdfium.FPDFPageObj_GetType(drawn)
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            _path(drawn, place, found)
        elif kind in {pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_SHADING}:
            if (box := _bounds(drawn, place)) is not None:
                found.images.append(box)
        elif kind == pdfium.FPDF_PAGEOBJ_FORM and pdfium.FPDFFormObj_CountObjects(drawn) > 0:
            _form(drawn, place, found)
    return found


def _form(drawn: object, place: Place, found: Drawing) -> None:
    """Of a drawing inside the drawing, only whether it holds images: their places are relative to it."""
    for i in range(min(pdfium.FPDFFormObj_CountObjects(drawn), 200)):
        inner = pdfium.FPDFFormObj_GetObject(drawn, i)
        if pdfium.FPDFPageObj_GetType(inner) in {pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_PATH}:
            if (box := _bounds(drawn, place)) is not None:
                found.images.append(box)
            return


def _bounds(drawn: object, place: Place) -> Box | None:
    corners = [ctypes.c_float() for _ in range(4)]
    if not pdfium.FPDFPageObj_GetBounds(drawn, *map(ctypes.byref, corners)):
        return None
    return place(*(corner.value for corner in corners))


def _path(drawn: object, place: Place, found: Drawing) -> None:
    box = _bounds(drawn, place)
    if box is None:
        return
    filled, stroked = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(drawn, ctypes.byref(filled), ctypes.byref(stroked))
    corners = pdfium.FPDFPath_CountSegments(drawn)
    if _line(box, found):
        return
    if filled.value and not _is_white(drawn):
        found.filled.append(box)
    if stroked.value and corners <= _MOST_CORNERS:
        _edges(drawn, corners, place, found)


def _line(box: Box, found: Drawing) -> bool:
    """Whether it is so thin that it is a line."""
    width, height = box.x1 - box.x0, box.bottom - box.top
    middle_x, middle_y = (box.x0 + box.x1) / 2, (box.top + box.bottom) / 2
    if height <= _THIN and width >= _SHORTEST:
        found.across.append(Box(box.x0, middle_y, box.x1, middle_y))
    elif width <= _THIN and height >= _SHORTEST:
        found.down.append(Box(middle_x, box.top, middle_x, box.bottom))
    return height <= _THIN or width <= _THIN


def _is_white(drawn: object) -> bool:
    colour = [ctypes.c_uint() for _ in range(4)]
    if not pdfium.FPDFPageObj_GetFillColor(drawn, *map(ctypes.byref, colour)):
        return False
    return min(one.value for one in colour[:3]) >= _WHITE or colour[3].value < 5


def _edges(drawn: object, corners: int, place: Place, found: Drawing) -> None:
    """The straight lines of a path: the sides of a rectangle, or a whole grid."""
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(drawn, matrix)
    x, y = ctypes.c_float(), ctypes.c_float()
    at: tuple[float, float] | None = None
    start: tuple[float, float] | None = None
    for i in range(corners):
        corner = pdfium.FPDFPath_GetPathSegment(drawn, i)
        kind = pdfium.FPDFPathSegment_GetType(corner)
        pdfium.FPDFPathSegment_GetPoint(corner, ctypes.byref(x), ctypes.byref(y))
        to = (
            matrix.a * x.value + matrix.c * y.value + matrix.e,
            matrix.b * x.value + matrix.d * y.value + matrix.f,
        )
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            start = to
        elif kind == pdfium.FPDF_SEGMENT_LINETO and at is not None:
            _edge(at, to, place, found)
        at = to
        if pdfium.FPDFPathSegment_GetClose(corner) and start is not None:
            _edge(at, start, place, found)


def _edge(one: tuple[float, float], other: tuple[float, float], place: Place, found: Drawing) -> None:
    left, right = sorted((one[0], other[0]))
    low, high = sorted((one[1], other[1]))
    _line(place(left, low, right, high), found)
