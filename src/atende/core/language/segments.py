"""Where sentences begin and end. Headings, list items and table rows are sentences of their own; wrapped lines are not."""

import re
from bisect import bisect_left
from itertools import pairwise

from atende.core.language.lexicon import word_set

MAX_HEADING = 90
FENCE = "```"
"""Lines of code stand between two lines of this."""

_LINE = re.compile(r"[^\n]+")
_FENCE_LINE = re.compile(r"^```[\w+-]*$", re.MULTILINE)
_STOP = re.compile(r"(?:\.{1,3}|[!?…]+)[\"'”’»)\]*]*(?=\s)")
_LAST_WORD = re.compile(r"[^\s(\[\"'“‘«]*$")
_ITEM = re.compile(r"(?:[-*•·‣▪●○–—✓✔☑►]|\(?[0-9]{1,3}[.)]|\(?[a-zA-Z][.)]|[ivxIVX]{1,4}[.)])[ \n](?=\S)")
_LABEL = re.compile(r"[^\W\d_a-zà-ÿ][\w/-]*(?: [\w/-]+){0,3}: \S")
_NUMBERING = re.compile(r"\(?(?:[0-9]{1,3}(?:\.[0-9]{1,3})*|[a-zA-Z]|[ivxIVX]{1,4})[.)]?$")
_NARROW = 45
_NEVER_LAST = word_set("""
        sl sr sra srs sras srta dr dra drs prof profa eng exmo exma ilmo av r al tv rod pça jd ed apto ap art arts inc
        par obs ex n nº no nr num pag pág pg págs p pp fl fls vol cap fig tab tel fone cel ref cf vs min máx max
        aprox cód cod doc mr mrs ms st mt ave blvd gen gov sgt capt e.g i.e eg ie esp p.ex ex.mo ud uds vd ntra núm
        sto sta d.a jr séc dept dpto depto tels ramal cnpj cpf jan fev mar abr mai jun jul ago set out nov dez feb
        apr aug sept sep oct dec ene dic seg ter qua qui sex sáb dom
    """)
_UNFINISHED = word_set("""
    de do da dos das em no na nos nas por pelo pela para pra com sem sob sobre entre ou que se ao aos um uma os as
    seu sua the of in on at by for to from with and or an is are your our el la los las del con sin por y su sus un
    una al
""")
_MAYBE_LAST = word_set("""
        etc ltda s.a sa cia inc ltd co corp a.m p.m am pm eua u.s usa a.c d.c ph.d h hs min kg g km m cm mm l ml
    """)


def sentences(text: str) -> list[tuple[int, int]]:
    """Offsets of the sentences of a normalised text, in order, without blanks at their edges. Nothing but blanks is left out."""
    found: list[tuple[int, int]] = []
    for start, end in _blocks(text):
        found.extend(_in_block(text, start, end))
    return found


def is_item(text: str) -> bool:
    """Whether it begins as an entry of a list."""
    return _ITEM.match(text) is not None and not text.startswith("- | ")


def item_text(text: str) -> str:
    """The entry without its mark."""
    mark = _ITEM.match(text)
    return text[mark.end() :] if mark else text


def is_row(text: str) -> bool:
    """Whether it is a row of a table, its cells divided by bars."""
    return " | " in text and not text.startswith(FENCE)


def is_code(text: str) -> bool:
    return text.startswith(FENCE) and "\n" in text


def is_unfinished(line: str) -> bool:
    """Whether the last word of a line must be followed by another one, such as `of`."""
    return _last_word(line) in _UNFINISHED


def is_heading(text: str) -> bool:
    """Whether a sentence stands as a title: one short line that begins with a capital or a number and claims nothing."""
    if len(text) > MAX_HEADING or "\n" in text or is_row(text) or text[-1:] in ".!?…;,":
        return False
    first = next((c for c in text if c.isalnum()), "")
    if not first or text[:1] in "-*•·":
        return False
    return text.endswith(":") or ((first.isupper() or first.isdigit()) and ": " not in text)


