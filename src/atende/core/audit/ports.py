"""Ports for writing, reading and sealing audit records."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from atende.core.audit.chain import Head, Seal, Tail
from atende.core.audit.model import Event, Filter, Record
from atende.core.kernel import Page, TenantScope


class AuditLog(Protocol):
    """Inside a transaction: a change and its record are committed together. The actor comes from the Origin of the request."""

    async def add(self, scope: TenantScope, event: Event) -> None:
        """Removes secrets from the event. Raises AlreadyApplied if a call with this Idempotency-Key took effect before."""


class AuditTrail(Protocol):
    """Lists records, inside a transaction."""

    async def page(
        self, scope: TenantScope, wanted: Filter, *, page: int, limit: int, after: str | None = None
    ) -> Page[Record]:
        """Newest first."""


class AuditChain(Protocol):
    """The chains of all organizations. Each call is a transaction of its own."""

    async def unsealed(self, limit: int) -> list[Record]:
        """Committed records without a seal, grouped by organization, oldest first."""

    async def heads(self, organization_ids: Sequence[UUID]) -> dict[UUID, Head]:
        """The last seal of each chain; organizations without one are missing."""

    async def append(self, seals: Sequence[Seal]) -> None:
        """Stores all seals or none. Raises Conflict if another process has added seals meanwhile."""

    async def sealed(self, organization_id: UUID, *, after_seq: int, limit: int) -> list[tuple[Seal, Record | None]]:
        """In the order of the chain; None for a record that does not exist any more."""

    async def tail(self, organization_id: UUID) -> Tail: ...

    async def organizations(self) -> list[UUID]:
        """All organizations that have records or seals."""
