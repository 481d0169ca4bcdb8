"""Clocks and ids, the real ones and those of tests."""

from datetime import UTC, datetime, timedelta

import pytest

from atende.core.kernel import Clock, Ids
from atende.fakes.ports.clock import FakeClock, SequentialIds
from atende.outbound.system import SystemClock, Uuid7Ids


@pytest.mark.parametrize("ids", [Uuid7Ids(), SequentialIds()])
def test_ids_are_uuids_of_version_7_that_never_repeat_and_sort_by_age(ids: Ids) -> None:
    made = [ids.new() for _ in range(5_000)]
    assert {one.version for one in made} == {7}
    assert {one.variant for one in made} == {"specified in RFC 4122"}
    assert made == sorted(set(made))


@pytest.mark.parametrize("clock", [SystemClock(), FakeClock()])
def test_clocks_tell_utc(clock: Clock) -> None:
    assert clock.now().utcoffset() == timedelta(0)


def test_the_system_clock_tells_the_time() -> None:
    before = datetime.now(UTC)
    assert before <= SystemClock().now() <= datetime.now(UTC)


def test_a_fixed_clock_moves_when_it_is_told() -> None:
    clock = FakeClock()
    before = clock.now()
    assert clock.now() == before
    clock.advance(timedelta(days=400))
    assert clock.now() == before + timedelta(days=400)


def test_sequential_ids_are_the_same_in_every_run() -> None:
    assert [SequentialIds().new() for _ in range(2)] == [SequentialIds().new() for _ in range(2)]
    assert SequentialIds(5).new() > SequentialIds().new()
