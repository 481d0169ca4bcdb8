"""Styles and numbering of Word documents: what is a heading, and which mark a list entry has."""

import re
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING = re.compile(r"(?:heading|título|titulo|overskrift) ?\d|title|subtitle", re.IGNORECASE)
_DEEPEST = 20
_ROMAN = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


def value(element: Element | None, name: str = "val") -> str | None:
    return None if element is None else element.get(f"{W}{name}")


def is_on(parent: Element | None, *names: str) -> bool:
    """Whether one of these switches of a format is on."""
    for name in names if parent is not None else ():
        found = parent.find(f"{W}{name}") if parent is not None else None
        if found is not None and value(found) not in {"0", "false", "none", "off"}:
            return True
    return False


@dataclass(frozen=True, slots=True)
class Style:
    heading: bool = False
    numbering: tuple[str, int] | None = None
    hidden: bool = False
    struck: bool = False
    code: bool = False


@dataclass(slots=True)
class Styles:
    """The styles by id."""

    root: Element | None
    _elements: dict[str, Element] = field(default_factory=dict)
    _known: dict[str, Style] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for element in self.root.iter(f"{W}style") if self.root is not None else ():
            self._elements[value(element, "styleId") or ""] = element

    def get(self, name: str | None) -> Style:
        if not name or name not in self._elements:
            return Style()
        if name not in self._known:
            self._known[name] = self._read(name)
        return self._known[name]

    def _read(self, name: str) -> Style:
        heading = hidden = struck = code = False
        numbering: tuple[str, int] | None = None
        at: str | None = name
        for _ in range(_DEEPEST):
            element = self._elements.get(at or "")
            if element is None:
                break
            title = value(element.find(f"{W}name")) or ""
            paragraph, run = element.find(f"{W}pPr"), element.find(f"{W}rPr")
            heading = heading or bool(_HEADING.match(title)) or outline(paragraph)
            code = code or bool(re.search(r"\b(?:code|código|preformatted|pré-formatado)", title, re.IGNORECASE))
            numbering = numbering or numbered(paragraph)
            hidden, struck = hidden or is_on(run, "vanish"), struck or is_on(run, "strike", "dstrike")
            at = value(element.find(f"{W}basedOn"))
        return Style(heading, numbering, hidden, struck, code)


def outline(paragraph: Element | None) -> bool:
    level = value(paragraph.find(f"{W}outlineLvl")) if paragraph is not None else None
    return level is not None and level.isdecimal() and int(level) < 9


def numbered(paragraph: Element | None) -> tuple[str, int] | None:
    """The list and the level that a format of a paragraph names."""
    found = paragraph.find(f"{W}numPr") if paragraph is not None else None
    if found is None:
        return None
    number, level = value(found.find(f"{W}numId")), value(found.find(f"{W}ilvl")) or "0"
    return (number or "", int(level) if level.isdecimal() else 0)


@dataclass(slots=True)
class Numbering:
    """Counts the entries of lists."""

    root: Element | None
    _levels: dict[str, dict[int, tuple[str, str, int]]] = field(default_factory=dict)
    _abstract: dict[str, str] = field(default_factory=dict)
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.root is None:
            return
        made = {value(one, "abstractNumId") or "": _levels(one) for one in self.root.findall(f"{W}abstractNum")}
        for one in self.root.findall(f"{W}num"):
            number = value(one, "numId") or ""
            abstract = value(one.find(f"{W}abstractNumId")) or ""
            overridden = one.find(f"{W}lvlOverride") is not None
            self._abstract[number] = number if overridden else abstract
            self._levels[number] = made.get(abstract, {}) | _overrides(one, made.get(abstract, {}))

    def mark(self, number: str, level: int) -> str | None:
        """The mark of the next entry; None if it has none."""
        if number in {"", "0"}:
            return None
        levels = self._levels.get(number, {})
        kind, pattern, first = levels.get(level, ("bullet", "", 1))
        counts = self._counts.setdefault(self._abstract.get(number, number), {})
        counts[level] = counts.get(level, first - 1) + 1
        for deeper in [at for at in counts if at > level]:
            del counts[deeper]
        if kind == "none":
            return None
        if kind == "bullet" or "%" not in pattern:
            return "-"
        return re.sub(r"%(\d)", lambda found: _shown(counts, levels, int(found.group(1)) - 1), pattern).strip()


def _shown(counts: dict[int, int], levels: dict[int, tuple[str, str, int]], level: int) -> str:
    kind, _, first = levels.get(level, ("decimal", "", 1))
    return _number(counts.get(level, first), kind)


def _number(number: int, kind: str) -> str:
    if kind in {"lowerLetter", "upperLetter"} and number > 0:
        letter = chr(ord("a") + (number - 1) % 26) * (1 + (number - 1) // 26 % 5)
        return letter.upper() if kind == "upperLetter" else letter
    if kind in {"lowerRoman", "upperRoman"} and 0 < number < 40:
        rest, letters = number, ""
        for amount, sign in _ROMAN:
            letters, rest = letters + sign * (rest // amount), rest % amount
        return letters.upper() if kind == "upperRoman" else letters
    return f"{number:02}" if kind == "decimalZero" else str(number)


def _levels(parent: Element) -> dict[int, tuple[str, str, int]]:
    """Of each level the kind of its numbers, the pattern of its mark and its first number."""
    found = {}
    for element in parent.findall(f"{W}lvl"):
        level, first = value(element, "ilvl") or "0", value(element.find(f"{W}start")) or "1"
        if level.isdecimal():
            found[int(level)] = (
                value(element.find(f"{W}numFmt")) or "decimal",
                value(element.find(f"{W}lvlText")) or "",
                int(first) if first.isdecimal() else 1,
            )
    return found


def _overrides(number: Element, levels: dict[int, tuple[str, str, int]]) -> dict[int, tuple[str, str, int]]:
    found: dict[int, tuple[str, str, int]] = {}
    for element in number.findall(f"{W}lvlOverride"):
        level, first = value(element, "ilvl") or "0", value(element.find(f"{W}startOverride"))
        found |= _levels(element)
        if level.isdecimal() and first and first.isdecimal() and int(level) in levels:
            kind, pattern, _ = levels[int(level)]
            found[int(level)] = (kind, pattern, int(first))
    return found
