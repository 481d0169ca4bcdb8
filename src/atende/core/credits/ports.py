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
        """Locks the account until the transaction ends, creating it if necessary, and then reads it.

        `posted` of the result has the entries with these `references`; `holds` has the requested holds and those of the entries.
        """

    async def save(self, ledger: CreditLedger) -> None:
        """Inserts `new_entries` and updates the balance and `changed_holds`; writes nothing if nothing was moved.

        Call it once per lock, in the same transaction.

        Raises ReferenceReused if a (kind, reference) exists that was not passed to `lock`.
        """

    async def balance(self, organization_id: UUID) -> Balance:
        """Without a lock; all zeros if there is no account."""

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
        """Newest first; `page` counts from 1. Instead of `page`, `offset` skips that many entries, and `after` (a `Page.next`)
        starts behind that entry.
        """


class HoldsDue(Protocol):
    async def due(self, now: datetime, limit: int) -> list[tuple[UUID, UUID]]:
        """(organization id, hold id) of holds that are held and due, of all organizations, oldest first, without locks."""


class Prices(Protocol):
    async def find(self, provider: str, model: str, operation: str) -> Price:
        """The active price. Raises PriceNotFound."""

    async def current(self) -> PriceList:
        """All active prices."""
