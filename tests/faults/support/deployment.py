"""The whole product as its processes: PostgreSQL, fakes of providers, web, workers and perhaps Redis; each can be killed and frozen."""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import msgspec
from dishka import AsyncContainer

from atende.core.work.model import JobKind
from atende.fakes.accounts import ProviderAccount
from atende.fakes.faults import Fault
from atende.fakes.provider import Written
from atende.main.seeding import Tenant
from atende.main.settings import Settings
from atende.outbound.postgres.embedded.launcher import EmbeddedPostgres
from tests.faults.support.programs import Program, RedisServer

PROVIDERS = ("whatsapp", "twilio")
POLL = 0.03
PATIENCE = 120.0
"""Seconds that anything may take before it counts as never: the machine may be slow and busy with other things."""


@dataclass(slots=True, kw_only=True)
class Deployment:
    """Everything that runs. `webs[n]` receives the callbacks of `tenants[n]`."""

    folder: Path
    postgres: EmbeddedPostgres
    fakes: Program
    webs: list[Program]
    workers: list[Program]
    redis: RedisServer | None
    settings: Settings
    container: AsyncContainer
    client: httpx.AsyncClient
    admin: "asyncpg.Pool[asyncpg.Record]"
    tenants: list[Tenant] = field(default_factory=list)

    # The database, as its superuser.

    async def rows(self, query: str, *arguments: Any) -> list[asyncpg.Record]:
        """Waits for a server that is being started again."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return await self.admin.fetch(query, *arguments)
            except (asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError, asyncpg.InterfaceError, OSError):
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(POLL)

    async def value(self, query: str, *arguments: Any) -> Any:
        found = await self.rows(query, *arguments)
        return found[0][0] if found else None

    async def until(self, true: Callable[[], Awaitable[Any]], what: str, timeout: float = PATIENCE) -> Any:
        """Waits until the condition holds. Raises TimeoutError that says what was waited for."""
        deadline = time.monotonic() + timeout
        while True:
            found = await true()
            if found:
                return found
            if time.monotonic() > deadline:
                raise TimeoutError(f"not within {timeout:g} s: {what}")
            await asyncio.sleep(POLL)

    async def put(self, kind: JobKind, count: int = 1, **payload: str) -> list[int]:
        """Jobs of the first tenant, by id."""
        owner = self.tenants[0].owner
        rows = await self.rows(
            "INSERT INTO job (organization_id, tenant_id, kind, payload, max_attempts)"
            " SELECT $1, $2, $3, $4, $5 FROM generate_series(1, $6) RETURNING id",
            owner.organization_id,
            owner.tenant_id,
            kind.name,
            json.dumps(payload),
            kind.max_attempts,
            count,
        )
        await self.rows("SELECT pg_notify('atende_jobs', '')")
        return [row["id"] for row in rows]

    async def statuses(self, jobs: Sequence[int]) -> dict[str, int]:
        rows = await self.rows("SELECT status, count(*) FROM job WHERE id = ANY ($1) GROUP BY 1", jobs)
        return {row["status"]: row["count"] for row in rows}

    async def until_done(self, jobs: Sequence[int]) -> None:
        async def done() -> bool:
            return await self.statuses(jobs) == {"done": len(jobs)}

        try:
            await self.until(done, "the jobs are done")
        except TimeoutError as error:
            raise TimeoutError(f"{error}: {await self.statuses(jobs)}\n{self.tails()}") from None

    async def notes(self, jobs: Sequence[int]) -> int:
        """How often jobs of these tests had their effect."""
        found: int = await self.value("SELECT count(*) FROM test_note WHERE job = ANY ($1)", jobs)
        return found

    async def rest(self, timeout: float = PATIENCE) -> None:
        """Waits until nothing is left to do, and no callback has come for a second."""

        async def still() -> bool:
            left = "SELECT count(*) FROM job WHERE status IN ('queued', 'running')"
            if await self.value(left):
                return False
            before = await self._heard()
            await asyncio.sleep(1.0)
            return before == await self._heard() and not await self.value(left)

        await self.until(still, "everything comes to rest", timeout)

    async def _heard(self) -> list[int]:
        return [len(await self.log(provider, "callback", "wrote")) for provider in PROVIDERS]

    # The providers.

    async def write(self, *written: Written, provider: str = "whatsapp") -> list[str]:
        """Customers write; the providers' ids of their messages."""
        ids: list[str] = await self._door("_write", provider, written)
        return ids

    async def faults(self, provider: str, *faults: Fault) -> None:
        """These faults and no others from now on."""
        await self._door("_faults", provider, faults)

    async def log(self, provider: str, *kinds: str, after: int = 0) -> list[dict[str, Any]]:
        query: dict[str, str | Sequence[str]] = {"after": str(after), "kind": kinds}
        answer = await self.client.get(f"{self.fakes.said['url']}/_log/{provider}", params=query)
        found: list[dict[str, Any]] = answer.raise_for_status().json()
        return found

    async def connect(self, tenant: Tenant, url: str) -> None:
        """The fakes learn the tenant's numbers and where their callbacks go."""
        meta, sms = tenant.channel("whatsapp"), tenant.channel("sms")
        whatsapp = {
            "id": meta.external_id,
            "display": meta.address.lstrip("+"),
            "business": meta.provider_account,
            "access_token": meta.access,
            "app_secret": meta.signing,
            "callback_url": f"{url}/whatsapp/webhook",
        }
        twilio = {
            "number": sms.address,
            "account_sid": sms.provider_account,
            "auth_token": sms.signing,
            "inbound_url": f"{url}/webhooks/twilio/inbound#rc=5&rp=all",
        }
        await self._door("_setup", "whatsapp", {"numbers": [whatsapp]})
        await self._door("_setup", "twilio", {"numbers": [twilio]})

    async def _door(self, door: str, provider: str, what: Any) -> Any:
        url = f"{self.fakes.said['url']}/{door}/{provider}"
        answer = await self.client.post(url, content=msgspec.json.encode(what))
        return answer.raise_for_status().json()

    # Faults.

    def worker_name(self, worker: Program) -> str:
        return f"{os.uname().nodename}:{worker.pid}"

    async def settled(self, program: Program) -> None:
        """Waits until the database has seen the end of a killed process."""

        async def gone() -> bool:
            name = f"{program.name}.{program.starts}"
            return not await self.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = $1", name)

        await self.until(gone, f"the connections of {program.name} end")

    async def still(self, program: Program) -> None:
        """Waits until the database has carried out what a frozen process asked of it before."""

        async def answered() -> bool:
            name = f"{program.name}.{program.starts}"
            busy = "state = 'active' AND wait_event_type IS DISTINCT FROM 'Client'"  # that one waits for the frozen process
            return not await self.value(
                f"SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND {busy}", name
            )

        await self.until(answered, f"the database is done with what {program.name} asked")

    async def sending(self, worker: str | None = None) -> set[str]:
        """Messages that a worker, or any, was sending when it was last heard of."""
        rows = await self.rows(
            "SELECT m.id::text FROM message m JOIN job j ON j.order_key = 'conv:' || m.conversation_id AND j.status = 'running'"
            " WHERE m.delivery = 'sending' AND ($1::text IS NULL OR j.worker = $1)",
            worker,
        )
        return {row["id"] for row in rows}

    async def restart_postgres(self) -> None:
        """Like a crash of the server: no time to write anything down."""
        await self.postgres.restart("immediate")

    @asynccontextmanager
    async def supervised(self) -> AsyncIterator[list[int | None]]:
        """Workers that end by themselves are started again meanwhile, as a production's supervisor does; their exit codes."""
        ended: list[int | None] = []
        over = asyncio.Event()

        async def watch() -> None:
            while not over.is_set():
                for worker in self.workers:
                    if not worker.running:
                        ended.append(worker.exit_code)
                        await start_again(worker)
                await asyncio.sleep(POLL)

        task = asyncio.create_task(watch())
        try:
            yield ended
        finally:
            over.set()
            await task  # not cancelled: a worker that is being started would be left behind half awake
            await self.mend()

    async def clear(self) -> None:
        """A test before this one may have failed: what it left undone is not the next one's."""
        await self.rows(
            "UPDATE job SET status = 'discarded' WHERE kind LIKE 'test.%' AND status IN ('queued', 'running')"
        )

    def tails(self) -> str:
        """How the log of each program ends."""
        return "\n".join(f"--- {one.name} ({one.exit_code})\n{one.tail()}" for one in [*self.webs, *self.workers])

    async def mend(self) -> None:
        """Everything runs again, and the providers behave."""
        redis = [self.redis] if self.redis else []
        for program in [*redis, *self.workers, *self.webs]:
            program.thaw()
            if not program.running:
                await program.start()
        for provider in PROVIDERS:
            await self.faults(provider)

    async def close(self) -> None:
        for program in [*self.workers, *self.webs, self.fakes, *([self.redis] if self.redis else [])]:
            program.thaw()
            await program.kill()


async def start_again(program: Program) -> None:
    """Tries more than once: the database may be away just then."""
    for last in (False, False, False, False, True):
        try:
            await program.start()
            return
        except RuntimeError:
            if last:
                raise


def line_of(tenant: Tenant, provider: str) -> ProviderAccount:
    return tenant.channel("whatsapp" if provider == "whatsapp" else "sms")


def number_of(tenant: Tenant, provider: str) -> str:
    """What the provider's fake calls the tenant's number."""
    line = line_of(tenant, provider)
    return line.external_id if provider == "whatsapp" else line.address
