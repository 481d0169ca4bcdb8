"""Debits by many callers at once: one busy payer, and many quiet ones."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import count
from uuid import UUID

import asyncpg

from atende.core.credits.admit import Admit
from atende.core.kernel import Credits, TenantScope, Transaction
from atende.outbound.system import Uuid7Ids
from tests.bench.measure import Figures, Rounds, Row, in_turns, percentile
from tests.bench.reference_ledger import DEBIT, SCRIPT
from tests.bench.setting import Place, databases, place

CALLERS = 16
TENANTS = 1_000
SECONDS = 1.0
_GRANTED = 2_000_000_000
Debit = Callable[[UUID, str], Awaitable[None]]

_OURS = {"hold": "one hold", "hold_capture": "hold, then capture"}


async def measure(rounds: int) -> list[Row]:
    """The rows of the ledger; a payer of ours is an organization."""
    rows: list[Row] = []
    async with databases() as made, place(made, pool=CALLERS) as where, _pool(where) as pool:
        payers = await _payers(where)
        desk = Desk(where, pool)
        for load, chosen in (("hot tenant", payers[:1]), (f"{TENANTS:,} tenants", payers)):
            sides = {
                name: (lambda debit=debit, chosen=chosen: _round(debit, chosen, callers=CALLERS))
                for name, debit in desk.debits.items()
            }
            rows += _rows(await in_turns(sides, rounds=rounds), f"{load}, {CALLERS} callers")
        alone = {name: (lambda debit=debit: _round(debit, payers, callers=1)) for name, debit in desk.debits.items()}
        rows += _rows(await in_turns(alone, rounds=rounds), "1 caller")
        await _check(where)
    return rows


def _rows(seen: Rounds, load: str) -> list[Row]:
    return [
        seen.compare(f"ledger.{figure} {what}, {load}", ours, "reference", figure=figure, unit=unit)
        for ours, what in _OURS.items()
        for figure, unit in (("rate", "debits/s"), ("p99", "ms"))
    ]


class Desk:
    """Every way to take credits, once per call."""

    def __init__(self, where: Place, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._container, self._pool = where.container, pool
        self.debits: dict[str, Debit] = {
            "hold": self._hold,
            "hold_capture": self._hold_capture,
            "reference": self._reference,
        }

    async def _reference(self, payer: UUID, reference: str) -> None:
        if await self._pool.fetchval(DEBIT, payer, 1, reference) is None:
            raise RuntimeError("the reference refused a debit that it can afford")

    async def _hold(self, payer: UUID, reference: str) -> None:
        async with self._container() as unit:
            admit, transaction = await unit.get(Admit), await unit.get(Transaction)
            async with transaction(TenantScope(payer)):
                await admit.hold(TenantScope(payer), amount=Credits(1), reference=reference)

    async def _hold_capture(self, payer: UUID, reference: str) -> None:
        async with self._container() as unit:
            admit, transaction = await unit.get(Admit), await unit.get(Transaction)
            async with transaction(TenantScope(payer)):
                hold = await admit.hold(TenantScope(payer), amount=Credits(1), reference=reference)
            async with transaction(TenantScope(payer)):
                await admit.capture(TenantScope(payer), hold.id, amount=Credits(1))


_references = count(1)


async def _round(debit: Debit, payers: Sequence[UUID], *, callers: int) -> Figures:
    """About SECONDS of debits, each caller one after the other, spread evenly over the payers."""
    seconds: list[float] = []
    began = time.perf_counter()

    async def caller() -> None:
        while time.perf_counter() - began < SECONDS:
            number = next(_references)
            start = time.perf_counter()
            await debit(payers[number * 7919 % len(payers)], f"bench:{number}")
            seconds.append(time.perf_counter() - start)

    async with asyncio.TaskGroup() as group:
        for _ in range(callers):
            group.create_task(caller())
    took = time.perf_counter() - began
    return {"rate": len(seconds) / took, "p99": percentile(seconds, 0.99) * 1e3}


@asynccontextmanager
async def _pool(where: Place) -> "AsyncIterator[asyncpg.Pool[asyncpg.Record]]":
    async with asyncpg.create_pool(where.urls.app, min_size=CALLERS, max_size=CALLERS) as pool:
        yield pool


async def _payers(where: Place) -> list[UUID]:
    """Organizations with credits, and the same ones as accounts of the reference."""
    ids = Uuid7Ids()
    payers = [ids.new() for _ in range(TENANTS)]
    owner = await asyncpg.connect(where.urls.owner)
    admin = await asyncpg.connect(where.urls.admin)
    try:
        await owner.execute(SCRIPT)
        await admin.execute(
            "INSERT INTO organization (id, name, slug, created_at)"
            " SELECT id, 'Payer ' || n, 'payer-' || n, now() FROM unnest($1::uuid[]) WITH ORDINALITY AS p (id, n)",
            payers,
        )
        await admin.execute(
            "INSERT INTO credit_account (organization_id, available, issued)"
            " SELECT id, $2::bigint, $2::bigint FROM unnest($1::uuid[]) AS p (id)",
            payers,
            _GRANTED,
        )
        await admin.execute(
            "INSERT INTO bench_account (id, balance) SELECT id, $2 FROM unnest($1::uuid[]) AS p (id)", payers, _GRANTED
        )
        await admin.execute("ANALYZE")
    finally:
        await owner.close()
        await admin.close()
    return payers


async def _check(where: Place) -> None:
    """No credit came or went unrecorded, or the figures mean nothing."""
    connection = await asyncpg.connect(where.urls.admin)
    try:
        wrong = await connection.fetchval(
            """
            SELECT count(*) FROM credit_account a JOIN LATERAL (
              SELECT coalesce(sum(amount) FILTER (WHERE kind = 'hold'), 0) AS holds,
                     coalesce(sum(amount) FILTER (WHERE kind = 'capture'), 0) AS captures
              FROM credit_entry e WHERE e.organization_id = a.organization_id) e ON true
            WHERE a.issued = $1 AND (a.available <> a.issued - e.holds OR a.spent <> e.captures)
            """,
            _GRANTED,
        )
    finally:
        await connection.close()
    if wrong:
        raise RuntimeError(f"{wrong} accounts do not match their entries")
