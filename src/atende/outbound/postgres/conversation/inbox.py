"""Writing received messages and reports in groups: items that arrive while one commit runs go into the next one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Generic, TypeAlias, TypeVar

import asyncpg
import msgspec

from atende.core.conversation.channel import DeliveryReport, InboundMessage
from atende.core.conversation.model import Delivery
from atende.core.conversation.ports import Inbox, Quarantined
from atende.core.conversation.turn.answer_customer import TURN
from atende.core.conversation.turn.failed_send import FAILED_SEND
from atende.core.conversation.turn.job import DEDUPE_KEY, ORDER_KEY, SILENT_KINDS
from atende.core.kernel import Ids, Unavailable
from atende.core.work.model import JobKind
from atende.outbound.postgres.constraints import database_errors

T = TypeVar("T")
LARGEST_GROUP = 500
_RECEIVE = (
    "SELECT receive_messages(p_items => $1, p_ids => $2, p_window => $3, p_cap => $4, p_silent => $5, p_order_key => $6,"
    " p_dedupe_key => $7, p_kind => $8, p_max_attempts => $9, p_time_limit => $10) AS n"
)
_REPORT = (
    "SELECT report_deliveries(p_items => $1, p_ranks => $2, p_failed => $3, p_kind => $4, p_max_attempts => $5,"
    " p_time_limit => $6) AS n"
)
_QUARANTINE = (
    "INSERT INTO inbox (source, account, external_id, state, reason, body)"
    " SELECT s, a, e, 'quarantined', r, b"
    " FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[]) AS i (s, a, e, r, b)"
    " ON CONFLICT DO NOTHING"
)
_RANKS = msgspec.json.encode({delivery: delivery.rank for delivery in Delivery}).decode()


def _described(kind: JobKind) -> tuple[str, int, timedelta | None]:
    limit = kind.deadline
    return kind.name, kind.max_attempts, None if limit is None else timedelta(seconds=limit)


_TURN, _FAILED_SEND = _described(TURN), _described(FAILED_SEND)
_KEYS = (list(SILENT_KINDS), ORDER_KEY, DEDUPE_KEY)

Connection: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
Write = Callable[[list[T]], Awaitable[list[bool]]]


class GroupCommit(Generic[T]):
    """Writes the items of many callers with one statement. Each caller waits until its group is committed.

    There is no timer: a single caller is written at once, and groups grow with the load. One writer, for two would halve the
    groups: measured, one takes a quarter more callbacks a second at 5 % less work. It keeps its connection (`writing` opens one)
    for as long as groups follow each other; after an error it takes another.
    """

    def __init__(self, writing: Callable[[], AbstractAsyncContextManager[Write[T]]]) -> None:
        self._writing = writing
        self._waiting: list[tuple[Sequence[T], asyncio.Future[list[bool]]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def __call__(self, items: Sequence[T]) -> list[bool]:
        if not items:
            return []
        done: asyncio.Future[list[bool]] = asyncio.get_running_loop().create_future()
        self._waiting.append((items, done))
        if self._writer is None:
            self._writer = asyncio.create_task(self._drain())
        return await done

    async def _drain(self) -> None:
        try:
            while self._waiting:
                await self._write_groups()
        finally:  # not in a callback, which runs later: the next caller must find no writer
            self._writer = None

    async def _write_groups(self) -> None:
        """Until none waits or one fails. With no connection, it is the next group that fails."""
        group: list[tuple[Sequence[T], asyncio.Future[list[bool]]]] = []
        try:
            async with self._writing() as write:
                while group := self._next_group():
                    self._hand_out(group, await write([item for items, _ in group for item in items]))
        except asyncio.CancelledError:
            self._give_up([*group, *self._waiting], Unavailable("stopping"))
            self._waiting.clear()
            raise
        except Unavailable as error:
            self._give_up(group or self._next_group(), error)
        except Exception:  # noqa: BLE001  an item must not fail because of others: each caller is tried alone
            for alone in group or self._next_group():
                await self._write_alone(alone)

    async def _write_alone(self, alone: tuple[Sequence[T], asyncio.Future[list[bool]]]) -> None:
        try:
            async with self._writing() as write:
                self._hand_out([alone], await write(list(alone[0])))
        except Exception as error:  # noqa: BLE001  it is raised in the caller
            self._give_up([alone], error)

    def _next_group(self) -> list[tuple[Sequence[T], asyncio.Future[list[bool]]]]:
        size, taken = 0, 0
        for items, _ in self._waiting:
            if taken and size + len(items) > LARGEST_GROUP:
                break
            size, taken = size + len(items), taken + 1
        group, self._waiting = self._waiting[:taken], self._waiting[taken:]
        return group

    def _hand_out(self, group: list[tuple[Sequence[T], asyncio.Future[list[bool]]]], results: list[bool]) -> None:
        position = 0
        for items, done in group:
            if not done.done():
                done.set_result(results[position : position + len(items)])
            position += len(items)

    def _give_up(self, group: list[tuple[Sequence[T], asyncio.Future[list[bool]]]], error: Exception) -> None:
        for _, done in group:
            if not done.done():
                done.set_exception(error)


class PostgresInbox(Inbox):
    """A burst is answered `window` after its last message, and at most `cap` after its first."""

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        ids: Ids,
        *,
        window: timedelta = timedelta(seconds=3),
        cap: timedelta = timedelta(seconds=12),
    ) -> None:
        self._pool, self._ids, self._window, self._cap = pool, ids, window, cap
        self._messages = GroupCommit(lambda: self._connected(self._write_messages))
        self._reports = GroupCommit(lambda: self._connected(self._write_reports))

    async def receive(self, messages: Sequence[InboundMessage]) -> list[bool]:
        return await self._messages(messages)

    async def report(self, reports: Sequence[DeliveryReport]) -> list[bool]:
        return await self._reports(reports)

    async def quarantine(self, items: Sequence[Quarantined]) -> None:
        if not items:
            return
        columns = zip(*((i.source, i.account, i.external_id, i.reason, i.body) for i in items), strict=True)
        with database_errors():
            await self._pool.execute(_QUARANTINE, *(list(column) for column in columns))

    @asynccontextmanager
    async def _connected(
        self, write: Callable[[Connection, list[T]], Awaitable[list[bool]]]
    ) -> AsyncIterator[Write[T]]:
        with database_errors():
            async with self._pool.acquire() as connection:
                yield partial(write, connection)

    async def _write_messages(self, connection: Connection, messages: list[InboundMessage]) -> list[bool]:
        ids = [self._ids.new() for _ in messages]
        return await _write(connection, _RECEIVE, messages, ids, self._window, self._cap, *_KEYS, *_TURN)

    async def _write_reports(self, connection: Connection, reports: list[DeliveryReport]) -> list[bool]:
        return await _write(connection, _REPORT, reports, _RANKS, str(Delivery.FAILED), *_FAILED_SEND)


async def _write(connection: Connection, statement: str, items: Sequence[object], *arguments: object) -> list[bool]:
    """Hands the items over as they are: a field that is new to them needs no change here."""
    rows = await connection.fetch(statement, msgspec.json.encode(items).decode(), *arguments)
    changed = {row["n"] for row in rows}
    return [n in changed for n in range(1, len(items) + 1)]