def _blocks(text: str) -> list[tuple[int, int]]:
    """Stretches of lines with nothing but single line ends between, and of code between its fences."""
    blocks: list[tuple[int, int]] = []
    code = _fenced(text)
    for line in _LINE.finditer(text):
        if not line.group().strip() or (blocks and line.start() < blocks[-1][1]):
            continue
        if line.start() in code:
            blocks.append((line.start(), code[line.start()]))
        elif blocks and text[blocks[-1][1] : line.start()] == "\n" and not is_code(text[slice(*blocks[-1])]):
            blocks[-1] = (blocks[-1][0], line.end())
        else:
            blocks.append((line.start(), line.end()))
    return blocks


def _fenced(text: str) -> dict[int, int]:
    """The end of the code that each opening fence begins."""
    marks = [(mark.start(), mark.end()) for mark in _FENCE_LINE.finditer(text)] if FENCE in text else []
    return {one[0]: other[1] for one, other in zip(marks[::2], marks[1::2], strict=False)}


def _in_block(text: str, start: int, end: int) -> list[tuple[int, int]]:
    if is_code(text[start:end]):
        return [(start, end)]
    lines = [(start + m.start(), start + m.end()) for m in _LINE.finditer(text[start:end])]
    width = max(b - a for a, b in lines)
    cuts = [
        lines[i + 1][0]
        for i in range(len(lines) - 1)
        if _breaks(text[slice(*lines[i])], text[slice(*lines[i + 1])], width)
    ]
    line_starts = [a for a, _ in lines]
    cuts += [mark.end() for mark in _STOP.finditer(text, start, end) if _ends_sentence(text, mark, line_starts, end)]
    edges = [start, *sorted(set(cuts)), end]
    return [span for a, b in pairwise(edges) if (span := _trimmed(text, a, b))]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    piece = text[start:end]
    kept = piece.strip()
    if not kept:
        return None
    first = start + len(piece) - len(piece.lstrip())
    return first, first + len(kept)


def _breaks(line: str, following: str, width: int) -> bool:
    """Whether the end of a line ends a sentence too, though no full stop says so."""
    if _ITEM.match(following) or is_row(line) or is_row(following) or _LABEL.match(following):
        return True
    opens = following.lstrip("\"'“‘«(*")[:1]
    if line.endswith((":", ";")):
        return not opens.islower()
    if opens.islower() or line.endswith((".", "!", "?", "…", ",", "-", "–")) or _last_word(line) in _UNFINISHED:
        return False
    return width < _NARROW or len(line) < 0.6 * width


def _last_word(line: str) -> str:
    return line[-24:].rpartition(" ")[2].lower()


def _ends_sentence(text: str, mark: re.Match[str], line_starts: list[int], end: int) -> bool:
    ahead = text[mark.end() : mark.end() + 8].lstrip().lstrip("\"'“‘«([*¿¡-–•")[:1]
    if mark.group()[0] in "!?":
        return True
    if mark.end() >= end:
        return False
    before = _LAST_WORD.search(text, max(0, mark.start() - 24), mark.start())
    word = before.group() if before else ""
    at_line_start = before is not None and _starts_line(line_starts, before.start())
    if at_line_start and _NUMBERING.match(word):
        return False
    return _word_may_end(word, mark.group(), ahead)


def _starts_line(line_starts: list[int], offset: int) -> bool:
    at = bisect_left(line_starts, offset)
    return at < len(line_starts) and line_starts[at] == offset


def _word_may_end(word: str, mark: str, ahead: str) -> bool:
    low = word.lower()
    if len(low) <= 2 and low.isalpha() and ahead.isdigit():
        return False
    if mark.startswith(("...", "…")):
        return not ahead.islower()
    if low in _MAYBE_LAST or (low[:1].isdigit() and low[-1:].isalpha()):
        return not ahead.islower()
    if low in _NEVER_LAST or (len(word) == 1 and word.isalpha()):
        return False
    if ahead.islower():
        return len(low) > 3 and low.isalpha() and word == low
    return True
