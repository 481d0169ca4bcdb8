"""The chaos run itself: customers write, faults strike, and what was killed is started again."""

import asyncio
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field

from atende.fakes.provider import Written
from tests.faults.chaos.plan import BAD_DAY, SLOW_MODEL, TROUBLE, Act, Burst, Moment, Size, acts, bursts
from tests.faults.support.deployment import PROVIDERS, Deployment, number_of
from tests.faults.support.invariants import WATCH
from tests.faults.support.programs import Program

WAITING = 16
"""Turns that may wait at a time: the run is about faults, not about load."""
AT_ONCE = 3
"""Faults that may be under way while customers write on."""
HUNG = 70
"""The exit code of a worker that was held up for so long that its leases are gone."""


@dataclass(slots=True, kw_only=True)
class Run:
    """One storm over one world. `cut_off` bounds what may end in doubt: messages whose sending a fault of ours may have met."""

    world: Deployment
    size: Size
    seed: int
    cut_off: set[str] = field(default_factory=set)
    struck: Counter[str] = field(default_factory=Counter)
    unasked: list[str] = field(default_factory=list)
    """Ends of processes that nobody ordered."""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _ours: set[str] = field(default_factory=set)
    """Programs that a fault is busy with; their ends are no surprise."""
    _struck: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    """One fault at a time for each program."""

    async def storm(self) -> None:
        for statement in WATCH:
            await self.world.rows(statement)
        for provider in PROVIDERS:
            await self.world.faults(provider, *BAD_DAY)
        await self.world.faults("openai", *SLOW_MODEL)
        watch = asyncio.create_task(self._watch())
        planned = acts(self.size, self.seed)
        try:
            for number, burst in enumerate(bursts(self.size, self.seed)):
                while planned and planned[0].after <= number:
                    self._begin(planned.pop(0))
                await self.world.until(self._room, "less work and fewer faults under way", 300)
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
        for provider in (*PROVIDERS, "openai"):
            await self.world.faults(provider)
        with suppress(TimeoutError):
            await self.world.rest(timeout)
            return True
        return False

    async def _room(self) -> bool:
        waiting = "SELECT count(*) FROM job WHERE kind = 'turn' AND status IN ('queued', 'running')"
        busy = sum(not task.done() for task in self._tasks)
        return busy < AT_ONCE and bool(await self.world.value(waiting) < WAITING)

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
        programs = self.world.webs if act.kind == "kill web" else self.world.workers
        program = programs[act.target % len(programs)]
        name = program.name if act.kind in {"kill worker", "kill web", "freeze worker"} else act.kind
        async with self._struck[name]:
            self.struck[act.kind] += 1
            match act.kind:
                case "kill worker":
                    await self._caught(program, act.moment)
                    await self._kill(program)
                case "freeze worker":
                    await self._caught(program, act.moment)
                    await self._freeze(program)
                case "kill web":
                    await self._kill(program)
                case "crash postgres":
                    await self._crash_postgres()
                case "flush redis" | "restart redis":
                    await self._redis(restart=act.kind == "restart redis")
                case "trouble":
                    await self.world.faults(PROVIDERS[act.target], *BAD_DAY, *TROUBLE)
                case "calm":
                    for provider in PROVIDERS:
                        await self.world.faults(provider, *BAD_DAY)

    async def _caught(self, worker: Program, moment: Moment) -> None:
        """Waits for the moment, though not for ever."""
        name = self.world.worker_name(worker)

        async def working() -> bool:
            held = "SELECT count(*) FROM job WHERE status = 'running' AND worker = $1"
            return bool(await self.world.value(held, name))

        async def sending() -> bool:
            return bool(await self.world.sending(name))

        if moment != "any":
            with suppress(TimeoutError):
                await self.world.until(working if moment == "working" else sending, moment, 5)

    async def _kill(self, program: Program) -> None:
        self._ours.add(program.name)
        await program.kill()
        await self._count(program)
        await self._revive(program)

    async def _revive(self, program: Program) -> None:
        """As a supervisor does: again, when the database was away just then."""
        for _ in range(5):
            try:
                await program.start()
                break
            except RuntimeError:
                self.struck["failed start"] += 1
        self._ours.discard(program.name)

    async def _freeze(self, worker: Program) -> None:
        """Past its lease; then it goes on where it was, or leaves because it notices."""
        self._ours.add(worker.name)
        worker.freeze()
        await self.world.still(worker)
        self.cut_off |= await self.world.sending(self.world.worker_name(worker))
        await asyncio.sleep(self.world.settings.job_lease + 1)
        worker.thaw()
        with suppress(TimeoutError):
            await asyncio.wait_for(worker.gone(), 1)
        if not worker.running:
            self.struck["left after freeze"] += 1
            await self._revive(worker)
        self._ours.discard(worker.name)

    async def _crash_postgres(self) -> None:
        """What is being sent at that moment may stay in doubt: its outcome cannot be written down in time."""
        self.cut_off |= await self.world.sending()  # afterwards some of it is in doubt already
        await self.world.restart_postgres()
        self.cut_off |= await self.world.sending()

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
            self.cut_off |= await self.world.sending(self.world.worker_name(program))

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
                    await self._revive(program)
            await asyncio.sleep(0.1)
