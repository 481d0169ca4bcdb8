"""The words of one paragraph of a Word document: as they are shown, after all changes were accepted."""

from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from atende.outbound.extraction.docx.styles import Style, Styles, W, is_on, value

_GONE = frozenset(
    {
        f"{W}{name}"
        for name in ("del", "moveFrom", "pPr", "rPr", "sdtPr", "tblPr", "trPr", "tcPr", "instrText", "delText")
    }
)
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_BOX = f"{W}txbxContent"
_SYMBOLS = {
    "B7": "•",
    "A7": "•",
    "D8": "•",
    "FC": "✓",
    "FE": "[x]",
    "FD": "[x]",
    "53": "[x]",
    "A8": "[ ]",
    "6F": "[ ]",
    "A3": "[ ]",
}
_BOXES = str.maketrans({"☐": "[ ]", "☒": "[x]", "☑": "[x]"})
_PLAIN = {
    f"{W}tab": " ", f"{W}ptab": " ", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-", f"{W}softHyphen": "",
}  # fmt: skip


@dataclass(slots=True)
class Runs:
    """Reads the words below an element. `boxes`: text boxes that are anchored there; `notes`: footnotes that it refers to."""

    styles: Styles
    struck: int = 0
    hidden: int = 0
    deleted: int = 0
    boxes: list[Element] = field(default_factory=list)
    footnotes: list[tuple[str, str]] = field(default_factory=list)

    def text(self, element: Element, style: Style) -> str:
        parts: list[str] = []
        self._children(element, parts, style)
        return "".join(parts).translate(_BOXES)

    def _children(self, element: Element, parts: list[str], style: Style) -> None:
        for child in element:
            if child.tag == f"{W}r":
                self._run(child, parts, style)
            elif child.tag == f"{W}del":
                self.deleted += 1
            elif child.tag == f"{W}sdt":
                self._control(child, parts, style)
            elif child.tag == f"{_MC}AlternateContent":
                self._chosen(child, parts, style)
            elif child.tag not in _GONE:
                self._children(child, parts, style)

    def _chosen(self, element: Element, parts: list[str], style: Style) -> None:
        """The first of several forms of the same content."""
        for child in list(element)[:1]:
            self._pieces(child, parts, style)

    def _control(self, element: Element, parts: list[str], style: Style) -> None:
        """A field to fill in; one that is still empty shows only a hint."""
        if element.find(f"{W}sdtPr/{W}showingPlcHdr") is None:
            content = element.find(f"{W}sdtContent")
            if content is not None:
                self._children(content, parts, style)

    def _run(self, run: Element, parts: list[str], style: Style) -> None:
        form = run.find(f"{W}rPr")
        named = self.styles.get(value(form.find(f"{W}rStyle")) if form is not None else None)
        hidden = is_on(form, "vanish") or named.hidden or style.hidden
        struck = is_on(form, "strike", "dstrike") or named.struck or style.struck
        if hidden or struck:
            unseen: list[str] = []
            self._pieces(run, unseen, style)
            words = len("".join(unseen).split())
            self.hidden, self.struck = self.hidden + words * hidden, self.struck + words * (not hidden)
        else:
            self._pieces(run, parts, style)

    def _pieces(self, run: Element, parts: list[str], style: Style) -> None:
        for piece in run:
            if piece.tag == f"{W}t":
                parts.append(piece.text or "")
            elif piece.tag in _PLAIN:
                parts.append(_PLAIN[piece.tag])
            elif piece.tag == f"{W}sym":
                parts.append(_SYMBOLS.get((value(piece, "char") or "")[-2:].upper(), ""))
            elif piece.tag == f"{W}fldChar":
                parts.append(_form_field(piece))
            elif piece.tag in {f"{W}footnoteReference", f"{W}endnoteReference"}:
                self.footnotes.append((piece.tag[len(W) :].removesuffix("Reference"), value(piece, "id") or ""))
            elif piece.tag == f"{_MC}AlternateContent":
                self._chosen(piece, parts, style)
            elif piece.tag not in _GONE:
                self.boxes += list(piece.iter(_BOX))


def _form_field(element: Element) -> str:
    """What a check box or a list of choices of a form shows; a text field shows the words that follow it."""
    data = element.find(f"{W}ffData")
    if data is None:
        return ""
    box, choices = data.find(f"{W}checkBox"), data.find(f"{W}ddList")
    if box is not None:
        state = box.find(f"{W}checked")
        on = is_on(box, "checked") if state is not None else is_on(box, "default")
        return "[x] " if on else "[ ] "
    if choices is not None:
        entries = [value(entry) or "" for entry in choices.findall(f"{W}listEntry")]
        chosen = value(choices.find(f"{W}result")) or "0"
        return entries[int(chosen)] if chosen.isdecimal() and int(chosen) < len(entries) else ""
    return ""
