"""Text out of uploaded files, each read by a process of its own that can be lost without harm."""

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from atende.core.kernel import Unavailable
from atende.core.knowledge.model import Extracted, UnreadableDocument
from atende.core.knowledge.ports import TextExtractor

_CHILD = Path(__file__).with_name("extract_child.py")
_TOO_LONG = "The file took too long to read; it may be damaged or made to do harm."
_DAMAGED = "The file cannot be read: it is damaged, or it needs more memory than reading may take."
_TOO_MUCH = "There is too much text in the file. Send it in parts."


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one file may take. `output_bytes` bounds the text that comes back."""

    memory_bytes: int = 512 * 1024 * 1024
    cpu_seconds: int = 30
    wall_seconds: float = 60.0
    output_bytes: int = 64 * 1024 * 1024


class _Answer(msgspec.Struct):
    pages: list[str] = []
    metadata: dict[str, str | int] = {}
    refused: str | None = None


class SubprocessTextExtractor(TextExtractor):
    """Reads txt, md and pdf in children with an empty environment, `parallel` at a time; the others wait their turn."""

    def __init__(self, *, limits: Limits | None = None, parallel: int = 2, child: Path = _CHILD) -> None:
        self._limits = limits or Limits()
        self._turns = asyncio.Semaphore(parallel)
        self._child = child

    async def extract(self, data: bytes, *, file_type: str) -> Extracted:
        if not data:
            raise UnreadableDocument("The file is empty.")
        async with self._turns:
            output = await self._read_in_child(data, file_type)
        try:
            answer = msgspec.json.decode(output, type=_Answer)
        except msgspec.DecodeError as error:
            raise UnreadableDocument(_DAMAGED) from error
        if answer.refused is not None:
            raise UnreadableDocument(answer.refused[:500])
        if not any(answer.pages) or any("\x00" in page for page in answer.pages):
            raise UnreadableDocument(_DAMAGED)
        metadata: dict[str, Any] = dict(answer.metadata)
        return Extracted(tuple(answer.pages), has_pages=file_type == "pdf", metadata=metadata)

    async def _read_in_child(self, data: bytes, file_type: str) -> bytes:
        process = await self._start(file_type)
        feeding = asyncio.create_task(_feed(process, data))
        try:
            async with asyncio.timeout(self._limits.wall_seconds):
                output = await _collect(process, self._limits.output_bytes)
                code = await process.wait()
        except TimeoutError as error:
            raise UnreadableDocument(_TOO_LONG) from error
        finally:
            await _end(process, feeding)
        if code in {-signal.SIGXCPU, -signal.SIGKILL}:
            raise UnreadableDocument(_TOO_LONG)
        return output

    async def _start(self, file_type: str) -> Process:
        limits = self._limits
        try:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-I",
                str(self._child),
                file_type,
                str(limits.memory_bytes),
                str(limits.cpu_seconds),
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                env={},
                cwd="/",
                start_new_session=True,
            )
        except OSError as error:
            raise Unavailable(f"no process could be started to read the file: {error.strerror}") from error


async def _feed(process: Process, data: bytes) -> None:
    if process.stdin is None:
        return
    with contextlib.suppress(ConnectionError):
        process.stdin.write(data)
        await process.stdin.drain()
    process.stdin.close()
    with contextlib.suppress(ConnectionError):
        await process.stdin.wait_closed()


async def _collect(process: Process, most: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while process.stdout is not None and (part := await process.stdout.read(65_536)):
        size += len(part)
        if size > most:
            raise UnreadableDocument(_TOO_MUCH)
        parts.append(part)
    return b"".join(parts)


async def _end(process: Process, feeding: "asyncio.Task[None]") -> None:
    """Nothing of the child's session outlives the call, however it ended."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    feeding.cancel()
    await asyncio.gather(feeding, return_exceptions=True)
    await process.wait()
