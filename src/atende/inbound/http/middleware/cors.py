"""CORS: which origins may call the API from a browser."""

from collections.abc import Sequence
from dataclasses import dataclass

Headers = list[tuple[bytes, bytes]]

METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE"
REQUEST_HEADERS = (
    b"Accept, Accept-Language, Authorization, Content-Type, Idempotency-Key, X-API-Key, X-Project-Id, X-Request-Id"
)
EXPOSED_HEADERS = (
    b"Content-Disposition, Idempotent-Replayed, Location, Retry-After,"
    b" X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Request-Id"
)
MAX_AGE = b"600"
ANY_ORIGIN = "*"


@dataclass(frozen=True, slots=True)
class Cors:
    """`origins` may call with cookies. With `any_origin` all others may call too, without cookies."""

    origins: frozenset[bytes]
    any_origin: bool

    @classmethod
    def of(cls, origins: Sequence[str]) -> "Cors":
        return cls(frozenset(origin.encode() for origin in origins if origin != ANY_ORIGIN), ANY_ORIGIN in origins)

    def headers(self, origin: bytes | None) -> Headers:
        """For every response. `Vary` tells caches that it depends on the origin."""
        if origin is not None and origin in self.origins:
            allowed = [(b"access-control-allow-origin", origin), (b"access-control-allow-credentials", b"true")]
        elif origin is not None and self.any_origin:
            allowed = [(b"access-control-allow-origin", b"*")]
        else:
            allowed = []
        if allowed:
            allowed.append((b"access-control-expose-headers", EXPOSED_HEADERS))
        return [*allowed, (b"vary", b"Origin")] if self.origins else allowed

    def preflight(self, origin: bytes) -> Headers:
        """Further headers of the response to a preflight request, the same for all routes; none for other origins."""
        if not (self.any_origin or origin in self.origins):
            return []
        return [
            (b"access-control-allow-methods", METHODS),
            (b"access-control-allow-headers", REQUEST_HEADERS),
            (b"access-control-max-age", MAX_AGE),
        ]
