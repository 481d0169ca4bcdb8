"""The clock and the ids of a real process."""

from datetime import UTC, datetime
from uuid import UUID

import uuid_utils

from atende.core.kernel import Clock, Ids


class SystemClock(Clock):
    def now(self) -> datetime:
        return datetime.now(UTC)


class Uuid7Ids(Ids):
    """Ids that sort by the time they were made, also within a millisecond of one process."""

    def new(self) -> UUID:
        return UUID(int=uuid_utils.uuid7().int)
