"""The database in memory: tables, transactions that come one at a time, and the wall between tenants."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import count
from typing import Any

from atende.core.kernel import Clock, TenantScope, Transaction
from atende.outbound.memory.clock import FixedClock
from atende.outbound.memory.platform import first_tables


class RowLevelSecurityViolation(Exception):
    """A transaction wrote what is not its own, which row-level security refuses: a mistake in the program."""


@dataclass(slots=True)
class _Open:
    """A running transaction; without a scope it acts for the system, as the named functions of the database do."""

    scope: TenantScope | None
    broken: bool = False
    jobs: bool = False


_current: ContextVar[_Open | None] = ContextVar("atende_memory_transaction", default=None)


class MemoryStore:
    """Everything that the twins of one process keep. A table is copied when a transaction first writes to it.

    `woken` are called after each commit that made or released a job: what LISTEN/NOTIFY does for a worker.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock: Clock = clock or FixedClock()
        self.woken: list[Callable[[], None]] = []
        self._tables = first_tables(self.clock.now())
        self._before: dict[str, dict[Any, Any]] = {}
        self._numbers = count(1)
        self._lock = asyncio.Lock()
        self._open: _Open | None = None

    @property
    def scope(self) -> TenantScope | None:
        """What the open transaction may see: None means everything. Raises RuntimeError when there is none."""
        return self._ours().scope

    def begin(self, scope: TenantScope) -> AbstractAsyncContextManager[None]:
        """A transaction: what it wrote is there at its end for everybody, or never was."""
        return self._begin(_Open(scope))

    def system(self) -> AbstractAsyncContextManager[None]:
        """The same for those who work across tenants, on a connection of their own."""
        return self._begin(_Open(None))

    def next_number(self) -> int:
        """Of a sequence that is never set back, as PostgreSQL's are not."""
        return next(self._numbers)

    def wake(self) -> None:
        """Call `woken` when this transaction commits."""
        self._ours().jobs = True

    def abort(self) -> None:
        """After an error that PostgreSQL would end the transaction with: nothing more is read or written."""
        self._ours().broken = True

    def read(self, name: str) -> dict[Any, Any]:
        """A table, or the index of a unique rule, as this transaction sees it."""
        self._ours()
        return self._tables.get(name, {})

    def write(self, name: str) -> dict[Any, Any]:
        """The same, to be changed."""
        self._ours()
        if name not in self._before:
            self._before[name] = self._tables.get(name, {})
            self._tables[name] = dict(self._before[name])
        return self._tables[name]

    def committed(self, name: str) -> dict[Any, Any]:
        """The same as every other connection sees it while a transaction is open."""
        return self._before.get(name, self._tables.get(name, {}))

    def count(self, name: str) -> int:
        """Committed rows of a table."""
        return len(self.committed(name))

    def _ours(self) -> _Open:
        ours = _current.get()
        if ours is None or ours is not self._open:
            raise RuntimeError("a query outside a transaction: open one with `async with transaction(scope)`")
        if ours.broken:
            raise RuntimeError("this transaction was aborted by an error: nothing more can be done in it")
        return ours

    @asynccontextmanager
    async def _begin(self, opening: _Open) -> AsyncIterator[None]:
        if self._open is not None and _current.get() is self._open:
            raise RuntimeError("a transaction is open already: end it first")
        async with self._lock:
            self._open, token = opening, _current.set(opening)
            try:
                yield
                self._ours()
            except BaseException:
                self._tables |= self._before
                raise
            finally:
                _current.reset(token)
                self._open, self._before = None, {}
        if opening.jobs:
            for wake in self.woken:
                wake()


class MemoryTransaction(Transaction):
    """One store may have many; they wait for each other."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def __call__(self, scope: TenantScope) -> AbstractAsyncContextManager[None]:
        return self._store.begin(scope)
