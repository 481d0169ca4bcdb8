"""The clock, the ids and the randomness of a real process."""

import secrets
from datetime import UTC, datetime
from uuid import UUID

import uuid_utils

from atende.core.kernel import Clock, Ids, Randomness


class SystemClock(Clock):
    def now(self) -> datetime:
        return datetime.now(UTC)


class Uuid7Ids(Ids):
    """Ids that sort by the time they were made, also within a millisecond of one process."""

    def new(self) -> UUID:
        return UUID(int=uuid_utils.uuid7().int)


class SystemRandomness(Randomness):
    def bits(self, count: int) -> int:
        return secrets.randbits(count)
