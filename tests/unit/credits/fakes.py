"""Small fakes for the use cases about credits: ports in memory, time that stands still, ids that count."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from uuid import UUID

from atende.core.credits.admit import Admit, ExpireHolds
from atende.core.credits.ledger import CreditLedger
from atende.core.credits.model import Balance, Entry, Hold, Kind
from atende.core.credits.ports import HoldsDue, Ledgers, Prices
from atende.core.credits.price import DEFAULT_PRICES, Price, PriceNotFound
from atende.core.credits.price_list import PriceList
from atende.core.kernel import CREDIT, Clock, Credits, Ids, Page, Retryable, TenantScope, Transaction

ORG, OTHER_ORG = UUID(int=1), UUID(int=2)
SHOP, OTHER_SHOP = TenantScope(ORG, "shop"), TenantScope(ORG, "other")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEN = Credits(10 * CREDIT)


class StoppedClock(Clock):
    time = NOW

    def now(self) -> datetime:
        return self.time


class CountedIds(Ids):
    def __init__(self) -> None:
        self.numbers = count(100)

    def new(self) -> UUID:
        return UUID(int=next(self.numbers))


@dataclass
class State:
    ledgers: dict[UUID, CreditLedger] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)


class FakeLedgers(Ledgers, HoldsDue, Transaction):
    """A ledger per organization, locked and saved only inside a transaction, as it was before when one fails."""

    def __init__(self) -> None:
        self.state = State()
        self.scope: TenantScope | None = None
        self.committed = 0
        self.broken: set[UUID] = set()

    def __call__(self, scope: TenantScope) -> AbstractAsyncContextManager[None]:
        return self.begin(scope)

    @asynccontextmanager
    async def begin(self, scope: TenantScope) -> AsyncIterator[None]:
        before, self.scope = deepcopy(self.state), scope
        try:
            yield
            self.committed += 1
        except BaseException:
            self.state = before
            raise
        finally:
            self.scope = None

    async def lock(
        self, organization_id: UUID, *, holds: Sequence[UUID] = (), references: Sequence[tuple[Kind, str]] = ()
    ) -> CreditLedger:
        assert self.scope is not None, "a lock needs a transaction"
        assert self.scope.organization_id == organization_id
        kept = self.state.ledgers.setdefault(organization_id, CreditLedger(organization_id=organization_id))
        if self.broken & set(holds):
            raise Retryable
        posted = {key: kept.posted[key] for key in references if key in kept.posted}
        named = {*holds, *(entry.hold_id for entry in posted.values())}
        found = {id_: replace(hold) for id_, hold in kept.holds.items() if id_ in named}
        return replace(kept, posted=posted, holds=found, new_entries=[], changed_holds={})

    async def save(self, ledger: CreditLedger) -> None:
        kept = self.state.ledgers[ledger.organization_id]
        posted = {(entry.kind, entry.reference): entry for entry in ledger.new_entries}
        assert not posted.keys() & kept.posted.keys()
        self.state.entries += ledger.new_entries
        self.state.ledgers[ledger.organization_id] = replace(
            ledger, posted=kept.posted | posted, holds=kept.holds | ledger.changed_holds
        )

    async def balance(self, organization_id: UUID) -> Balance:
        kept = self.state.ledgers.get(organization_id)
        return kept.balance if kept else Balance()

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
        raise NotImplementedError

    async def due(self, now: datetime, limit: int) -> list[tuple[UUID, UUID]]:
        assert self.scope is None, "the search for due holds locks nothing"
        everything = [hold for kept in self.state.ledgers.values() for hold in kept.holds.values()]
        due = sorted((hold.expires_at, hold.organization_id, hold.id) for hold in everything if hold.is_due(now))
        return [(organization_id, hold_id) for _, organization_id, hold_id in due[:limit]]


class FakePrices(Prices):
    async def find(self, provider: str, model: str, operation: str) -> Price:
        for price in DEFAULT_PRICES:
            if (price.provider, price.model, price.operation) == (provider, model, operation):
                return price
        raise PriceNotFound(provider, model, operation)

    async def current(self) -> PriceList:
        return PriceList(DEFAULT_PRICES)


class InSmallBatches(ExpireHolds):
    batch = 3


@dataclass
class CreditFakes:
    ledgers: FakeLedgers = field(default_factory=FakeLedgers)
    ids: CountedIds = field(default_factory=CountedIds)
    clock: StoppedClock = field(default_factory=StoppedClock)

    @property
    def admit(self) -> Admit:
        return Admit(ledgers=self.ledgers, prices=FakePrices(), ids=self.ids, clock=self.clock)

    @property
    def expire_holds(self) -> ExpireHolds:
        return InSmallBatches(
            ledgers=self.ledgers, holds=self.ledgers, transaction=self.ledgers, ids=self.ids, clock=self.clock
        )

    async def fund(self, organization_id: UUID, amount: int) -> None:
        async with self.ledgers(TenantScope(organization_id)):
            ledger = await self.ledgers.lock(organization_id)
            ledger.grant(self.ids.new(), amount=amount, reference="grant", at=NOW)
            await self.ledgers.save(ledger)

    async def hold(self, scope: TenantScope = SHOP, amount: Credits = TEN, reference: str = "turn:1:1") -> Hold:
        async with self.ledgers(scope):
            return await self.admit.hold(scope, amount=amount, reference=reference)

    async def capture(self, hold_id: UUID, amount: int, scope: TenantScope = SHOP) -> Entry:
        async with self.ledgers(scope):
            return await self.admit.capture(scope, hold_id, amount=Credits(amount))

    async def release(self, hold_id: UUID, scope: TenantScope = SHOP) -> Hold:
        async with self.ledgers(scope):
            return await self.admit.release(scope, hold_id)

    async def refund(
        self, hold_id: UUID, amount: int, reference: str = "message:1", scope: TenantScope = SHOP
    ) -> Entry:
        async with self.ledgers(scope):
            return await self.admit.refund(scope, hold_id, amount=Credits(amount), reference=reference)

    def stored(self, hold_id: UUID, organization_id: UUID = ORG) -> Hold:
        return self.ledgers.state.ledgers[organization_id].holds[hold_id]

    async def balance(self, organization_id: UUID = ORG) -> tuple[int, int, int]:
        balance = await self.ledgers.balance(organization_id)
        return balance.available // CREDIT, balance.held // CREDIT, balance.spent // CREDIT
