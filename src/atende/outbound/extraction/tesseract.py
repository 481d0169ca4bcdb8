"""Recognising text in pictures with Tesseract, each picture in a process of its own."""

import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from time import monotonic

from atende.outbound.extraction.result import Picture, Seen

_SCRIPT = Path(__file__).with_name("recogniser.py")
_MEMORY, _CPU = 512 * 1024 * 1024, 40
_NAMES = {"pt": "por", "en": "eng", "es": "spa"}
_SURE, _LEAST = 75.0, 25.0
_COLUMNS = 12
_WORD_LEVEL = "5"
_WHOLE_PAGE, _SINGLE_BLOCK = "3", "6"


@dataclass(frozen=True, slots=True)
class Tesseract:
    """The program and the languages that it has data for."""

    program: str
    languages: tuple[str, ...]

    def read(self, picture: Picture, *, language: str, deadline: float, running: "Running") -> list[Seen] | None:
        """The words in the picture; None if there was no time.

        Tried in the language of the document, and in all languages where that leaves doubts.
        """
        data = f"P5 {picture.width} {picture.height} 255\n".encode() + picture.grey
        first = _NAMES.get(language, "por")
        chosen = first if first in self.languages else "+".join(self.languages)
        found, sure = running.words(self._command(chosen, _WHOLE_PAGE), data, deadline)
        if found is not None and not found:
            found, sure = running.words(self._command(chosen, _SINGLE_BLOCK), data, deadline)
        every = "+".join(self.languages)
        if found and sure < _SURE and every != chosen:
            again, surer = running.words(self._command(every, _WHOLE_PAGE), data, deadline)
            return again if again and surer > sure else found
        return found

    def _command(self, languages: str, mode: str) -> list[str]:
        return [sys.executable, "-I", str(_SCRIPT), self.program, languages, mode, str(_MEMORY), str(_CPU)]


@dataclass(slots=True)
class Running:
    """The processes that recognise pictures of one file. `end` kills them, from any thread."""

    _processes: set["subprocess.Popen[bytes]"] = field(default_factory=set)
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _ended: bool = False

    def words(self, command: Sequence[str], data: bytes, deadline: float) -> tuple[list[Seen] | None, float]:
        """The words, and how sure Tesseract is of them in percent."""
        left = deadline - monotonic()
        if left <= 0:
            return None, 0.0
        pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
        with self._guard:
            if self._ended:
                return None, 0.0
            process = subprocess.Popen(  # noqa: S603 - our own script, no shell
                command, stdin=pipe, stdout=pipe, stderr=nowhere, env={}, cwd="/", start_new_session=True
            )
            self._processes.add(process)
        try:
            output, _ = process.communicate(data, timeout=left)
        except subprocess.TimeoutExpired:
            return None, 0.0
        finally:
            process.kill()
            process.communicate()
            self._processes.discard(process)
        return _parsed(output.decode(errors="replace"))

    def end(self) -> None:
        with self._guard:
            self._ended = True
            for process in self._processes:
                process.kill()


@lru_cache(maxsize=1)
def installed() -> Tesseract | None:
    """Tesseract with data for at least one of our languages; None if there is none on this machine."""
    program = shutil.which("tesseract")
    if program is None:
        return None
    try:
        shown = subprocess.run([program, "--list-langs"], capture_output=True, text=True, timeout=20, check=False)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None
    known = set((shown.stdout + shown.stderr).split())
    languages = tuple(name for name in _NAMES.values() if name in known)
    return Tesseract(program, languages) if languages else None


def _parsed(table: str) -> tuple[list[Seen], float]:
    """The words of a table as Tesseract writes it (TSV)."""
    found: list[Seen] = []
    sure: list[float] = []
    for row in table.split("\n"):
        cells = row.split("\t")
        if len(cells) != _COLUMNS or cells[0] != _WORD_LEVEL or not cells[11].strip():
            continue
        _, _, block, paragraph, line, _, left, top, width, height = map(int, cells[:10])
        confidence = float(cells[10])
        sure.append(confidence)
        if confidence >= _LEAST and any(c.isalnum() or c in "-•[]|" for c in cells[11]):
            found.append(Seen(cells[11], left, top, width, height, (block, paragraph, line)))
    return found, sum(sure) / len(sure) if sure else 0.0
