"""What credits need from outside."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from atende.core.credits.ledger import CreditLedger
from atende.core.credits.model import Balance, Entry, Kind
from atende.core.credits.price import Price
from atende.core.credits.price_list import PriceList
from atende.core.kernel import Page


class Ledgers(Protocol):
    async def lock(
        self,
        organization_id: UUID,
        *,
        holds: Sequence[UUID] = (),
        references: Sequence[tuple[Kind, str]] = (),
    ) -> CreditLedger:
        """The account, locked until the transaction ends, made if missing; then read, never from before the lock.

        `posted` has the entries under `references`; `holds` has the holds asked for and those that the entries name.
        """

    async def save(self, ledger: CreditLedger) -> None:
        """Inserts `new_entries`, brings the balance and `changed_holds` up to date; writes nothing when nothing moved.

        Once per lock, in the same transaction.

        Raises ReferenceReused when a (kind, reference) stands there that `lock` was not asked for.
        """

    async def balance(self, organization_id: UUID) -> Balance:
        """Without a lock; zeros when there is none."""

    async def entries(
        self,
        organization_id: UUID,
        *,
        page: int,
        limit: int,
        kind: Kind | None = None,
        after: str | None = None,
        offset: int | None = None,
    ) -> Page[Entry]:
        """Newest first; `page` counts from 1. In place of it, `offset` passes over so many, and `after` (a `Page.next`) says
        behind which one to begin.
        """


class HoldsDue(Protocol):
    async def due(self, now: datetime, limit: int) -> list[tuple[UUID, UUID]]:
        """(organization id, hold id) of held holds with expires_at <= now, oldest first, across organizations, unlocked."""


class Prices(Protocol):
    async def find(self, provider: str, model: str, operation: str) -> Price:
        """The active price. Raises PriceNotFound."""

    async def current(self) -> PriceList:
        """All active prices."""
