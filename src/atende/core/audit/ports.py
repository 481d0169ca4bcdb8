"""What keeps the record of what was done, and what proves that nobody changed it."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from atende.core.audit.chain import Head, Seal, Tail
from atende.core.audit.model import Event, Filter, Record
from atende.core.kernel import Page, TenantScope


class AuditLog(Protocol):
    """Part of the open transaction: a change and its record commit together. Who acts comes from the request's Origin."""

    async def add(self, scope: TenantScope, event: Event) -> None:
        """Secrets are taken out. Raises AlreadyApplied when a call with this Idempotency-Key took effect before."""


class AuditTrail(Protocol):
    """Inside a transaction, for reading."""

    async def page(
        self, scope: TenantScope, wanted: Filter, *, page: int, limit: int, after: str | None = None
    ) -> Page[Record]:
        """Newest first."""


class AuditChain(Protocol):
    """Across organizations, each call a transaction of its own."""

    async def unsealed(self, limit: int) -> list[Record]:
        """Committed records without a seal, oldest first; those of one organization stay together."""

    async def heads(self, organization_ids: Sequence[UUID]) -> dict[UUID, Head]:
        """The last seal of each chain; organizations without one are missing."""

    async def append(self, seals: Sequence[Seal]) -> None:
        """All or none. Raises Conflict when another sealer was quicker."""

    async def sealed(self, organization_id: UUID, *, after_seq: int, limit: int) -> list[tuple[Seal, Record | None]]:
        """In order of the chain; a record that is gone is None."""

    async def tail(self, organization_id: UUID) -> Tail: ...

    async def organizations(self) -> list[UUID]:
        """All that have records or seals."""
