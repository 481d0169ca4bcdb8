"""The credit ledger and prices in PostgreSQL."""

import json
import time
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec
from sqlalchemy import BigInteger, Identity, select
from sqlalchemy.orm import Mapped, mapped_column

from atende.core.credits.ledger import CreditLedger
from atende.core.credits.model import Balance, Entry, Hold, Kind
from atende.core.credits.ports import HoldsDue, Ledgers, Prices
from atende.core.credits.price import Price
from atende.core.credits.price_list import PriceList
from atende.core.kernel import Page
from atende.core.ttl_cache import TtlCache
from atende.outbound.keyset import after_number
from atende.outbound.postgres.base import Row, to_entity
from atende.outbound.postgres.constraints import database_errors
from atende.outbound.postgres.pages import by_index, count_for, cut
from atende.outbound.postgres.records import changes, entity, read, rows
from atende.outbound.postgres.unit import Unit


class CreditEntryRow(Row):
    __tablename__ = "credit_entry"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    tenant_id: Mapped[str | None]
    kind: Mapped[str]
    reference: Mapped[str]
    debit: Mapped[str]
    credit: Mapped[str]
    amount: Mapped[int] = mapped_column(BigInteger)
    available_after: Mapped[int] = mapped_column(BigInteger)
    held_after: Mapped[int] = mapped_column(BigInteger)
    hold_id: Mapped[UUID | None]
    note: Mapped[str]
    at: Mapped[datetime]
    seq: Mapped[int] = mapped_column(BigInteger, Identity())


_ENTRY = tuple(field.name for field in fields(Entry))
"""Its columns, but for `seq`, which the database counts."""
_LOCK = "SELECT lock_ledger($1, $2, $3, $4)::text"
_SAVE = f"""
WITH entries AS (
  INSERT INTO credit_entry ({", ".join(_ENTRY)})
  SELECT {", ".join(_ENTRY)} FROM json_populate_recordset(NULL::credit_entry, $1)
), holds AS (
  INSERT INTO credit_hold SELECT * FROM json_populate_recordset(NULL::credit_hold, $2)
  ON CONFLICT (id) DO UPDATE SET {changes(("state", "captured", "refunded", "closed_at"), "excluded")}
)
UPDATE credit_account SET available = $4, held = $5, spent = $6, issued = $7 WHERE organization_id = $3
"""
_BALANCE = "SELECT to_json(a)::text FROM credit_account a WHERE organization_id = $1"


class PostgresLedgers(Ledgers):
    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def lock(
        self, organization_id: UUID, *, holds: Sequence[UUID] = (), references: Sequence[tuple[Kind, str]] = ()
    ) -> CreditLedger:
        kinds, names = [str(kind) for kind, _ in references], [name for _, name in references]
        found = await self._unit.connection.fetchval(_LOCK, organization_id, list(holds), kinds, names)
        told = read(found)
        entries = [entity(row, Entry) for row in told["entries"]]
        return CreditLedger(
            organization_id=organization_id,
            **{name: told["account"][name] for name in ("available", "held", "spent", "issued")},
            holds={hold.id: hold for hold in (entity(row, Hold) for row in told["holds"])},
            posted={(entry.kind, entry.reference): entry for entry in entries},
        )

    async def save(self, ledger: CreditLedger) -> None:
        if not ledger.new_entries:
            assert not ledger.changed_holds, "a hold changes by an entry"
            return
        # One statement: the account is locked, and the organization's other work waits for it.
        changed = (rows(ledger.new_entries), rows(list(ledger.changed_holds.values())))
        balance = (ledger.available, ledger.held, ledger.spent, ledger.issued)
        await self._unit.connection.execute(_SAVE, *changed, ledger.organization_id, *balance)

    async def balance(self, organization_id: UUID) -> Balance:
        found = await self._unit.connection.fetchval(_BALANCE, organization_id)
        return Balance() if found is None else entity(read(found), Balance)

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
        wanted = [CreditEntryRow.organization_id == organization_id] + ([CreditEntryRow.kind == kind] if kind else [])
        await by_index(self._unit.session)
        order = (CreditEntryRow.seq.desc(),)
        query = select(CreditEntryRow).where(*wanted).order_by(*order).limit(limit + 1)
        behind = None if after is None else CreditEntryRow.seq < after_number(after)
        query = query.offset(passed) if behind is None else query.where(behind)
        found = list(await self._unit.session.scalars(query))
        known = passed if after is None else None
        counted = await count_for(self._unit.session, found, CreditEntryRow, order, *wanted, passed=known, limit=limit)
        return cut(found, lambda row: str(row.seq), lambda row: to_entity(row, Entry), page, limit, counted)


class PostgresHoldsDue(HoldsDue):
    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def due(self, now: datetime, limit: int) -> list[tuple[UUID, UUID]]:
        with database_errors():
            rows = await self._pool.fetch("SELECT * FROM holds_due($1, $2)", now, limit)
        return [(row["organization_id"], row["hold_id"]) for row in rows]


class PostgresPrices(Prices):
    """Reads outside transactions: prices do not belong to a tenant. What was read holds for `kept` seconds."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", *, kept: float = 0.0) -> None:
        self._pool = pool
        self._lists: TtlCache[None, PriceList] = TtlCache(kept, time.monotonic)

    async def find(self, provider: str, model: str, operation: str) -> Price:
        return (await self.current()).find(provider, model, operation)

    async def current(self) -> PriceList:
        return await self._lists.get(None, self._read)

    async def _read(self) -> PriceList:
        with database_errors():
            return PriceList(tuple(map(_to_price, await self._pool.fetch("SELECT * FROM price WHERE is_active"))))


def _to_price(row: asyncpg.Record) -> Price:
    return msgspec.convert({**row, "resolution_multipliers": json.loads(row["resolution_multipliers"])}, Price)
