"""Starts a deployment: the database, the fakes of providers, web and workers as processes, a tenant for each web, all documents read."""

import asyncio
import os
import secrets
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import asyncpg
import httpx

from atende.main import resources
from atende.main.providers.configuration import GROUPS, read_settings
from atende.main.providers.container import make_container
from atende.main.seeding import seed_tenant, upload_files
from atende.main.settings import setting_names
from atende.outbound.postgres.embedded.launcher import EmbeddedPostgres
from atende.outbound.postgres.embedded.process import free_port
from atende.outbound.postgres.migrate import migrate
from tests.faults.support.deployment import PATIENCE, Deployment
from tests.faults.support.processes import NOTES
from tests.faults.support.programs import Program, RedisServer

QUICK_POSTGRES = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off", "max_connections": "200"}
"""Processes die here, the machine does not: what was written survives in its memory."""
SHORT = {
    "BURST_WINDOW": "0.2",
    "BURST_CAP": "1.0",
    "JOB_LEASE": "3",
    "JOB_HEARTBEAT": "1",
    "JOB_POLL": "0.5",
    "SEND_DOUBT": "2",
    "STOP_GRACE": "5",
    "LOG_LEVEL": "info",
    "DATABASE_POOL_SIZE": "8",
}
"""The times of the product, shortened; a run may shorten or lengthen them again."""
HOME = Path(__file__).parents[3]


@asynccontextmanager
async def world(
    *,
    workers: int = 2,
    webs: int = 1,
    redis: bool = False,
    model: bool = False,
    seed: int = 0,
    times: Mapping[str, str] | None = None,
    documents: Sequence[Path] | None = None,
    granted: int = 100_000,
    folder: Path | None = None,
) -> AsyncIterator[Deployment]:
    """A running world with a tenant for each web process, all their documents read. Its files stay in `folder`, if given.

    `model`: answers come from the fake of OpenAI, over HTTP; else from the built-in answerer.
    """
    async with AsyncExitStack() as stack:
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="atende-faults-")))
        folder.mkdir(exist_ok=True)
        postgres = await stack.enter_async_context(await EmbeddedPostgres.start(None, settings=QUICK_POSTGRES))
        urls = await postgres.create_database("atende")
        await migrate(urls.owner, resources.migrations())
        fakes = _program("doubles", folder, {"DOUBLES_LOG": str(folder / "doubles.jsonl"), "DOUBLES_SEED": str(seed)})
        await fakes.start()
        stack.push_async_callback(fakes.kill)
        line = RedisServer.on(free_port(), folder) if redis else None
        if line is not None:
            await line.start()
            stack.push_async_callback(line.kill)
        ports = [free_port() for _ in range(webs)]
        given = {
            **SHORT,
            **(times or {}),
            "DATABASE_URL": urls.app,
            "LISTEN_DATABASE_URL": urls.listen,
            "ENCRYPTION_KEY": secrets.token_hex(32),
            "DATA_DIR": str(folder / "data"),
            "PUBLIC_URL": f"http://127.0.0.1:{ports[0]}",
            "WHATSAPP_BASE_URL": f"{fakes.said['url']}/whatsapp",
            "TWILIO_BASE_URL": f"{fakes.said['url']}/twilio",
            **({"REDIS_URL": line.said["url"]} if line else {}),
            **({"OPENAI_BASE_URL": f"{fakes.said['url']}/openai", "OPENAI_API_KEY": "sk-test"} if model else {}),
        }
        settings = read_settings(given)
        container = make_container(settings)
        stack.push_async_callback(container.close)
        made = Deployment(
            folder=folder,
            postgres=postgres,
            fakes=fakes,
            webs=[
                _program("web", folder, given | {"PORT": str(port), "PUBLIC_URL": f"http://127.0.0.1:{port}"}, number)
                for number, port in enumerate(ports)
            ],
            workers=[_program("worker", folder, given, number) for number in range(workers)],
            redis=line,
            settings=settings,
            container=container,
            admin=await stack.enter_async_context(asyncpg.create_pool(urls.admin, min_size=0, max_size=4)),
            client=await stack.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=PATIENCE)),
        )
        stack.push_async_callback(made.close)
        for statement in NOTES:
            await made.rows(statement)
        await asyncio.gather(*(program.start() for program in [*made.webs, *made.workers]))
        await _found(made, documents, granted)
        yield made


async def _found(made: Deployment, documents: Sequence[Path] | None, granted: int) -> None:
    if documents is None:
        documents = sorted(file for file in resources.demo().iterdir() if file.suffix in {".md", ".txt"})
    for number, web in enumerate(made.webs):
        tenant = await seed_tenant(
            made.container, name=f"Shop {number}", slug=f"shop-{number}", agent="Ana", granted=granted
        )
        made.tenants.append(tenant)
        await upload_files(made.container, tenant.owner, documents)
        await made.connect(tenant, web.said["url"])

    async def read() -> bool:
        open_ones = "SELECT count(*) FROM document WHERE status IN ('uploaded', 'processing')"
        return not await made.value(open_ones)

    await made.until(read, "the documents are read")


_OURS = setting_names(GROUPS)


def _program(kind: str, folder: Path, given: Mapping[str, str], number: int | None = None) -> Program:
    name = kind if number is None else f"{kind}{number}"
    outside = {key: value for key, value in os.environ.items() if key not in _OURS}
    path = os.pathsep.join([str(HOME), *filter(None, [os.environ.get("PYTHONPATH")])])
    env = outside | {"PORT": "0", "PYTHONPATH": path} | dict(given)
    argv = [sys.executable, "-m", "tests.faults.support.processes", kind]
    return Program(name, argv, env, folder / f"{name}.log")
