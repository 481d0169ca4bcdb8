"""Calls that may be repeated: what an Idempotency-Key stands for."""

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
    """What the first request was answered, without the secrets that are shown once."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """`id` identifies this key for good; with an `answer` the request was carried out before, and is not carried out again."""

    id: UUID
    answer: StoredAnswer | None = None


class IdempotencyKeys(Protocol):
    """`key_hash` covers who calls and the key, `request_hash` the whole request.

    One per unit of work. A transaction whose audit record carries the id of a key is not committed at its end: it waits for
    `finish`, so that effect and answer are both there or both not, whenever a process dies. In memory, which dies with its
    process, it does not wait.
    """

    async def begin(self, organization_id: UUID, *, key_hash: bytes, request_hash: bytes, now: datetime) -> Begun:
        """Raises IdempotencyKeyInUse while the first one runs (until its lease ends), IdempotencyKeyReused for another request."""

    async def finish(self, organization_id: UUID, begun_id: UUID, answer: StoredAnswer) -> None:
        """Commits the effect that waits, and the answer with it. Raises Unavailable when nobody knows whether that was done."""

    async def forget(self, organization_id: UUID, begun_id: UUID) -> None:
        """The request was refused: what waits is taken back, and the key may be used again, for another request too."""

    async def let_go(self, organization_id: UUID, begun_id: UUID, now: datetime) -> None:
        """The request failed, and what waits is taken back: its repetition may begin at once, and nothing else."""

    async def purge(self, before: datetime) -> int:
        """Removes keys made before this time; how many."""
