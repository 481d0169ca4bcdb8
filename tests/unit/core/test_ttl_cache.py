"""The cache with a time to live."""

import asyncio
from dataclasses import dataclass, field

import pytest

from atende.core.kernel import Unauthenticated
from atende.core.ttl_cache import TtlCache


@dataclass
class Stopwatch:
    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Source:
    """Answers with how often it was asked; it can be made to wait, and to refuse."""

    asked: int = 0
    refuses: bool = False
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self) -> int:
        self.asked += 1
        answer = self.asked
        await self.gate.wait()
        if self.refuses:
            raise Unauthenticated
        return answer


def opened() -> Source:
    source = Source()
    source.gate.set()
    return source


async def test_a_value_is_kept_for_its_seconds_from_when_it_was_asked_for() -> None:
    watch, source = Stopwatch(), opened()
    known: TtlCache[str, int] = TtlCache(4.0, watch)
    assert await known.get("a", source) == 1
    watch.seconds = 3.9
    assert await known.get("a", source) == 1
    assert await known.get("b", source) == 2
    watch.seconds = 4.0
    assert await known.get("a", source) == 3


async def test_a_slow_load_is_as_old_as_its_call() -> None:
    watch, source = Stopwatch(), Source()
    known: TtlCache[str, int] = TtlCache(4.0, watch)
    first = asyncio.create_task(known.get("a", source))
    await asyncio.sleep(0)
    watch.seconds = 3.0
    source.gate.set()
    assert await first == 1
    watch.seconds = 4.0
    assert await known.get("a", source) == 2


async def test_calls_at_the_same_time_share_one_load() -> None:
    source = Source()
    known: TtlCache[str, int] = TtlCache(4.0, Stopwatch())
    crowd = [asyncio.create_task(known.get("a", source)) for _ in range(50)]
    await asyncio.sleep(0)
    source.gate.set()
    assert set(await asyncio.gather(*crowd)) == {1}
    assert source.asked == 1


async def test_the_first_caller_may_be_cancelled() -> None:
    source = Source()
    known: TtlCache[str, int] = TtlCache(4.0, Stopwatch())
    first = asyncio.create_task(known.get("a", source))
    second = asyncio.create_task(known.get("a", source))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    source.gate.set()
    assert await second == 1


async def test_a_load_that_fails_is_not_kept() -> None:
    source = opened()
    source.refuses = True
    known: TtlCache[str, int] = TtlCache(4.0, Stopwatch())
    with pytest.raises(Unauthenticated):
        await known.get("a", source)
    await asyncio.sleep(0)
    source.refuses = False
    assert await known.get("a", source) == 2


async def test_with_no_seconds_every_call_loads() -> None:
    source = opened()
    known: TtlCache[str, int] = TtlCache(0, Stopwatch())
    assert [await known.get("a", source) for _ in range(3)] == [1, 2, 3]


async def test_the_size_is_never_exceeded() -> None:
    source = opened()
    known: TtlCache[str, int] = TtlCache(4.0, Stopwatch(), size=2)
    for name in ("a", "b", "c"):
        await known.get(name, source)
    assert await known.get("c", source) == 3
    assert await known.get("b", source) == 2
    assert await known.get("a", source) == 4  # it was forgotten, and now b is
    assert await known.get("b", source) == 5


async def test_a_forgotten_key_is_loaded_again_and_a_stale_one_can_still_be_seen() -> None:
    watch, source = Stopwatch(), opened()
    known: TtlCache[str, int] = TtlCache(4.0, watch)
    assert known.peek("a") is None
    await known.get("a", source)
    watch.seconds = 9.0
    assert known.peek("a") == 1
    known.forget("a")
    assert known.peek("a") is None
    watch.seconds = 0.0
    assert await known.get("a", source) == 2
