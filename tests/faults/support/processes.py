"""The processes that the world starts: `python -m tests.faults.support.processes web|doubles|worker`. Each prints one line when ready.

Everything is the product's own code with its settings from the environment. The worker knows a few kinds of jobs more.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import asyncpg

from atende.core.work.model import Claim, JobKind
from atende.fakes.openai import FakeOpenAI
from atende.fakes.providers import FakeProviders
from atende.fakes.twilio import FakeTwilio
from atende.fakes.whatsapp import FakeWhatsApp
from atende.inbound.jobs.handler import Handler
from atende.inbound.jobs.handlers import make_handlers
from atende.main.processes.lifecycle import bind, serving, until_interrupted, working
from atende.main.processes.logs import set_up_logs
from atende.main.processes.production import check_database
from atende.main.processes.web import make_web
from atende.main.providers.configuration import read_settings
from atende.main.providers.container import make_container
from atende.main.settings import Settings

NOTE = JobKind("test.note", retries=(0.05,) * 2)
"""Writes a row, once, with the end of its job, after `seconds`, or when the file `hold` is there."""
ABORT = JobKind("test.abort", retries=(0.05,) * 2)
"""Takes its process with it, each of its three times."""
BLOCK = JobKind("test.block", retries=(0.05,) * 4)
"""Blocks the event loop for `seconds`, once; then writes its row."""

NOTES = (
    "CREATE TABLE public.test_note (id uuid PRIMARY KEY, job bigint NOT NULL, attempt int NOT NULL)",
    "GRANT SELECT, INSERT ON public.test_note TO atende_app",
)


def main() -> None:
    settings = read_settings(os.environ)
    set_up_logs(settings)
    programs: dict[str, Callable[[Settings], Awaitable[None]]] = {"web": web, "doubles": fakes, "worker": worker}
    asyncio.run(programs[sys.argv[1]](settings))  # type: ignore[arg-type]


async def web(settings: Settings) -> None:
    """The web process alone, as a production runs it."""
    async with AsyncExitStack() as stack:
        door = bind(settings.host, settings.port)
        stack.callback(door.close)
        container = make_container(settings)
        stack.push_async_callback(container.close)
        await stack.enter_async_context(serving(await make_web(container, settings), door))
        await _until_interrupted(url=f"http://{settings.host}:{settings.port}")


async def fakes(settings: Settings) -> None:
    """The providers. They live through every fault but their own."""
    log_file = Path(os.environ["DOUBLES_LOG"])
    seed = int(os.environ.get("DOUBLES_SEED", "0"))
    async with FakeProviders.serve(
        [
            FakeWhatsApp(seed=seed, log_file=log_file, backoff=0.2),
            FakeTwilio(seed=seed, log_file=log_file, retry_wait=1.0),
        ],
        port=settings.port,
        openai=FakeOpenAI(seed=seed, log_file=log_file),
    ) as served:
        await _until_interrupted(url=served.url)


async def worker(settings: Settings) -> None:
    """A worker as `atende worker` is one, with the kinds of jobs of these tests."""
    await check_database(settings)
    async with AsyncExitStack() as stack:
        container = make_container(settings)
        stack.push_async_callback(container.close)
        pool = await stack.enter_async_context(asyncpg.create_pool(settings.database_url, min_size=1, max_size=4))
        handlers = make_handlers(container, *_test_handlers(pool, make_handlers(container)))
        await stack.enter_async_context(working(container, settings, alone=True, handlers=handlers))
        await _until_interrupted(worker=os.getpid())


def _test_handlers(pool: "asyncpg.Pool[asyncpg.Record]", known: dict[str, Handler]) -> list[Handler]:
    bury = known["send.failed"].give_up

    async def note(claim: Claim) -> None:
        await asyncio.sleep(float(claim.payload.get("seconds", "0")))
        held = claim.payload.get("hold")
        while held and not Path(held).exists():
            await asyncio.sleep(0.02)
        await _write(pool, claim)

    async def abort(_: Claim) -> None:
        os.abort()

    async def block(claim: Claim) -> None:
        if claim.attempt == 1:
            time.sleep(float(claim.payload["seconds"]))
        await _write(pool, claim)

    run = {NOTE: note, ABORT: abort, BLOCK: block}
    return [Handler(kind, what, bury) for kind, what in run.items()]


async def _write(pool: "asyncpg.Pool[asyncpg.Record]", claim: Claim) -> None:
    """The effect and the end of the job, in one transaction: nothing when the claim is lost."""
    claim.check()
    async with pool.acquire() as connection, connection.transaction():
        ours = await connection.fetchval("SELECT finish_jobs($1, $2)", [claim.job_id], [claim.token])
        if ours:
            await connection.execute(
                "INSERT INTO test_note (id, job, attempt) VALUES ($1, $2, $3)", uuid4(), claim.job_id, claim.attempt
            )


async def _until_interrupted(**what: object) -> None:
    """Says `what`, which means that it is ready: signals are heard by then, for whoever reads it may send one at once."""
    interrupted = asyncio.create_task(until_interrupted())
    await asyncio.sleep(0)
    print(json.dumps(what), flush=True)
    await interrupted


if __name__ == "__main__":
    main()
