"""Text out of uploaded files, each read by a process of its own that can be lost without harm."""

import asyncio
import contextlib
import os
import selectors
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import IO, Any

import msgspec

from atende.core.kernel import Unavailable
from atende.core.knowledge.model import Extracted, UnreadableDocument
from atende.core.knowledge.ports import TextExtractor

_CHILD = Path(__file__).with_name("child.py")
_TOO_LONG = "The file took too long to read; it may be damaged or made to do harm."
_DAMAGED = "The file cannot be read: it is damaged, or it needs more memory than reading may take."
_TOO_MUCH = "There is too much text in the file. Send it in parts."
_PIECE = 65_536
_MOMENT = 0.002


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
            child = _Child(self._child, file_type, self._limits)
            try:
                output = await asyncio.to_thread(child.read, data)
            finally:
                child.end()
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


class _Child:
    """One child process. `read` blocks and belongs in a thread (the loop's own subprocesses can hang a loop that is being closed);
    `end` may be called at any time, from anywhere, and makes `read` return."""

    def __init__(self, script: Path, file_type: str, limits: Limits) -> None:
        numbers = (str(limits.memory_bytes), str(limits.cpu_seconds))
        self._command = [sys.executable, "-I", str(script), file_type, *numbers]
        self._limits = limits
        self._guard = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._ended = False

    def read(self, data: bytes) -> bytes:
        """What the child says of the file. Raises UnreadableDocument or Unavailable."""
        deadline = monotonic() + self._limits.wall_seconds
        process = self._start()
        with process:
            try:
                return self._exchange(process, data, deadline)
            finally:
                self.end()

    def end(self) -> None:
        """Nothing of the child's session outlives the call."""
        with self._guard:
            self._ended = True
            if self._process is not None and self._process.returncode is None:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._process.pid, signal.SIGKILL)

    def _start(self) -> subprocess.Popen[bytes]:
        pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
        with self._guard:
            if self._ended:
                raise Unavailable("the reading of the file was given up")
            try:
                self._process = subprocess.Popen(  # noqa: S603 - our own script, no shell
                    self._command, stdin=pipe, stdout=pipe, stderr=nowhere, env={}, cwd="/", start_new_session=True
                )
            except OSError as error:
                raise Unavailable(f"no process could be started to read the file: {error.strerror}") from error
            return self._process

    def _exchange(self, process: "subprocess.Popen[bytes]", data: bytes, deadline: float) -> bytes:
        assert process.stdin is not None
        assert process.stdout is not None
        output = _talk(process.stdin, process.stdout, data, deadline=deadline, most=self._limits.output_bytes)
        while not _has_ended(process):
            if monotonic() > deadline:
                raise UnreadableDocument(_TOO_LONG)
            sleep(_MOMENT)
        self.end()  # while its number is still its own: before anyone has waited for it
        code = process.wait()
        if code in {-signal.SIGXCPU, -signal.SIGKILL}:
            raise UnreadableDocument(_TOO_LONG)
        return output


def _has_ended(process: "subprocess.Popen[bytes]") -> bool:
    """Without waiting for it, where the system can tell."""
    if not hasattr(os, "waitid"):
        return process.poll() is not None
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _talk(stdin: IO[bytes], stdout: IO[bytes], data: bytes, *, deadline: float, most: int) -> bytes:
    """Writes and reads at once, so that neither side waits for the other for ever."""
    output, rest = bytearray(), memoryview(data)
    os.set_blocking(stdin.fileno(), False)
    with selectors.DefaultSelector() as selector:
        selector.register(stdin, selectors.EVENT_WRITE)
        selector.register(stdout, selectors.EVENT_READ)
        while stdout in (key.fileobj for key in selector.get_map().values()):
            ready = selector.select(max(0.0, deadline - monotonic()))
            if not ready:
                raise UnreadableDocument(_TOO_LONG)
            for key, _ in ready:
                if key.fileobj is stdin:
                    rest = _write(stdin, rest)
                    if not rest:
                        selector.unregister(stdin)
                        _close(stdin)
                elif piece := os.read(stdout.fileno(), _PIECE):
                    output += piece
                    if len(output) > most:
                        raise UnreadableDocument(_TOO_MUCH)
                else:
                    selector.unregister(stdout)
    return bytes(output)


def _write(stdin: IO[bytes], rest: memoryview) -> memoryview:
    """What is left to write: nothing, once nobody listens."""
    try:
        return rest[os.write(stdin.fileno(), rest[:_PIECE]) :]
    except BlockingIOError:
        return rest
    except BrokenPipeError:
        return rest[:0]


def _close(stdin: IO[bytes]) -> None:
    with contextlib.suppress(BrokenPipeError):
        stdin.close()
