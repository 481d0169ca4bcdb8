"""The formats of cells."""

from xml.etree.ElementTree import Element

from atende.outbound.extraction.xlsx import numbers

_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


class Formats:
    """The formats of a workbook, by the number that a cell names."""

    def __init__(self, root: Element | None, *, comma: bool, from_1904: bool) -> None:
        self._comma, self._from_1904 = comma, from_1904
        self._codes: list[str] = []
        self._struck: list[bool] = []
        if root is None:
            return
        own = {one.get("numFmtId"): one.get("formatCode") or "" for one in root.iter(f"{_S}numFmt")}
        fonts = [_strikes(font) for font in root.findall(f"{_S}fonts/{_S}font")]
        for form in root.findall(f"{_S}cellXfs/{_S}xf"):
            number, font = form.get("numFmtId") or "0", form.get("fontId") or "0"
            self._codes.append(own.get(number) or numbers.built_in(int(number) if number.isdecimal() else 0))
            self._struck.append(font.isdecimal() and int(font) < len(fonts) and fonts[int(font)])

    def number(self, text: str, style: int) -> str:
        code = self._codes[style] if style < len(self._codes) else ""
        return numbers.shown(text, "" if code == "General" else code, comma=self._comma, from_1904=self._from_1904)

    def is_struck(self, style: int) -> bool:
        return style < len(self._struck) and self._struck[style]


def _strikes(font: Element) -> bool:
    strike = font.find(f"{_S}strike")
    return strike is not None and strike.get("val") not in {"0", "false"}
