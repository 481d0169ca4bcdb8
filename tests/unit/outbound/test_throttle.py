"""Throttling to a provider's rate, under a clock that only sleeping moves."""

import asyncio

from atende.outbound.throttle import Throttle


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


def paced(most: int, seconds: float) -> tuple[Throttle, Time]:
    time = Time()
    return Throttle(most, seconds, clock=lambda: time.now, sleep=time.sleep), time


async def test_nobody_waits_before_the_limit_and_everybody_behind_it_waits_as_little_as_possible() -> None:
    pace, time = paced(3, 60)
    calls = []
    for _ in range(7):
        await pace.turn()
        calls.append(time.now - 100)
        time.now += 1
    assert calls == [0, 1, 2, 60, 61, 62, 120]


async def test_no_stretch_holds_more_calls_than_allowed_however_many_ask_at_once() -> None:
    pace, time = paced(5, 10)
    calls: list[float] = []

    async def call() -> None:
        await pace.turn()
        calls.append(time.now)

    await asyncio.gather(*(call() for _ in range(23)))
    assert all(later - earlier >= 10 for earlier, later in zip(calls, calls[5:], strict=False))
    assert calls[-1] - calls[0] == 40


def test_who_does_not_wait_is_told() -> None:
    pace, time = paced(2, 1)
    assert [pace.take() for _ in range(4)] == [True, True, False, False]
    assert pace.left() == 1
    time.now += 1
    assert pace.take()
