"""Idempotency keys: calls that can be repeated without a second effect."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from atende.core.kernel import Conflict, Invalid, Retryable

LEASE = timedelta(seconds=60)
KEPT = timedelta(hours=24)


class IdempotencyKeyInUse(Conflict, Retryable):
    """A request with this Idempotency-Key is still running: wait for its response, or send it again later."""


class IdempotencyKeyReused(Invalid):
    """This Idempotency-Key was used for another request: send a new key with every new request."""


class AlreadyApplied(Conflict, Retryable):
    """A request with this Idempotency-Key has taken effect meanwhile: send it again to get its response."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnswer:
    """The response to the first request, without the secrets that are shown once."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """`id` is the permanent id of the key. With an `answer`, the request was carried out before and must not be repeated."""

    id: UUID
    answer: StoredAnswer | None = None


class IdempotencyKeys(Protocol):
    """`key_hash` covers the caller and the key, `request_hash` the whole request.

    One per unit of work. A transaction whose audit record has the id of a key is not committed at its end but by `finish`, so that
    effect and response are both stored or both not, even if the process dies.
    """

    async def begin(self, organization_id: UUID, *, key_hash: bytes, request_hash: bytes, now: datetime) -> Begun:
        """Raises IdempotencyKeyInUse while the first request runs (until its lease ends), IdempotencyKeyReused if the request
        differs.
        """

    async def finish(self, organization_id: UUID, begun_id: UUID, answer: StoredAnswer) -> None:
        """Commits the open transaction together with the response. Raises Unavailable if the outcome of the commit is unknown."""

    async def forget(self, organization_id: UUID, begun_id: UUID) -> None:
        """After a refused request: rolls back and frees the key, also for a different request."""

    async def let_go(self, organization_id: UUID, begun_id: UUID, now: datetime) -> None:
        """After a failed request: rolls back, and lets the same request begin again at once, but no other."""

    async def purge(self, before: datetime) -> int:
        """Removes keys created before this time; returns their number."""
