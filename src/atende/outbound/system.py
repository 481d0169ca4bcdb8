"""Time, ids and randomness of the operating system."""

import secrets
from datetime import UTC, datetime
from uuid import UUID

import uuid_utils

from atende.core.kernel import Clock, Ids, Randomness


class SystemClock(Clock):
    def now(self) -> datetime:
        return datetime.now(UTC)


class Uuid7Ids(Ids):
    """Ids that sort by creation time, also within a millisecond of one process."""

    def new(self) -> UUID:
        return UUID(int=uuid_utils.uuid7().int)


class SystemRandomness(Randomness):
    def bits(self, count: int) -> int:
        return secrets.randbits(count)
