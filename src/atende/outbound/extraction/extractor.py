"""Extracting text from uploaded files, each in its own process, which may crash without harm."""

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
_TOO_LONG = "The file took too long to read; it may be damaged or malicious."
_DAMAGED = "The file cannot be read: it is damaged, or needs too much memory."
_TOO_MUCH = "There is too much text in the file. Send it in parts."
_PIECE = 65_536
_MOMENT = 0.002


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits for reading one file. `output_bytes` limits the size of the result."""

    memory_bytes: int = 512 * 1024 * 1024
    cpu_seconds: int = 30
    wall_seconds: float = 60.0
    output_bytes: int = 64 * 1024 * 1024


class _Answer(msgspec.Struct):
    pages: list[str] = []
    metadata: dict[str, str | int] = {}
    refused: str | None = None


class SubprocessTextExtractor(TextExtractor):
    """Reads txt, md and pdf files in child processes with an empty environment, at most `parallel` at a time."""

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
    """One child process. `read` blocks, so call it in a thread (subprocesses of asyncio can block a loop that is being closed).
    `end` can be called at any time from any thread and makes `read` return."""

    def __init__(self, script: Path, file_type: str, limits: Limits) -> None:
        numbers = (str(limits.memory_bytes), str(limits.cpu_seconds))
        self._command = [sys.executable, "-I", str(script), file_type, *numbers]
        self._limits = limits
        self._guard = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._ended = False

    def read(self, data: bytes) -> bytes:
        """The output of the child for this file. Raises UnreadableDocument or Unavailable."""
        deadline = monotonic() + self._limits.wall_seconds
        process = self._start()
        with process:
            try:
                return self._exchange(process, data, deadline)
            finally:
                self.end()

    def end(self) -> None:
        """Kills all processes of the child's session."""
        with self._guard:
            self._ended = True
            if self._process is not None and self._process.returncode is None:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._process.pid, signal.SIGKILL)

    def _start(self) -> subprocess.Popen[bytes]:
        pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
        with self._guard:
            if self._ended:
                raise Unavailable("reading the file was cancelled")
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
        self.end()  # before wait(), after which its process id could belong to another process
        code = process.wait()
        if code in {-signal.SIGXCPU, -signal.SIGKILL}:
            raise UnreadableDocument(_TOO_LONG)
        return output


def _has_ended(process: "subprocess.Popen[bytes]") -> bool:
    """Whether it has ended, without reaping it if the system supports that."""
    if not hasattr(os, "waitid"):
        return process.poll() is not None
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _talk(stdin: IO[bytes], stdout: IO[bytes], data: bytes, *, deadline: float, most: int) -> bytes:
    """Writes and reads at the same time, so that the two processes cannot deadlock."""
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
    """Writes a part and returns the rest, which is empty if the child has closed its input."""
    try:
        return rest[os.write(stdin.fileno(), rest[:_PIECE]) :]
    except BlockingIOError:
        return rest
    except BrokenPipeError:
        return rest[:0]


def _close(stdin: IO[bytes]) -> None:
    with contextlib.suppress(BrokenPipeError):
        stdin.close()
