"""How often a turn asks the database while it holds its conversation's lock: whoever writes meanwhile waits for each of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.faults.support.shop import QUESTION, Shop

MOST = 12
"""Statements from the one that takes the lock, which counts, to COMMIT, over the transactions of an answered turn up to its send."""


@dataclass
class Heard:
    """Statements on any connection, each with whether the conversation was locked then."""

    locked: bool = False
    under_lock: list[str] = field(default_factory=list)
    in_all: int = 0

    def statement(self, text: str) -> None:
        self.in_all += 1
        if "FOR UPDATE" in text and "FROM conversation" in text:
            self.locked = True
        if self.locked:
            self.under_lock.append(" ".join(text.split())[:110])

    def commit(self) -> None:
        self.locked = False


@contextmanager
def _listening(engine: AsyncEngine, patch: pytest.MonkeyPatch) -> Iterator[Heard]:
    """Hears the unit of work through its engine, and the pool of connections that adapters use beside it."""
    heard = Heard()

    def before(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        heard.statement(statement)

    def after(_c: Any) -> None:
        heard.commit()

    for name in ("fetch", "fetchrow", "fetchval", "execute"):
        original = getattr(asyncpg.Connection, name)

        def spy(self: Any, query: str, *args: Any, _original: Any = original, **more: Any) -> Any:
            if query.strip(" ;").upper() not in {"", "BEGIN", "COMMIT", "ROLLBACK"}:
                heard.statement(query)
            return _original(self, query, *args, **more)

        patch.setattr(asyncpg.Connection, name, spy)
    event.listen(engine.sync_engine, "before_cursor_execute", before)
    event.listen(engine.sync_engine, "commit", after)
    try:
        yield heard
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", before)
        event.remove(engine.sync_engine, "commit", after)
        patch.undo()


async def test_an_answered_turn_asks_little_under_its_lock(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await shop.receive(QUESTION)
    worker, gate = await shop.worker(), shop.channel.gates.hold()
    with _listening(await shop.container.get(AsyncEngine), monkeypatch) as heard:
        await worker.take()
        await gate.reached()
    gate.open()
    await shop.idle(worker)
    assert len(shop.channel.sent) == 1
    assert heard.under_lock, "the lock was seen to be taken"
    assert len(heard.under_lock) <= MOST, "\n".join(heard.under_lock)
    assert await shop.broken() == {}
