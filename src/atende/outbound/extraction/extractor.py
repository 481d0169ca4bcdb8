"""Extracting text from uploaded files, each in its own process, which may crash without harm."""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec

from atende.core.knowledge.document import UnreadableDocument
from atende.core.knowledge.extracted import Extracted
from atende.core.knowledge.ports import TextExtractor
from atende.outbound.extraction.talk import DAMAGED, Child, Limits
from atende.outbound.extraction.tesseract import Tesseract, installed

_CHILD = Path(__file__).with_name("child.py")
_MOST_NOTES, _LONGEST_NOTE = 20, 500


class _Answer(msgspec.Struct):
    pages: list[str] = []
    has_pages: bool = False
    metadata: dict[str, str | int | list[int]] = {}
    notes: list[str] = []
    refused: str | None = None


class SubprocessTextExtractor(TextExtractor):
    """Reads files in child processes with an empty environment, at most `parallel` at a time.

    Text in images is recognised if `tesseract` is given; by default it is looked for on this machine.
    """

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        parallel: int = 2,
        child: Path = _CHILD,
        tesseract: Tesseract | bool | None = True,
    ) -> None:
        self._limits = limits or Limits()
        self._turns = asyncio.Semaphore(parallel)
        self._child = child
        self._tesseract = tesseract
        self._pool = ThreadPoolExecutor(max(1, min(4, os.cpu_count() or 1)), thread_name_prefix="recognise")

    async def extract(self, data: bytes, *, file_type: str, language: str = "pt") -> Extracted:
        if not data:
            raise UnreadableDocument("The file is empty.")
        async with self._turns:
            if self._tesseract is True:
                self._tesseract = await asyncio.to_thread(installed)
            tesseract = self._tesseract or None
            child = Child(self._child, file_type, language, self._limits, tesseract=tesseract, pool=self._pool)
            try:
                output = await asyncio.to_thread(child.read, data)
            finally:
                child.end()
        try:
            answer = msgspec.json.decode(output, type=_Answer)
        except msgspec.DecodeError as error:
            raise UnreadableDocument(DAMAGED) from error
        if answer.refused is not None:
            raise UnreadableDocument(answer.refused[:500])
        if not any(answer.pages) or any("\x00" in page for page in answer.pages):
            raise UnreadableDocument(DAMAGED)
        metadata: dict[str, Any] = dict(answer.metadata)
        notes = tuple(note.replace("\x00", "")[:_LONGEST_NOTE] for note in answer.notes[:_MOST_NOTES])
        return Extracted(tuple(answer.pages), has_pages=answer.has_pages, metadata=metadata, notes=notes)
