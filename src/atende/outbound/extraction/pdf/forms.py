"""Fields of a PDF form that were filled in, and text that was typed onto a page."""

import ctypes

import pypdfium2
import pypdfium2.raw as pdfium

from atende.outbound.extraction.pdf.drawing import Place
from atende.outbound.extraction.pdf.page import Box, Piece

_MOST = 5_000
_HIDDEN_FLAGS = 2 | 32
_TEXT_KINDS = frozenset(
    {pdfium.FPDF_FORMFIELD_TEXTFIELD, pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX}
)
_BOXES = frozenset({pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON})
_PASSWORD = 1 << 13
_EM = 10.0


def filled_in(page: pypdfium2.PdfPage, form: object | None, place: Place) -> list[Piece]:
    """One piece for each line of a filled field, each box to tick, and each text that was typed onto the page."""
    found: list[Piece] = []
    raw = page.raw
    for i in range(min(pdfium.FPDFPage_GetAnnotCount(raw), _MOST)):
        note = pdfium.FPDFPage_GetAnnot(raw, i)
        if not note:
            continue
        try:
            found += _pieces(note, form, place)
        finally:
            pdfium.FPDFPage_CloseAnnot(note)
    return found


def _pieces(note: object, form: object | None, place: Place) -> list[Piece]:
    kind = pdfium.FPDFAnnot_GetSubtype(note)
    corners = pdfium.FS_RECTF()
    if pdfium.FPDFAnnot_GetFlags(note) & _HIDDEN_FLAGS or not pdfium.FPDFAnnot_GetRect(note, corners):
        return []
    box = place(corners.left, corners.bottom, corners.right, corners.top)
    if kind == pdfium.FPDF_ANNOT_FREETEXT:
        return _lines(_string(note, "Contents"), box, "")
    if kind != pdfium.FPDF_ANNOT_WIDGET or form is None:
        return []
    field = pdfium.FPDFAnnot_GetFormFieldType(form, note)
    if field in _BOXES:
        mark = "[x]" if pdfium.FPDFAnnot_IsChecked(form, note) else "[ ]"
        return [Piece(box.x0, box.x1, box.bottom - 2, min(_EM, box.bottom - box.top), mark, field=True)]
    if field not in _TEXT_KINDS or pdfium.FPDFAnnot_GetFormFieldFlags(form, note) & _PASSWORD:
        return []
    value = _asked(pdfium.FPDFAnnot_GetFormFieldValue, form, note) or _string(note, "V")
    return _lines(value, box, _asked(pdfium.FPDFAnnot_GetFormFieldAlternateName, form, note))


def _lines(text: str, box: Box, _name: str) -> list[Piece]:
    lines = [line.strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if line.strip()]
    if not lines:
        return []
    height = (box.bottom - box.top) / len(lines)
    em = min(_EM, height)
    if len(lines) == 1:  # in the middle of its field
        base = (box.top + box.bottom) / 2 + em * 0.35
        return [Piece(box.x0, box.x1, base, em, lines[0], field=True)]
    return [Piece(box.x0, box.x1, box.top + height * n + em, em, line, field=True) for n, line in enumerate(lines)]


def _asked(function: "ctypes._NamedFuncPointer", form: object, note: object) -> str:
    size = function(form, note, None, 0)
    if size <= 2 or size > 200_000:
        return ""
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    function(form, note, buffer, size)
    return bytes(buffer)[: size - 2].decode("utf-16-le", errors="replace")


def _string(note: object, key: str) -> str:
    size = pdfium.FPDFAnnot_GetStringValue(note, key.encode(), None, 0)
    if size <= 2 or size > 200_000:
        return ""
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    pdfium.FPDFAnnot_GetStringValue(note, key.encode(), buffer, size)
    return bytes(buffer)[: size - 2].decode("utf-16-le", errors="replace")
