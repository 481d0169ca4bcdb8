"""How often a turn asks the database, in all and while it holds its conversation's lock: whoever writes meanwhile waits."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest

from atende.core.knowledge.ports import IndexNames
from tests.faults.support.shop import QUESTION, Shop

UNDER_LOCK = 10
"""Exchanges from the one that takes the lock, which counts, to COMMIT, over both transactions of an answered turn."""
ANSWERED, COURTESY = 17, 5
"""Exchanges of a turn from the beginning of its first transaction until its reply is noted as sent."""
_TAKES_LOCK = ("open_turn", "resume_turn")


@dataclass
class Heard:
    """What was asked on any connection, and which of it while the conversation was locked."""

    locked: bool = False
    under_lock: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def statement(self, text: str) -> None:
        short = " ".join(text.split())[:110]
        self.locked = self.locked or any(name in text for name in _TAKES_LOCK)
        self.asked.append(short)
        if self.locked:
            self.under_lock.append(short)
        if short == "COMMIT":
            self.locked = False

    @property
    def turn(self) -> list[str]:
        """Without what the worker does for its jobs in general."""
        begun = next(n for n, text in enumerate(self.asked) if text.startswith("BEGIN"))
        noted = next(n for n, text in enumerate(self.asked) if "note_sent" in text)
        return [text for text in self.asked[begun : noted + 1] if "job" not in text]


@contextmanager
def _listening(patch: pytest.MonkeyPatch) -> Iterator[Heard]:
    heard = Heard()
    for name in ("fetch", "fetchrow", "fetchval", "execute"):
        original = getattr(asyncpg.Connection, name)

        def spy(self: Any, query: str, *args: Any, _original: Any = original, **more: Any) -> Any:
            heard.statement(query)
            return _original(self, query, *args, **more)

        patch.setattr(asyncpg.Connection, name, spy)
    try:
        yield heard
    finally:
        patch.undo()


async def _turn(shop: Shop, patch: pytest.MonkeyPatch, text: str) -> Heard:
    await shop.receive(text)
    worker = await shop.worker()
    names = await shop.container.get(IndexNames)
    await names.live(shop.scope)  # a process asks once in a few seconds, not for each turn
    with _listening(patch) as heard:
        await worker.take()
        await shop.idle(worker)
    assert len(shop.channel.sent) == 1
    assert await shop.broken() == {}
    return heard


async def test_an_answered_turn_asks_little(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = await _turn(shop, monkeypatch, QUESTION)
    assert heard.under_lock, "the lock was seen to be taken"
    assert len(heard.under_lock) <= UNDER_LOCK, "\n".join(heard.under_lock)
    assert len(heard.turn) <= ANSWERED, "\n".join(heard.turn)


async def test_a_courtesy_takes_one_transaction(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = await _turn(shop, monkeypatch, "Oi, bom dia!")
    assert len(heard.turn) <= COURTESY, "\n".join(heard.turn)
    assert sum(text == "COMMIT" for text in heard.turn) == 1
