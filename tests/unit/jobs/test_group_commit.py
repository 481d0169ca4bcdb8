"""Many callers, one commit: each gets its own answer, and nobody pays for a neighbour."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

import pytest

from atende.core.kernel import Unavailable
from atende.outbound.postgres.conversation.inbox import LARGEST_GROUP, GroupCommit, Write


class Writer:
    """Holds every write until it is let go."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.gate = asyncio.Event()
        self.away = False

    async def __call__(self, items: list[int]) -> list[bool]:
        self.groups.append(items)
        await self.gate.wait()
        if self.away:
            raise Unavailable("away")
        if any(item < 0 for item in items):
            raise ValueError("a bad item")
        return [item % 2 == 0 for item in items]


def committing(write: Write[int]) -> GroupCommit[int]:
    return GroupCommit(lambda: nullcontext(write))


async def started(*waiting: "asyncio.Task[list[bool]]") -> None:
    """Until each task has run as far as it can."""
    for _ in range(3 * len(waiting) + 3):
        await asyncio.sleep(0)


async def test_whatever_came_while_a_commit_ran_goes_into_the_next() -> None:
    writer = Writer()
    commit = committing(writer)
    tasks = [asyncio.create_task(commit([0, 1]))]
    await started(*tasks)
    tasks += [asyncio.create_task(commit([n, n + 1])) for n in range(2, 20, 2)]
    await started(*tasks)
    assert writer.groups[0] == [0, 1]
    writer.gate.set()
    assert await asyncio.gather(*tasks) == [[True, False]] * 10
    assert writer.groups == [[0, 1], list(range(2, 20))]


async def test_one_callers_bad_item_fails_that_caller_only() -> None:
    writer = Writer()
    writer.gate.set()
    commit = committing(writer)
    results = await asyncio.gather(commit([2]), commit([4, -1]), commit([6]), return_exceptions=True)
    assert results[0] == [True]
    assert isinstance(results[1], ValueError)
    assert results[2] == [True]


async def test_when_the_database_is_away_everybody_is_told_and_nothing_is_tried_again() -> None:
    writer = Writer()
    writer.away = True
    writer.gate.set()
    commit = committing(writer)
    results = await asyncio.gather(commit([1]), commit([2]), commit([3]), return_exceptions=True)
    assert all(isinstance(result, Unavailable) for result in results)
    assert sorted(item for group in writer.groups for item in group) == [1, 2, 3]


async def test_a_caller_that_left_does_not_disturb_the_others() -> None:
    writer = Writer()
    commit = committing(writer)
    tasks = [asyncio.create_task(commit([n])) for n in (2, 4, 6)]
    await started(*tasks)
    tasks[1].cancel()
    writer.gate.set()
    assert [await tasks[0], await tasks[2]] == [[True], [True]]
    with pytest.raises(asyncio.CancelledError):
        await tasks[1]


async def test_groups_are_bounded_and_a_large_caller_is_never_cut() -> None:
    writer = Writer()
    commit = committing(writer)
    sizes = [1, LARGEST_GROUP - 1, 1, LARGEST_GROUP + 7, 1]
    tasks = []
    for size in sizes:
        tasks.append(asyncio.create_task(commit(list(range(size)))))
        await started(*tasks)
    writer.gate.set()
    assert [len(answer) for answer in await asyncio.gather(*tasks)] == sizes
    assert [len(group) for group in writer.groups] == [1, LARGEST_GROUP, LARGEST_GROUP + 7, 1]


async def test_nothing_is_written_for_nothing() -> None:
    writer = Writer()
    assert await committing(writer)([]) == []
    assert writer.groups == []


async def test_a_caller_who_comes_as_the_last_writer_leaves_is_written_all_the_same() -> None:
    async def at_once(items: list[int]) -> list[bool]:
        return [True for _ in items]

    commit = committing(at_once)
    first = asyncio.create_task(commit([1]))
    for steps in range(8):
        for _ in range(steps):
            await asyncio.sleep(0)
        async with asyncio.timeout(60):
            assert await asyncio.create_task(commit([steps])) == [True]
    assert await first == [True]


async def test_no_moment_of_arrival_is_lost() -> None:
    """The writer ends at every possible step of somebody else's arrival."""

    async def at_once(items: list[int]) -> list[bool]:
        return [True for _ in items]

    for wait in range(12):
        commit = committing(at_once)
        first = asyncio.create_task(commit([1]))
        for _ in range(wait):
            await asyncio.sleep(0)
        second = asyncio.create_task(commit([2]))
        async with asyncio.timeout(60):
            assert [await first, await second] == [[True], [True]]


class Connections:
    """Counts those that were taken; the first `refused` of them cannot be had."""

    def __init__(self, writer: Writer, *, refused: int = 0) -> None:
        self.taken, self._writer, self._refused = 0, writer, refused

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[Write[int]]:
        self.taken += 1
        if self.taken <= self._refused:
            raise Unavailable("no connection")
        yield self._writer


async def test_groups_that_follow_each_other_share_a_connection_and_an_error_takes_another() -> None:
    connections = Connections(writer := Writer())
    commit = GroupCommit(connections)
    tasks = [asyncio.create_task(commit([0]))]
    await started(*tasks)
    tasks += [asyncio.create_task(commit([2]))]
    writer.gate.set()
    await asyncio.gather(*tasks)
    assert (connections.taken, len(writer.groups)) == (1, 2)
    assert isinstance((await asyncio.gather(commit([-1]), return_exceptions=True))[0], ValueError)
    assert await commit([4]) == [True]
    assert connections.taken == 4  # of the group, of its caller alone, and of the next group


async def test_without_a_connection_those_who_wait_are_told_and_the_next_are_written() -> None:
    connections = Connections(writer := Writer(), refused=1)
    writer.gate.set()
    commit = GroupCommit(connections)
    results = await asyncio.gather(commit([2]), commit([4]), return_exceptions=True)
    assert all(isinstance(result, Unavailable) for result in results)
    assert await commit([6]) == [True]


async def test_a_writer_that_is_stopped_leaves_nobody_waiting() -> None:
    commit = committing(writer := Writer())
    tasks = [asyncio.create_task(commit([0]))]
    await started(*tasks)
    tasks += [asyncio.create_task(commit([2]))]
    await started(*tasks)
    assert commit._writer is not None
    commit._writer.cancel()
    async with asyncio.timeout(60):
        results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(result, Unavailable) for result in results)
    assert writer.groups == [[0]]
