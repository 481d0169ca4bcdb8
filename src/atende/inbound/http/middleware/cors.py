"""Which pages of other origins may call the API from a browser."""

from collections.abc import Sequence
from dataclasses import dataclass

Headers = list[tuple[bytes, bytes]]

METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE"
SENT = b"Accept, Accept-Language, Authorization, Content-Type, Idempotency-Key, X-API-Key, X-Project-Id, X-Request-Id"
SEEN = (
    b"Content-Disposition, Idempotent-Replayed, Location, Retry-After,"
    b" X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Request-Id"
)
LASTS = b"600"
ANY = "*"


@dataclass(frozen=True, slots=True)
class Cors:
    """`origins`: the list. Cookies are for those on it; with `*` everybody else may call too, without them."""

    origins: frozenset[bytes]
    anybody: bool

    @classmethod
    def of(cls, origins: Sequence[str]) -> "Cors":
        return cls(frozenset(origin.encode() for origin in origins if origin != ANY), ANY in origins)

    def headers(self, origin: bytes | None) -> Headers:
        """On every answer: caches must know that it depends on the origin."""
        if origin is not None and origin in self.origins:
            allowed = [(b"access-control-allow-origin", origin), (b"access-control-allow-credentials", b"true")]
        elif origin is not None and self.anybody:
            allowed = [(b"access-control-allow-origin", b"*")]
        else:
            allowed = []
        if allowed:
            allowed.append((b"access-control-expose-headers", SEEN))
        return [*allowed, (b"vary", b"Origin")] if self.origins else allowed

    def preflight(self, origin: bytes) -> Headers:
        """What a browser that asks first is told besides, the same for all routes; an origin not on the list is told nothing."""
        if not (self.anybody or origin in self.origins):
            return []
        return [
            (b"access-control-allow-methods", METHODS),
            (b"access-control-allow-headers", SENT),
            (b"access-control-max-age", LASTS),
        ]
