"""Rate limits: how many calls in a time window."""

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
    """The result for the tightest of several limits: `remaining` calls of `limit`, for another `reset_after` seconds."""

    allowed: bool
    limit: int
    remaining: int
    reset_after: float
    type: str = ""
