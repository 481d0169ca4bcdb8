"""Decoding text files. A few bad bytes never make a whole file unreadable, or read as something else."""

import re

from atende.outbound.extraction.errors import Refused

_LATIN = frozenset("áàâãäåéèêëíìîïóòôõöúùûüçñýÁÀÂÃÄÅÉÈÊËÍÌÎÏÓÒÔÕÖÚÙÛÜÇÑÝºª°§«»¿¡–—‘’“”•…€£®©™·½¼¾¹²³×\u00a0")
_BAD = re.compile("[\udc80-\udcff]")
_NAMED = 5
"""At most this many lines are named in a note."""
_NOT_TEXT = "The file is not readable text. Save it as UTF-8 text and send it again."


def decoded(data: bytes) -> tuple[str, list[str]]:
    """The text, and notes about bytes that are not what the rest is. Raises Refused.

    UTF-8, or UTF-16. Where UTF-8 fails, a line that can be read as Windows-1252 is read so, and other bad bytes are replaced.
    Only a text without any letter that is valid in UTF-8 alone is read as Windows-1252 as a whole.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _checked(data.decode("utf-16", errors="replace")), []
    if b"\x00" in data[:400] and (wide := _wide(data)):
        return _checked(wide), []
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return _checked(data.decode()), []
    except UnicodeDecodeError:
        text = data.decode(errors="surrogateescape")
    bad = len(_BAD.findall(text))
    if len(text.encode(errors="ignore")) == sum(1 for c in text if c < "\x80"):
        return _old(data, text, bad)
    if bad > 0.02 * len(text) + 20:
        raise Refused(_NOT_TEXT)
    return _mended(text)


def _old(data: bytes, text: str, bad: int) -> tuple[str, list[str]]:
    """A text of which no letter beyond ASCII is valid UTF-8."""
    old = data.decode("cp1252", errors="replace")
    if sum(1 for c in old if c > "\x7f" and c not in _LATIN) <= 0.1 * bad:
        return _checked(old), []
    if bad > 0.002 * len(text) + 1:
        raise Refused(_NOT_TEXT)
    return _mended(text)


def _mended(text: str) -> tuple[str, list[str]]:
    old: list[int] = []
    replaced: list[int] = []
    lines = text.split("\n")
    for n, line in enumerate(lines):
        if not _BAD.search(line):
            continue
        guess = line.encode(errors="surrogateescape").decode("cp1252", errors="replace")
        is_old = all(c < "\x80" or _BAD.match(c) for c in line)  # nothing on the line is valid UTF-8 beyond ASCII
        if is_old and all(c in _LATIN for c in guess if c > "\x7f"):
            lines[n] = guess
            old.append(n + 1)
        else:
            lines[n] = re.sub("[\udc80-\udcff]+", "\ufffd", line)
            replaced.append(n + 1)
    notes = []
    if replaced:
        notes.append(
            f"Bytes that are no text were replaced by \ufffd in {_named(replaced)}. Save the file as UTF-8 text."
        )
    if old:
        notes.append(f"Not all of the file is UTF-8: read as Windows-1252 in {_named(old)}.")
    return _checked("\n".join(lines)), notes


def _named(lines: list[int]) -> str:
    some = ", ".join(map(str, lines[:_NAMED]))
    return f"line {some}" if len(lines) == 1 else f"lines {some}" + (" and others" if len(lines) > _NAMED else "")


def _wide(data: bytes) -> str | None:
    """The text if it is UTF-16 without a byte order mark."""
    low, high = data[1:400:2].count(0), data[0:400:2].count(0)
    if len(data) % 2 or abs(low - high) < 0.3 * len(data[:400]):
        return None
    return data.decode("utf-16-le" if low > high else "utf-16-be", errors="replace")


def _checked(text: str) -> str:
    """The text, unless it has more than a few control characters."""
    sample = text[:200_000]
    control = sum(1 for c in sample if c < " " and c not in "\n\r\t\x0c\x1b")
    if "\x00" in sample or control > 0.002 * len(sample) + 1:
        raise Refused(_NOT_TEXT)
    return text
