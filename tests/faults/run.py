"""The storm itself: customers write, faults strike, and what was struck down is started again."""

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

from atende.fakes.double import Written
from tests.faults.invariants import WATCH
from tests.faults.plan import CALLBACKS, TROUBLE, Act, Burst, Size, acts, bursts
from tests.faults.programs import Program
from tests.faults.world import World, number_of

WAITING = 30
"""Turns that may wait at a time: the run is about faults, not about load."""
HUNG = 70
"""The exit code of a worker that was held up for so long that its leases are gone."""


@dataclass(slots=True, kw_only=True)
class Run:
    """One storm over one world. `in_flight` bounds what may end in doubt: sends that a fault of ours cut off."""

    world: World
    size: Size
    seed: int
    in_flight: int = 0
    struck: Counter[str] = field(default_factory=Counter)
    unasked: list[str] = field(default_factory=list)
    """Ends of processes that nobody ordered."""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _ours: set[str] = field(default_factory=set)
    """Programs that a fault is busy with; their ends are no surprise."""
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def storm(self) -> None:
        for statement in WATCH:
            await self.world.rows(statement)
        for provider in ("whatsapp", "twilio"):
            await self.world.faults(provider, *CALLBACKS)
        watch = asyncio.create_task(self._watch())
        planned = acts(self.size, self.seed)
        try:
            for number, burst in enumerate(bursts(self.size, self.seed)):
                while planned and planned[0].after <= number:
                    self._begin(planned.pop(0))
                await self._when_there_is_room()
                await self._write(burst)
            await asyncio.gather(*self._tasks)
        finally:
            for task in [watch, *self._tasks]:
                task.cancel()
            ended = await asyncio.gather(watch, *self._tasks, return_exceptions=True)
        for error in ended:
            if isinstance(error, Exception):
                raise error

    async def rest(self, timeout: float) -> bool:
        """Calls the faults off and waits until nothing is left to do. False when that did not come in time."""
        for provider in ("whatsapp", "twilio"):
            await self.world.faults(provider)
        with suppress(TimeoutError):
            await self.world.until(self._at_rest, timeout, "everything comes to rest")
            return True
        return False

    async def _at_rest(self) -> bool:
        """Nothing waits in the database, and no callback came for a while."""
        left = "SELECT count(*) FROM job WHERE status IN ('queued', 'running')"
        if await self.world.value(left):
            return False
        before = await self._heard()
        await asyncio.sleep(1.0)
        return before == await self._heard() and not await self.world.value(left)

    async def _heard(self) -> list[int]:
        return [len(await self.world.log(provider, "callback", "wrote")) for provider in ("whatsapp", "twilio")]

    async def _when_there_is_room(self) -> None:
        async def room() -> bool:
            with suppress(OSError):
                waiting = await self.world.value(
                    "SELECT count(*) FROM job WHERE kind = 'turn' AND status IN ('queued', 'running')"
                )
                return bool(waiting < WAITING)
            return False

        await self.world.until(room, 120, f"fewer than {WAITING} turns wait")

    async def _write(self, burst: Burst) -> None:
        number = number_of(self.world.tenants[burst.tenant], burst.provider)
        written = [Written(text=text, sender=burst.sender, number=number) for text in burst.texts]
        for some in [written] if burst.together else [[one] for one in written]:
            await self.world.write(*some, provider=burst.provider)

    # Faults.

    def _begin(self, act: Act) -> None:
        task = asyncio.create_task(self._strike(act), name=act.kind)
        self._tasks.add(task)

    async def _strike(self, act: Act) -> None:
        async with self._one_at_a_time:
            self.struck[act.kind] += 1
            match act.kind:
                case "kill worker":
                    await self._kill(self.world.workers[act.target % len(self.world.workers)])
                case "freeze worker":
                    await self._freeze(self.world.workers[act.target % len(self.world.workers)])
                case "kill web":
                    await self._kill(self.world.webs[act.target % len(self.world.webs)])
                case "crash postgres":
                    await self._crash_postgres()
                case "flush redis":
                    await self._redis(restart=False)
                case "restart redis":
                    await self._redis(restart=True)
                case "trouble":
                    provider = ("whatsapp", "twilio")[act.target]
                    await self.world.faults(provider, *CALLBACKS, *TROUBLE)
                case "calm":
                    for provider in ("whatsapp", "twilio"):
                        await self.world.faults(provider, *CALLBACKS)

    async def _kill(self, program: Program) -> None:
        self._ours.add(program.name)
        await program.kill()
        await self._count(program)
        await program.start()
        self._ours.discard(program.name)

    async def _freeze(self, worker: Program) -> None:
        """Past its lease; then it goes on where it was, or leaves because it notices."""
        self._ours.add(worker.name)
        worker.freeze()
        self.in_flight += await self.world.sending(self.world.worker_name(worker))
        await asyncio.sleep(self.world.settings.job_lease + 1)
        worker.thaw()
        with suppress(TimeoutError):
            await asyncio.wait_for(worker.gone(), 1)
        if not worker.running:
            self.struck["left after freeze"] += 1
            await worker.start()
        self._ours.discard(worker.name)

    async def _crash_postgres(self) -> None:
        """What is being sent at that moment may stay in doubt: its outcome cannot be written down in time."""
        await self.world.restart_postgres()
        self.in_flight += await self.world.sending()

    async def _redis(self, *, restart: bool) -> None:
        redis = self.world.redis
        if redis is None:
            return
        if restart:
            await redis.shut_down()
            await redis.start()
        else:
            await redis.lose_everything()

    async def _count(self, program: Program) -> None:
        """What the killed worker was sending, once the database has noticed its end."""
        if program in self.world.workers:
            await self.world.settled(program)
            self.in_flight += await self.world.sending(self.world.worker_name(program))

    async def _watch(self) -> None:
        """Starts again whatever ended by itself; a worker may do so when it was held up, nothing else may."""
        while True:
            for program in [*self.world.workers, *self.world.webs]:
                if not program.running and program.name not in self._ours:
                    self._ours.add(program.name)
                    self.struck[f"{program.name.rstrip('0123456789')} left by itself"] += 1
                    if program.exit_code != HUNG:
                        self.unasked.append(f"{program.name} ended with {program.exit_code}: {program.tail()}")
                    await self._count(program)
                    await program.start()
                    self._ours.discard(program.name)
            await asyncio.sleep(0.1)
