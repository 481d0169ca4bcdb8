"""Starting, running and stopping web server and worker, in one event loop or each in its own process."""

import asyncio
import gc
import os
import signal
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from socket import AF_INET, AF_INET6, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, gethostname, socket

import uvicorn
from dishka import AsyncContainer
from litestar.types import ASGIApp

from atende.core.work.ports import JobQueue, JobWatch
from atende.inbound.jobs.handler import Handler
from atende.inbound.jobs.handlers import make_handlers
from atende.inbound.jobs.loop import Watchdog, WorkLoop
from atende.inbound.jobs.worker import Worker, WorkerOptions, end
from atende.main.processes.periodic import periodic_tasks
from atende.main.providers.mail import say_whether_mail_is_off
from atende.main.settings import Settings, SettingsError
from atende.outbound.postgres.listen import listen


class _Server(uvicorn.Server):
    """Signals are the business of whoever started us."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def bind(host: str, port: int) -> socket:
    """A listening address, so that its port is known before anything is served. Raises SettingsError when it is taken."""
    made = socket(AF_INET6 if ":" in host else AF_INET, SOCK_STREAM)
    made.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
    except OSError as error:
        made.close()
        raise SettingsError(f"cannot listen on {host}:{port} ({error.strerror}): choose another PORT") from error
    return made


@asynccontextmanager
async def serving(app: ASGIApp, at: socket) -> AsyncIterator[None]:
    """Serves until the block ends; requests under way are finished."""
    config = uvicorn.Config(
        app,
        http="httptools",
        log_config=None,
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=10,
        proxy_headers=False,  # whom to believe about the client's address is TRUSTED_PROXY_HOPS' business
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[at]))
    try:
        while not server.started:
            if task.done():
                task.result()
                raise SettingsError("the web server did not start")
            await asyncio.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        await task


@dataclass(frozen=True, slots=True)
class Working:
    worker: Worker
    loop: WorkLoop


@asynccontextmanager
async def working(
    container: AsyncContainer, settings: Settings, *, alone: bool, handlers: Mapping[str, Handler] | None = None
) -> AsyncIterator[Working]:
    """Works until the block ends; `alone`: the process is a worker and nothing else, and may be ended when it hangs.

    `handlers` are those of the product unless others are given.
    """
    say_whether_mail_is_off(settings)
    worker = Worker(
        await container.get(JobQueue),
        make_handlers(container) if handlers is None else handlers,
        _worker_options(settings),
    )
    loop = WorkLoop(worker, await container.get(JobWatch), poll=settings.job_poll)
    watchdog = Watchdog(
        warn=min(2.0, settings.job_lease / 4),
        fatal=settings.job_lease / 2 if alone else None,
        leave=lambda: os._exit(70),
    )
    async with AsyncExitStack() as stack:
        stack.push_async_callback(worker.stop)  # after everything that offers it work
        if settings.redis_url:
            from atende.inbound.jobs.arq_wakeup import arq_line

            loop.line = await stack.enter_async_context(arq_line(settings.redis_url, worker))

        tasks = [
            asyncio.create_task(loop.run(), name="work-loop"),
            asyncio.create_task(watchdog.run(), name="watchdog"),
            asyncio.create_task(
                listen(settings.listen_database_url or settings.database_url, loop.wake.set), name="listen"
            ),
            *periodic_tasks(container, settings),
        ]
        try:
            yield Working(worker, loop)
        finally:
            await end(*tasks)


def _worker_options(settings: Settings) -> WorkerOptions:
    return WorkerOptions(
        name=f"{gethostname()}:{os.getpid()}",
        slots=settings.worker_slots,
        lease=settings.job_lease,
        heartbeat=settings.job_heartbeat,
        grace=settings.stop_grace,
    )


def freeze_heap() -> None:
    """For a process that is to run for long, once it has started: what is loaded by now stays, so the garbage collector need not
    look through it again and again. It looks for new garbage a tenth as often as by default: most of what a turn makes is in no
    cycle, and is freed without it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


async def until_interrupted() -> None:
    """Until SIGINT or SIGTERM."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    await stop.wait()
