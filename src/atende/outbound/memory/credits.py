"""The credit ledger and the prices in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from atende.core.credits.ledger import CreditLedger
from atende.core.credits.model import Balance, Entry, Hold, HoldState, Kind, ReferenceReused
from atende.core.credits.ports import HoldsDue, Ledgers, Prices
from atende.core.credits.price import DEFAULT_PRICES, Price, PriceNotFound
from atende.core.credits.price_list import PriceList
from atende.core.kernel import Page
from atende.outbound.keyset import after_number
from atende.outbound.memory.row import Row
from atende.outbound.memory.store import MemoryStore
from atende.outbound.memory.table import Rows, Table


def _organization(row: Row[object]) -> UUID | None:
    return row.organization_id


_ONCE, _HOLD_ONCE = "credit_entry_once", "credit_hold_organization_id_reference_key"
ENTRIES = Table[Entry](
    name="credit_entry",
    unique={_ONCE: lambda row: (row.organization_id, row.entity.kind, row.entity.reference)},
    parents={"organization": _organization, "credit_hold": lambda row: row.entity.hold_id},
    errors={_ONCE: ReferenceReused},
)
HOLDS = Table[Hold](
    name="credit_hold",
    unique={_HOLD_ONCE: lambda row: (row.organization_id, row.entity.reference)},
    parents={"organization": _organization},
    errors={_HOLD_ONCE: ReferenceReused},
)


@dataclass(frozen=True, slots=True)
class _Account:
    organization_id: UUID
    balance: Balance


ACCOUNTS = Table[_Account](
    name="credit_account", key=lambda account: account.organization_id, parents={"organization": _organization}
)


class MemoryLedgers(Ledgers):
    def __init__(self, store: MemoryStore) -> None:
        self._accounts, self._entries, self._holds = Rows(store, ACCOUNTS), Rows(store, ENTRIES), Rows(store, HOLDS)

    async def lock(
        self, organization_id: UUID, *, holds: Sequence[UUID] = (), references: Sequence[tuple[Kind, str]] = ()
    ) -> CreditLedger:
        if self._accounts.get(organization_id) is None:
            self._accounts.insert(_Account(organization_id, Balance()), at=organization_id)
        named = [self._entries.by(_ONCE, (organization_id, *reference)) for reference in references]
        posted = {(entry.kind, entry.reference): entry for entry in named if entry}
        wanted = {*holds, *(entry.hold_id for entry in posted.values())}
        found = [hold for id_ in wanted if (hold := self._holds.get(id_))]
        balance = await self.balance(organization_id)
        return CreditLedger(
            organization_id=organization_id,
            available=balance.available,
            held=balance.held,
            spent=balance.spent,
            issued=balance.issued,
            holds={hold.id: hold for hold in found},
            posted=posted,
        )

    async def save(self, ledger: CreditLedger) -> None:
        for hold in ledger.changed_holds.values():
            self._holds.upsert(hold, at=hold.organization_id)
        for entry in ledger.new_entries:
            self._entries.insert(entry, at=entry.organization_id)
        if ledger.new_entries:
            self._accounts.update(_Account(ledger.organization_id, ledger.balance))

    async def balance(self, organization_id: UUID) -> Balance:
        account = self._accounts.get(organization_id)
        return Balance() if account is None else account.balance

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
        passed = (page - 1) * limit if offset is None else offset
        every = self._entries.all(where=lambda entry: entry.organization_id == organization_id)
        # As numbered as in the database: oldest first from 1, and none is ever removed.
        numbered = [(number, entry) for number, entry in enumerate(every, start=1) if kind in {None, entry.kind}][::-1]
        left = numbered[passed:]
        if after is not None:
            last = after_number(after)
            left = [one for one in numbered if one[0] < last]
        shown = left[:limit]
        following = str(shown[-1][0]) if len(left) > limit else None
        return Page([entry for _, entry in shown], page, limit, len(numbered), following)


class MemoryHoldsDue(HoldsDue):
    def __init__(self, store: MemoryStore) -> None:
        self._holds = Rows(store, HOLDS)

    async def due(self, now: datetime, limit: int) -> list[tuple[UUID, UUID]]:
        holds = (row.entity for row in self._holds.committed())
        due = [hold for hold in holds if hold.state is HoldState.HELD and hold.expires_at <= now]
        due.sort(key=lambda hold: hold.expires_at)
        return [(hold.organization_id, hold.id) for hold in due[:limit]]


class MemoryPrices(Prices):
    def __init__(self, prices: Sequence[Price] = DEFAULT_PRICES) -> None:
        self._prices = {(price.provider, price.model, price.operation): price for price in prices if price.is_active}

    async def find(self, provider: str, model: str, operation: str) -> Price:
        try:
            return self._prices[provider, model, operation]
        except KeyError:
            raise PriceNotFound(provider, model, operation) from None

    async def current(self) -> PriceList:
        return PriceList(tuple(self._prices.values()))
