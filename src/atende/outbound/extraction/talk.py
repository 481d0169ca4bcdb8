"""One child process, from its start to its end, as its parent sees it."""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import astuple, dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import IO

from atende.core.kernel import Unavailable
from atende.core.knowledge.document import UnreadableDocument
from atende.outbound.extraction import frames
from atende.outbound.extraction.result import Seen
from atende.outbound.extraction.tesseract import Running, Tesseract

TOO_LONG = "The file took too long to read; it may be damaged or malicious."
DAMAGED = "The file cannot be read: it is damaged, or needs too much memory."
_TOO_MUCH = "There is too much text in the file. Send it in parts."
_PIECE = 65_536
_MOMENT = 0.002
_WAITING = 3
"""At most this many pictures of one file wait in memory."""
_FOR_THE_REST = 7.0
"""Seconds before the end when recognising stops, so that what was read is not lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits for reading one file. `output_bytes` limits the size of the result, and of each picture."""

    memory_bytes: int = 512 * 1024 * 1024
    cpu_seconds: int = 30
    wall_seconds: float = 55.0
    output_bytes: int = 64 * 1024 * 1024


class Child:
    """One child process. `read` blocks, so call it in a thread (subprocesses of asyncio can block a loop that is being closed).
    `end` can be called at any time from any thread and makes `read` return."""

    def __init__(
        self,
        script: Path,
        file_type: str,
        language: str,
        limits: Limits,
        *,
        tesseract: Tesseract | None,
        pool: Executor,
    ) -> None:
        recognise = max(0.1, limits.wall_seconds - 2 * _FOR_THE_REST) if tesseract else 0
        numbers = (str(limits.memory_bytes), str(limits.cpu_seconds), str(recognise))
        self._command = [sys.executable, "-I", str(script), file_type, language, *numbers]
        self._limits, self._language = limits, language
        self._tesseract, self._pool, self._running = tesseract, pool, Running()
        self._guard = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._ended = False
        self._deadline = 0.0

    def read(self, data: bytes) -> bytes:
        """The answer of the child for this file. Raises UnreadableDocument or Unavailable."""
        self._deadline = monotonic() + self._limits.wall_seconds
        process = self._start()
        with process:
            try:
                return self._exchange(process, data)
            finally:
                self.end()

    def end(self) -> None:
        """Kills all processes of the child's session, and those that recognise its pictures."""
        self._running.end()
        with self._guard:
            self._ended = True
            if self._process is not None and self._process.returncode is None:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._process.pid, signal.SIGKILL)

    def _start(self) -> "subprocess.Popen[bytes]":
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

    def _exchange(self, process: "subprocess.Popen[bytes]", data: bytes) -> bytes:
        assert process.stdin is not None
        assert process.stdout is not None
        pipes = _Pipes(process.stdin, process.stdout, self._deadline, self._limits.output_bytes)
        pipes.send(frames.block(data))
        answer = self._answer(pipes)
        while not _has_ended(process):
            if monotonic() > self._deadline:
                raise UnreadableDocument(TOO_LONG)
            sleep(_MOMENT)
        self.end()  # before wait(), after which its process id could belong to another process
        code = process.wait()
        if code in {-signal.SIGXCPU, -signal.SIGKILL} and answer is None:
            raise UnreadableDocument(TOO_LONG)
        if answer is None:
            raise UnreadableDocument(DAMAGED)
        return answer

    def _answer(self, pipes: "_Pipes") -> bytes | None:
        """The last frame; None if the child ended without one."""
        waiting: dict[int, Future[list[Seen] | None]] = {}
        for kind, content in pipes.frames():
            if kind == frames.ANSWER:
                return content
            if kind == frames.PICTURE and self._tesseract is not None:
                self._recognise(content, waiting)
            elif kind == frames.END:
                pipes.send(frames.block(self._recognised(waiting)))
            else:
                return None
        return None

    def _recognise(self, content: bytes, waiting: dict[int, Future[list[Seen] | None]]) -> None:
        assert self._tesseract is not None
        try:
            picture = frames.as_picture(content)
        except ValueError as error:
            raise UnreadableDocument(DAMAGED) from error
        until = self._deadline - _FOR_THE_REST
        waiting[picture.page] = self._pool.submit(
            self._tesseract.read, picture, language=self._language, deadline=until, running=self._running
        )
        while len(undone := [one for one in waiting.values() if not one.done()]) >= _WAITING and monotonic() < until:
            wait(undone, timeout=1.0, return_when=FIRST_COMPLETED)

    def _recognised(self, waiting: dict[int, Future[list[Seen] | None]]) -> bytes:
        """The words of all pictures by page, in JSON. Pages that there was no time for are missing."""
        done, late = wait(waiting.values(), timeout=max(0.0, self._deadline - _FOR_THE_REST - monotonic()) + 1.0)
        for one in late:
            one.cancel()
        found = {page: one.result() for page, one in waiting.items() if one in done}
        return json.dumps(
            {page: [astuple(word) for word in words] for page, words in found.items() if words is not None}
        ).encode()


class _Pipes:
    """The two pipes of a child: writing and reading at the same time, so that the two processes cannot deadlock."""

    def __init__(self, stdin: IO[bytes], stdout: IO[bytes], deadline: float, most: int) -> None:
        self._stdin, self._stdout, self._deadline, self._most = stdin, stdout, deadline, most
        self._to_send = memoryview(b"")
        self._output = bytearray()
        self._is_open = True
        os.set_blocking(stdin.fileno(), False)

    def send(self, data: bytes) -> None:
        """Is written while frames are read."""
        self._to_send = memoryview(bytes(self._to_send) + data) if self._to_send else memoryview(data)

    def frames(self) -> Iterator[tuple[bytes, bytes]]:
        """What the child writes, until it closes its output. Raises UnreadableDocument."""
        while self._fill(frames.FRAME.size):
            kind, length = frames.FRAME.unpack_from(self._output)
            if length > self._most:
                raise UnreadableDocument(_TOO_MUCH if kind == frames.ANSWER else DAMAGED)
            if not self._fill(frames.FRAME.size + length):
                return
            content = bytes(self._output[frames.FRAME.size : frames.FRAME.size + length])
            del self._output[: frames.FRAME.size + length]
            yield kind, content

    def _fill(self, wanted: int) -> bool:
        """Reads until there are so many bytes; False if there will not be."""
        while len(self._output) < wanted and self._is_open:
            self._exchange()
        return len(self._output) >= wanted

    def _exchange(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._stdout, selectors.EVENT_READ)
            if self._to_send:
                selector.register(self._stdin, selectors.EVENT_WRITE)
            ready = selector.select(max(0.0, self._deadline - monotonic()))
        if not ready:
            raise UnreadableDocument(TOO_LONG)
        for key, _ in ready:
            if key.fileobj is self._stdin:
                self._write()
            elif piece := os.read(self._stdout.fileno(), _PIECE * 16):
                self._output += piece
            else:
                self._is_open = False

    def _write(self) -> None:
        try:
            self._to_send = self._to_send[os.write(self._stdin.fileno(), self._to_send[:_PIECE]) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._to_send = memoryview(b"")


def _has_ended(process: "subprocess.Popen[bytes]") -> bool:
    """Whether it has ended, without reaping it if the system supports that."""
    if not hasattr(os, "waitid"):
        return process.poll() is not None
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
