"""How often somebody may call."""

from dataclasses import dataclass

from atende.core.kernel import Retryable


class RateLimitExceeded(Retryable):
    """Too many requests"""


class EndpointRateLimitExceeded(RateLimitExceeded):
    """Too many requests to this endpoint"""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` calls in a window of `seconds` for one identifier of one type (`key`, `user`, `address`, `account`, ...)."""

    type: str
    identifier: str
    most: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """The tightest of the limits that were asked: `remaining` calls of `limit`, for another `reset_after` seconds."""

    allowed: bool
    limit: int
    remaining: int
    reset_after: float
    type: str = ""
