"""Times in query parameters: RFC 3339 only, no seconds since 1970."""

from datetime import UTC, datetime

import msgspec
from litestar.exceptions import ValidationException

DATE_TIME = {"format": "date-time"}
"""For the OpenAPI."""


def read_time(text: str | None, *, key: str) -> datetime | None:
    """The time in UTC; without a zone it is UTC already. `key` names the parameter. Raises ValidationException."""
    if text is None:
        return None
    try:
        at = msgspec.convert(text, datetime)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except msgspec.ValidationError as error:
        message = "this is not a time: write it like 2026-03-31T12:00:00Z"
        raise ValidationException(message, extra=[{"key": key, "message": message, "source": "query"}]) from error
    except OverflowError as error:
        message = "this time is outside of the calendar"
        raise ValidationException(message, extra=[{"key": key, "message": message, "source": "query"}]) from error
