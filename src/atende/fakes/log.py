"""The log of a fake: everything that it received and sent, in order. Tests compare results with it."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import msgspec


class Entry(msgspec.Struct, frozen=True):
    """`at` is Unix time in seconds. Kinds: request, answer, wrote (by a customer), sent (to a customer), callback, dropped."""

    seq: int
    at: float
    provider: str
    kind: str
    data: dict[str, Any]


class Log:
    """Append-only. With `file`, each entry is also written there as a line of JSON before the fake continues."""

    def __init__(self, provider: str, *, file: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        self.entries: list[Entry] = []
        self._provider = provider
        self._path = file
        self._file: IO[bytes] | None = None
        self._clock = clock
        self._changed = asyncio.Event()

    def add(self, kind: str, **data: Any) -> Entry:
        entry = Entry(seq=len(self.entries) + 1, at=self._clock(), provider=self._provider, kind=kind, data=data)
        self.entries.append(entry)
        if self._path is not None:
            if self._file is None:
                self._file = self._path.open("ab", buffering=0)
            self._file.write(msgspec.json.encode(entry) + b"\n")
        self.touch()
        return entry

    def of(self, *kinds: str, after: int = 0) -> list[Entry]:
        return [entry for entry in self.entries[after:] if not kinds or entry.kind in kinds]

    def touch(self) -> None:
        """Wakes all waiting `until` calls, which check their condition again."""
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def until(self, true: Callable[[], object], timeout: float = 10) -> None:
        """Waits until `true()`. Raises TimeoutError after `timeout` seconds."""
        async with asyncio.timeout(timeout):
            while not true():
                await self._changed.wait()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
