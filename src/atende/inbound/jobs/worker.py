"""The worker: claims jobs, runs them under leases, and says what became of each."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog

from atende.core.kernel import DomainError, Retryable, Unavailable, Unusable
from atende.core.tenancy.model import ProjectNotActive
from atende.core.work.model import Claim, Fenced
from atende.core.work.ports import JobQueue
from atende.inbound.jobs.handler import Handler

log = structlog.get_logger(__name__)
LARGEST_CLAIM = 250
"""A wide worker runs what it has while the database looks for more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerOptions:
    """Times in seconds. `slots`: jobs at once. `grace`: how long a clean stop waits for running jobs."""

    name: str
    slots: int = 32
    lease: float = 30.0
    heartbeat: float = 10.0
    grace: float = 25.0


async def end(*tasks: "asyncio.Task[Any]") -> None:
    """Cancels them until they have ended: a library that loses a cancellation must not keep us from stopping."""
    running = set(tasks)
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=0.2)
    await asyncio.gather(*tasks, return_exceptions=True)


@dataclass(slots=True)
class _Held:
    claim: Claim
    ends: float
    task: asyncio.Task[None] | None = None

    def alive(self) -> bool:
        return time.monotonic() < self.ends


@dataclass(slots=True)
class Worker:
    """Runs what it is told to claim. Who tells it when is its caller's matter (`take`), so that any wake-up line will do."""

    queue: JobQueue
    handlers: Mapping[str, Handler]
    options: WorkerOptions
    on_idle: Callable[[], None] = lambda: None
    _held: dict[int, _Held] = field(default_factory=dict)
    _done: list[Claim] = field(default_factory=list)
    _flush: asyncio.Task[None] | None = None
    _claiming: set[asyncio.Task[int]] = field(default_factory=set)
    _one_claim: asyncio.Lock = field(default_factory=asyncio.Lock)
    _promised: int = 0
    _stopping: bool = False
    starved: bool = False
    """Jobs were offered while every slot was taken: there is more to claim than was announced."""

    @property
    def free(self) -> int:
        return 0 if self._stopping else self.options.slots - len(self._held) - self._promised

    @property
    def _lease(self) -> timedelta:
        return timedelta(seconds=self.options.lease)

    @property
    def running(self) -> int:
        return len(self._held)

    async def take(self, only: Sequence[int] | None = None) -> int:
        """Claims what is due (or only these jobs) up to the free slots, and starts it; the number started."""
        self.starved = self.free <= 0
        if self.starved:
            return 0
        # Whoever offers the work may be cancelled meanwhile; a claim that was made must still be run or given back.
        claiming = asyncio.create_task(self._claim(only, min(self.free, len(only) if only is not None else self.free)))
        self._claiming.add(claiming)
        claiming.add_done_callback(self._claiming.discard)
        return await asyncio.shield(claiming)

    async def _claim(self, only: Sequence[int] | None, limit: int) -> int:
        """Batch after batch while there is more. The next one is asked for before this one is started, but never before the
        last one is committed: the database must know all that this worker holds.
        """
        claiming: Awaitable[tuple[list[Claim], float]] = self._claim_batch(only, min(limit, LARGEST_CLAIM))
        started = 0
        while True:
            claims, ends = await claiming
            more = min(self.free - len(claims), LARGEST_CLAIM) if only is None and len(claims) == LARGEST_CLAIM else 0
            if more > 0:
                claiming = asyncio.create_task(self._claim_batch(None, more))
                await asyncio.sleep(0)  # so that it is on its way
            for claim in claims:
                if self._stopping:
                    await self._put_back(claim, delay=timedelta(0), error=None, counts=False)
                else:
                    self._start(claim, ends)
            started += len(claims)
            if more <= 0:
                return started

    async def _claim_batch(self, only: Sequence[int] | None, limit: int) -> tuple[list[Claim], float]:
        """The claims, and when their leases end. One after the other, however many offer jobs: two claims at once would not see
        that the other one takes a job that must run alone.
        """
        self._promised += limit
        try:
            async with self._one_claim:
                ends = time.monotonic() + self.options.lease
                return await self.queue.claim(self.options.name, limit=limit, lease=self._lease, only=only), ends
        finally:
            self._promised -= limit

    async def beat(self) -> None:
        """Extends the leases until cancelled; a job that is no longer ours is stopped."""
        while True:
            await asyncio.sleep(self.options.heartbeat)
            if self._held:
                await self._extend()

    async def stop(self) -> None:
        """No new jobs; waits `grace` for the running ones, then puts them back without counting the attempt."""
        self._stopping = True
        await asyncio.gather(*self._claiming, return_exceptions=True)
        tasks = [held.task for held in self._held.values() if held.task]
        if tasks:
            await self._extend()
            heart = asyncio.create_task(self.beat())
            await asyncio.wait(tasks, timeout=self.options.grace)
            await end(heart)
        left = [held for held in self._held.values() if held.task and not held.task.done()]
        await end(*(held.task for held in left if held.task))
        for held in left:
            await self._put_back(held.claim, delay=timedelta(0), error=None, counts=False)
        if self._flush is not None:
            await asyncio.gather(self._flush, return_exceptions=True)

    async def _extend(self) -> None:
        held, began = list(self._held.values()), time.monotonic()
        try:
            ours = await self.queue.extend([h.claim for h in held], lease=self._lease)
        except Exception as error:  # noqa: BLE001  a heart that stops would cost every job its lease
            log.warning("heartbeat.failed", error=repr(error), cause=repr(error.__cause__))
            return
        for one in held:
            if one.claim.job_id in ours:
                one.ends = began + self.options.lease
            elif time.monotonic() >= one.ends and one.task and self._held.get(one.claim.job_id) is one:
                log.warning("lease.lost", job=one.claim.job_id, kind=one.claim.kind)
                one.task.cancel()

    def _start(self, claim: Claim, ends: float) -> None:
        held = _Held(claim, ends)
        claim.alive = held.alive
        older = self._held.get(claim.job_id)
        if older is not None and older.task is not None:  # we were away for so long that the job came to us again
            older.task.cancel()
        self._held[claim.job_id] = held
        held.task = asyncio.create_task(self._run(held), name=f"{claim.kind}:{claim.job_id}")

    async def _run(self, held: _Held) -> None:
        ended = False
        try:
            ended = await self._attempt(held.claim)
        finally:
            was_full = self.free <= 0
            if self._held.get(held.claim.job_id) is held:
                del self._held[held.claim.job_id]
            if was_full or not ended:
                self.on_idle()

    async def _attempt(self, claim: Claim) -> bool:
        """Whether the job ended in a transaction of its own, which wakes workers if another job waited for it."""
        handler = self.handlers.get(claim.kind)
        if handler is None:
            log.error("job.unknown_kind", job=claim.job_id, kind=claim.kind)
            await self._put_back(
                claim, delay=timedelta(minutes=5), error="no worker knows this kind of job", counts=True
            )
            return False
        if claim.exhausted:
            reason = "its time was used up" if claim.expired else "its attempts were used up"
            await self._give_up(handler, claim, reason)
            return False
        return await self._try(handler, claim)

    async def _try(self, handler: Handler, claim: Claim) -> bool:
        try:
            await handler.run(claim)
        except Fenced:
            log.info("job.fenced", job=claim.job_id, kind=claim.kind)
        except ProjectNotActive:
            # Switched off while it ran: whoever claims it next sets it aside until the project is switched on.
            log.info("job.paused", job=claim.job_id, kind=claim.kind)
            await self._put_back(claim, delay=timedelta(0), error=None, counts=False)
        except Unusable as error:
            await self._give_up(handler, claim, f"{error.code}: {error.detail}")
        except Retryable as error:
            await self._retry(handler, claim, error.detail, error.retry_after)
        except DomainError as error:
            await self._give_up(handler, claim, f"{error.code}: {error.detail}")
        except Exception as error:
            log.exception("job.failed", job=claim.job_id, kind=claim.kind)
            await self._retry(handler, claim, repr(error), None)
        else:
            if not handler.finishes:
                self._finish(claim)
            return handler.finishes
        return False

    def _finish(self, claim: Claim) -> None:
        """Noted in groups: whatever came while the last one ran."""
        self._done.append(claim)
        if self._flush is None or self._flush.done():
            self._flush = asyncio.create_task(self._flush_done())

    async def _flush_done(self) -> None:
        while self._done:
            group, self._done = self._done, []
            try:
                await self.queue.finish(group)
            except Unavailable as error:  # their leases run out, and they are found done or done again, without effect
                log.warning("finish.failed", error=error.detail, jobs=len(group))
        self.on_idle()

    async def _retry(self, handler: Handler, claim: Claim, error: str, asked: float | None) -> None:
        if claim.attempt >= claim.max_attempts:
            await self._give_up(handler, claim, error)
            return
        delay = handler.kind.delay(claim.attempt, asked=asked, jitter=random.uniform(-1, 1))  # noqa: S311
        log.info(
            "job.retry",
            job=claim.job_id,
            kind=claim.kind,
            attempt=claim.attempt,
            delay=delay.total_seconds(),
            error=error,
        )
        await self._put_back(claim, delay=delay, error=error, counts=True)

    async def _give_up(self, handler: Handler, claim: Claim, error: str) -> None:
        log.warning("job.dead", job=claim.job_id, kind=claim.kind, error=error)
        try:
            await handler.give_up(claim, error)
        except Fenced:
            log.info("job.fenced", job=claim.job_id, kind=claim.kind)
        except Exception:  # its lease runs out, and it is given up again
            log.exception("job.give_up_failed", job=claim.job_id, kind=claim.kind)

    async def _put_back(self, claim: Claim, *, delay: timedelta, error: str | None, counts: bool) -> None:
        """When this fails, the lease runs out by itself."""
        handler = self.handlers.get(claim.kind)
        own = None if handler is None else handler.put_back
        try:
            await (own or self.queue.put_back)(claim, delay=delay, error=error, counts=counts)
        except Fenced:
            log.info("job.fenced", job=claim.job_id, kind=claim.kind)
        except Unavailable as unavailable:
            log.warning("put_back.failed", job=claim.job_id, error=unavailable.detail)
        except Exception:
            log.exception("put_back.failed", job=claim.job_id, kind=claim.kind)
