"""What is remembered of who stands behind credentials, and for how long."""

import asyncio
from dataclasses import dataclass, field

import pytest

from atende.core.kernel import Unauthenticated
from atende.inbound.http.security.credentials import Remembered


@dataclass
class Stopwatch:
    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Oracle:
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


def opened() -> Oracle:
    oracle = Oracle()
    oracle.gate.set()
    return oracle


async def test_an_answer_holds_for_its_seconds_from_when_it_was_asked() -> None:
    watch, oracle = Stopwatch(), opened()
    known: Remembered[int] = Remembered(4.0, clock=watch)
    assert await known.get("a", oracle) == 1
    watch.seconds = 3.9
    assert await known.get("a", oracle) == 1
    assert await known.get("b", oracle) == 2
    watch.seconds = 4.0
    assert await known.get("a", oracle) == 3


async def test_a_slow_answer_is_as_old_as_its_question() -> None:
    watch, oracle = Stopwatch(), Oracle()
    known: Remembered[int] = Remembered(4.0, clock=watch)
    first = asyncio.create_task(known.get("a", oracle))
    await asyncio.sleep(0)
    watch.seconds = 3.0
    oracle.gate.set()
    assert await first == 1
    watch.seconds = 4.0
    assert await known.get("a", oracle) == 2


async def test_a_crowd_asks_once() -> None:
    oracle = Oracle()
    known: Remembered[int] = Remembered(4.0, clock=Stopwatch())
    crowd = [asyncio.create_task(known.get("a", oracle)) for _ in range(50)]
    await asyncio.sleep(0)
    oracle.gate.set()
    assert set(await asyncio.gather(*crowd)) == {1}
    assert oracle.asked == 1


async def test_whoever_asked_first_may_go_away() -> None:
    oracle = Oracle()
    known: Remembered[int] = Remembered(4.0, clock=Stopwatch())
    first = asyncio.create_task(known.get("a", oracle))
    second = asyncio.create_task(known.get("a", oracle))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    oracle.gate.set()
    assert await second == 1


async def test_a_refusal_is_not_remembered() -> None:
    oracle = opened()
    oracle.refuses = True
    known: Remembered[int] = Remembered(4.0, clock=Stopwatch())
    with pytest.raises(Unauthenticated):
        await known.get("a", oracle)
    await asyncio.sleep(0)
    oracle.refuses = False
    assert await known.get("a", oracle) == 2


async def test_with_no_seconds_everything_is_asked() -> None:
    oracle = opened()
    known: Remembered[int] = Remembered(0)
    assert [await known.get("a", oracle) for _ in range(3)] == [1, 2, 3]


async def test_no_more_is_remembered_than_there_is_room_for() -> None:
    oracle = opened()
    known: Remembered[int] = Remembered(4.0, most=2, clock=Stopwatch())
    for name in ("a", "b", "c"):
        await known.get(name, oracle)
    assert await known.get("c", oracle) == 3
    assert await known.get("b", oracle) == 2
    assert await known.get("a", oracle) == 4  # it was forgotten, and now b is
    assert await known.get("b", oracle) == 5
