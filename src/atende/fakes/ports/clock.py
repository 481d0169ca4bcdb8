"""A clock that only moves on request, and ids in a known order."""

from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

from atende.core.kernel import Clock, Ids

_START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class FakeClock(Clock):
    def __init__(self, now: datetime = _START) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        self._now += by


class SequentialIds(Ids):
    """UUIDv7 values that count up, the same in every run."""

    def __init__(self, start: int = 1) -> None:
        self._numbers = count(start)

    def new(self) -> UUID:
        number = next(self._numbers)
        milliseconds = int(_START.timestamp() * 1_000)
        return UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62 | number)
