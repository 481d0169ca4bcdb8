"""The credit ledger and prices in PostgreSQL."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from sqlalchemy import BigInteger, Identity, insert, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, aliased, join, mapped_column

from atende.core.credits.ledger import CreditLedger
from atende.core.credits.model import Balance, Entry, Hold, Kind
from atende.core.credits.ports import HoldsDue, Ledgers, Prices
from atende.core.credits.price import Price, PriceNotFound
from atende.core.credits.price_list import PriceList
from atende.core.kernel import Page
from atende.outbound.keyset import after_number
from atende.outbound.postgres.base import Row, fresh, to_entity, to_values
from atende.outbound.postgres.constraints import database_errors
from atende.outbound.postgres.pages import by_index, count_for, cut


class CreditAccountRow(Row):
    __tablename__ = "credit_account"
    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    available: Mapped[int] = mapped_column(BigInteger)
    held: Mapped[int] = mapped_column(BigInteger)
    spent: Mapped[int] = mapped_column(BigInteger)
    issued: Mapped[int] = mapped_column(BigInteger)


class CreditHoldRow(Row):
    __tablename__ = "credit_hold"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    tenant_id: Mapped[str | None]
    amount: Mapped[int] = mapped_column(BigInteger)
    reference: Mapped[str]
    state: Mapped[str]
    captured: Mapped[int] = mapped_column(BigInteger)
    refunded: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


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


class PostgresLedgers(Ledgers):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def lock(
        self, organization_id: UUID, *, holds: Sequence[UUID] = (), references: Sequence[tuple[Kind, str]] = ()
    ) -> CreditLedger:
        found = select(CreditAccountRow).where(CreditAccountRow.organization_id == organization_id).with_for_update()
        found = fresh(found)
        account = await self._session.scalar(found)
        if account is None:
            made = upsert(CreditAccountRow).values(
                organization_id=organization_id, available=0, held=0, spent=0, issued=0
            )
            await self._session.execute(made.on_conflict_do_nothing())
            account = await self._session.scalar(found)
        assert account is not None, "the account was made above"
        entries, found_holds = await self._known(organization_id, holds, references)
        return CreditLedger(
            organization_id=organization_id,
            available=account.available,  # type: ignore[arg-type]
            held=account.held,  # type: ignore[arg-type]
            spent=account.spent,  # type: ignore[arg-type]
            issued=account.issued,  # type: ignore[arg-type]
            holds={hold.id: hold for hold in found_holds},
            posted={(entry.kind, entry.reference): entry for entry in entries},
        )

    async def _known(
        self, organization_id: UUID, holds: Sequence[UUID], references: Sequence[tuple[Kind, str]]
    ) -> tuple[list[Entry], list[Hold]]:
        """In a statement of its own, which begins when the account is locked: one that waited for the lock would miss what was
        written meanwhile.
        """
        if not holds and not references:
            return [], []
        named = tuple_(CreditEntryRow.kind, CreditEntryRow.reference).in_(
            [(str(kind), name) for kind, name in references]
        )
        entries = select(CreditEntryRow).where(CreditEntryRow.organization_id == organization_id, named).cte("entries")
        wanted = or_(CreditHoldRow.id.in_(holds), CreditHoldRow.id.in_(select(entries.c.hold_id)))
        of_holds = select(CreditHoldRow).where(CreditHoldRow.organization_id == organization_id, wanted)
        entry, hold = aliased(CreditEntryRow, entries), aliased(CreditHoldRow, of_holds.subquery("holds"))
        both = select(entry, hold).select_from(join(entry, hold, entry.hold_id == hold.id, full=True))
        rows: Sequence[Any] = (await self._session.execute(fresh(both))).all()
        return (
            [to_entity(row, Entry) for row, _ in rows if row is not None],
            [to_entity(row, Hold) for _, row in rows if row is not None],
        )

    async def save(self, ledger: CreditLedger) -> None:
        if not ledger.new_entries:
            assert not ledger.changed_holds, "a hold changes by an entry"
            return
        # One statement: the account is locked, and the organization's other work waits for it.
        balance = (
            update(CreditAccountRow)
            .where(CreditAccountRow.organization_id == ledger.organization_id)
            .values(available=ledger.available, held=ledger.held, spent=ledger.spent, issued=ledger.issued)
        )
        entries = insert(CreditEntryRow).values([to_values(entry) for entry in ledger.new_entries])
        balance = balance.add_cte(entries.cte("entries"))
        if ledger.changed_holds:
            holds = upsert(CreditHoldRow).values([to_values(hold) for hold in ledger.changed_holds.values()])
            changed = {name: holds.excluded[name] for name in ("state", "captured", "refunded", "closed_at")}
            holds = holds.on_conflict_do_update(index_elements=["id"], set_=changed)
            balance = balance.add_cte(holds.cte("holds"))
        await self._session.execute(balance)

    async def balance(self, organization_id: UUID) -> Balance:
        row = await self._session.scalar(
            select(CreditAccountRow).where(CreditAccountRow.organization_id == organization_id)
        )
        return Balance() if row is None else to_entity(row, Balance)

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
        await by_index(self._session)
        order = (CreditEntryRow.seq.desc(),)
        query = select(CreditEntryRow).where(*wanted).order_by(*order).limit(limit + 1)
        behind = None if after is None else CreditEntryRow.seq < after_number(after)
        query = query.offset(passed) if behind is None else query.where(behind)
        found = list(await self._session.scalars(query))
        known = passed if after is None else None
        counted = await count_for(self._session, found, CreditEntryRow, order, *wanted, passed=known, limit=limit)
        return cut(found, lambda row: str(row.seq), lambda row: to_entity(row, Entry), page, limit, counted)


class PostgresHoldsDue(HoldsDue):
    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def due(self, now: datetime, limit: int) -> list[tuple[UUID, UUID]]:
        with database_errors():
            rows = await self._pool.fetch("SELECT * FROM holds_due($1, $2)", now, limit)
        return [(row["organization_id"], row["hold_id"]) for row in rows]


class PostgresPrices(Prices):
    """Reads outside transactions: prices do not belong to a tenant."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def find(self, provider: str, model: str, operation: str) -> Price:
        with database_errors():
            row = await self._pool.fetchrow(
                "SELECT * FROM price WHERE provider = $1 AND model = $2 AND operation = $3 AND is_active",
                provider,
                model,
                operation,
            )
        if row is None:
            raise PriceNotFound(provider, model, operation)
        return _to_price(row)

    async def current(self) -> PriceList:
        with database_errors():
            return PriceList(tuple(map(_to_price, await self._pool.fetch("SELECT * FROM price WHERE is_active"))))


def _to_price(row: asyncpg.Record) -> Price:
    return msgspec.convert({**row, "resolution_multipliers": json.loads(row["resolution_multipliers"])}, Price)
