"""Where mutating calls are made: the API over PostgreSQL, people who may call, and what stands in the audit log afterwards."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias
from uuid import uuid4

import asyncpg
import httpx
from dishka import Provider, Scope, provide

from atende.core.identity.keys.ports import ProviderKeyCheck
from atende.core.identity.keys.provider_keys import AiProvider, ProviderSecret, Verdict
from atende.core.limits.policy import RatePolicy
from atende.core.tenancy.model import Organization
from atende.main.seeding import Tenant
from atende.outbound.postgres.embedded.launcher import Urls
from tests.world.browser import PASSWORD, Browser
from tests.world.http import HttpWorld, make_world
from tests.world.people import MovedClock, PeopleWorld, Person

Admin: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
NO_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A mutating call that is made ready to succeed. `changed`: another body for the same operation."""

    method: str
    path: str
    body: Any = None
    token: str = ""
    key: str = ""
    files: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    address: str = "198.51.100.7"
    changed: Any = None

    def other(self) -> "Call":
        """The same operation with another body, or at another address."""
        if self.files is not None:
            return replace(self, files={"file": ("other.md", b"another text")})
        if self.changed is not None:
            return replace(self, body=self.changed)
        return replace(self, path=f"{self.path}?other=1")


class AnyKeyIsGood(ProviderKeyCheck, Provider):
    """A provider that knows every key."""

    def can_check(self, provider: AiProvider) -> bool:
        return True

    async def check(self, provider: AiProvider, secret: ProviderSecret) -> Verdict:
        return Verdict(valid=True, models=("a-model",))

    @provide(scope=Scope.APP, override=True)
    def itself(self) -> ProviderKeyCheck:
        return self


@dataclass(slots=True)
class MutationWorld:
    world: HttpWorld
    people: PeopleWorld
    admin: Admin
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    async def send(self, call: Call, **headers: str) -> httpx.Response:
        shown = call.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        if call.token:
            shown["Authorization"] = f"Bearer {call.token}"
        if call.key:
            shown["X-API-Key"] = call.key
        transport = httpx.ASGITransport(self.world.app, client=(call.address, 4_000))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://atende.test/api/v1") as client:
            path = call.path.lstrip("/")
            if call.files is not None:
                return await client.request(call.method, path, files=call.files, headers=shown)
            return await client.request(call.method, path, json=call.body, headers=shown)

    async def recorded(self, request_id: str) -> list[str]:
        """The actions of the audit records that a request left."""
        rows = await self.admin.fetch("SELECT action FROM audit_log WHERE request_id = $1 ORDER BY id", request_id)
        return [row["action"] for row in rows]

    async def shop(self) -> Tenant:
        return await self.world.tenant(f"loja-{next(self.numbers)}")

    async def owner(self) -> tuple[Person, Organization]:
        """Somebody with an organization that has room for more."""
        person = await self.people.person("ana")
        made = await self.people.organization(person)
        room = '{"max_team_members": 50, "max_projects": 50}'
        await self.admin.execute("UPDATE organization SET custom_limits = $2 WHERE id = $1", made.id, room)
        return person, made

    async def operator(self) -> Person:
        """One more, as only whoever administers the database makes one."""
        person = await self.people.person("op")
        await self.admin.execute("UPDATE user_account SET platform_role = 'operator' WHERE id = $1", person.id)
        return person

    async def registered(self) -> tuple[Browser, str]:
        """Somebody with a password, and their address."""
        browser = Browser(self.people, address=self.address())
        email = f"somebody-{uuid4().hex}@example.com"
        await browser.register(email)
        return browser, email

    def address(self) -> str:
        """Of one client; another one each time, since strangers are counted by it."""
        number = next(self.numbers)
        return f"198.18.{number // 250}.{number % 250 + 1}"

    async def project(self, owner: Person) -> str:
        answer = await owner.post("/projects", {"name": f"Filial {next(self.numbers)}"})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def invitation(self, owner: Person, organization: Organization) -> tuple[str, str]:
        """Its id, and the address that is invited."""
        email = f"guest-{uuid4().hex}@example.com"
        place = f"/organizations/{organization.id}/invitations"
        answer = await owner.post(place, {"email": email, "role": "viewer"})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"]), email


MakeCall = Callable[[MutationWorld], Awaitable[Call]]


@asynccontextmanager
async def make_mutation_world(
    database: Urls, folder: Path, *, providers: Sequence[Provider] = ()
) -> AsyncIterator[MutationWorld]:
    rates = RatePolicy(strangers=NO_LIMIT, keys=NO_LIMIT, people=NO_LIMIT)
    given = {"credential_cache_seconds": 0, "rates": rates}
    async with make_world(database, folder, providers=[AnyKeyIsGood(), *providers], **given) as world:
        admin: Admin = await asyncpg.connect(database.admin)
        try:
            yield MutationWorld(world, PeopleWorld(world.container, world.app, MovedClock()), admin)
        finally:
            await admin.close()


__all__ = ["PASSWORD", "Call", "MakeCall", "MutationWorld", "make_mutation_world"]
