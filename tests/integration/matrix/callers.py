"""Two organizations with one of everything, and every kind of caller: each role, each kind of key, operators, people without access."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from atende.core.identity.permissions import Role
from atende.core.kernel import TenantScope, Transaction
from atende.core.limits.policy import RatePolicy
from atende.core.tenancy.model import Organization, Project
from atende.core.tenancy.ports import Organizations
from atende.main.seeding import Tenant
from atende.outbound.postgres.embedded.launcher import Urls
from tests.world.http import HttpWorld, make_world
from tests.world.people import MovedClock, PeopleWorld, Person

Json = dict[str, Any]
CANARY = "canary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """An API key or an access token, or neither."""

    key: str = ""
    token: str = ""

    def headers(self) -> dict[str, str]:
        return {"X-API-Key": self.key} if self.key else {"Authorization": f"Bearer {self.token}"} if self.token else {}


ANYBODY = Credentials()


@dataclass(slots=True, kw_only=True)
class SampleOrganization:
    """An organization with one of everything. `ids`: by the name that the API gives to an id in paths, queries and bodies."""

    tenant: Tenant
    organization: Organization
    second: Project
    people: dict[Role, Person]
    ids: Json = field(default_factory=dict)

    @property
    def owner(self) -> Person:
        return self.people[Role.OWNER]


@dataclass(slots=True, kw_only=True)
class MatrixWorld:
    world: HttpWorld
    people: PeopleWorld
    admin: "asyncpg.Connection[asyncpg.Record]"
    ours: SampleOrganization
    theirs: SampleOrganization
    bound_key: str
    """Of our second project only."""
    operator: Person
    stranger: Person
    """Who belongs nowhere."""

    async def token(self, person: Person) -> str:
        """A session of its own, so that a call that ends it does not end the others."""
        home = self.ours.organization.id if person in self.ours.people.values() else None
        return (await self.people.sign_in(person, home)).token

    async def call(
        self,
        method: str,
        path: str,
        *,
        by: Credentials = ANYBODY,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> httpx.Response:
        shown = by.headers()
        async with self.world.caller() as caller:
            return await caller.request(method, path, headers=shown | (headers or {}), **more)

    async def state_of(self, sample: SampleOrganization) -> dict[str, str]:
        """A checksum of every row of an organization and of its people, by table."""
        organization = sample.organization.id
        persons = [person.id for person in sample.people.values()]
        tables = await self.admin.fetch(
            """
            SELECT c.relname AS name, array_agg(a.attname::text) AS columns FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 GROUP BY c.relname
            """
        )
        found = {}
        for table in tables:
            name, columns = table["name"], table["columns"]
            if "organization_id" in columns or name == "organization":
                where, given = ("organization_id" if name != "organization" else "id") + " = ANY ($1)", [organization]
            elif name == "user_account":
                where, given = "id = ANY ($1)", persons
            else:
                continue
            rows = await self.admin.fetch(f'SELECT t::text AS row FROM "{name}" t WHERE {where} ORDER BY 1', given)
            found[name] = hashlib.sha256("\n".join(row["row"] for row in rows).encode()).hexdigest()
        return found


@asynccontextmanager
async def make_matrix_world(database: Urls, folder: Path) -> AsyncIterator[MatrixWorld]:
    async with make_world(database, folder, credential_cache_seconds=0, rates=RatePolicy(strangers=1_000_000)) as world:
        people = PeopleWorld(world.container, world.app, MovedClock())
        admin: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(database.admin)
        try:
            ours = await _sample(world, people, "ours")
            yield MatrixWorld(
                world=world,
                people=people,
                admin=admin,
                ours=ours,
                bound_key=await world.key(ours.tenant, "*", project_id=ours.second.id),
                theirs=await _sample(world, people, CANARY),
                operator=await people.person("operator", operator=True),
                stranger=await people.person("stranger"),
            )
        finally:
            await admin.close()


async def _sample(world: HttpWorld, people: PeopleWorld, name: str) -> SampleOrganization:
    tenant = await world.tenant(f"{name}-sample")
    organization = await _organization(world, UUID(tenant.organization_id))
    second = await world.second_project(tenant, f"{name}-second")
    persons = {role: await people.member(organization, role) for role in Role}
    sample = SampleOrganization(tenant=tenant, organization=organization, second=second, people=persons)
    guest = await people.member(organization, Role.VIEWER)
    await _fill(world, sample, guest, name)
    return sample


async def _organization(world: HttpWorld, organization_id: UUID) -> Organization:
    async with world.container() as unit:
        organizations: Organizations = await unit.get(Organizations)
        transaction: Transaction = await unit.get(Transaction)
        scope = TenantScope(organization_id)
        async with transaction(scope):
            return await organizations.get(scope)


async def _fill(world: HttpWorld, sample: SampleOrganization, guest: Person, name: str) -> None:
    """One of everything that has an id."""
    key = sample.tenant.api_key
    owner = sample.owner.token

    async def made(method: str, path: str, body: Any = None, *, token: str = "") -> Json:
        shown = {"Authorization": f"Bearer {token}"} if token else {"X-API-Key": key}
        async with world.caller() as caller:
            answer = await caller.request(method, f"/api/v1{path}", json=body, headers=shown)
        assert answer.is_success, (path, answer.text)
        return dict(answer.json()) if answer.content else {}

    document = await world.upload(
        sample.tenant, f"# {name}\n\nO prazo de entrega de {name} é de três dias.", filename=f"{name}.md"
    )
    query = await made("POST", "/rag/query", {"query": f"Qual é o prazo de entrega de {name}?"})
    await world.write(sample.tenant, f"Olá, aqui é {name}")
    await world.work()
    conversation = (await made("GET", "/conversations"))["data"][0]
    messages = (await made("GET", f"/conversations/{conversation['id']}/messages"))["data"]
    await world.write(sample.tenant, f"Outra pergunta de {name}", number="+5511900000002")
    (job,) = await world.bury_all()
    address = f"{name}@example.com"
    invitation = await made(
        "POST",
        f"/organizations/{sample.organization.id}/invitations",
        {"email": address, "role": "viewer"},
        token=owner,
    )
    api_key = await made("POST", "/auth/api-keys", {"name": name}, token=owner)
    await made("PUT", f"/projects/{sample.second.id}/features/{name}", {"enabled": True}, token=owner)
    sessions = (await made("GET", "/auth/sessions", token=owner))["data"]
    channel = await made("POST", "/channels", _number(name))
    sample.ids |= {
        "channel_id": channel["id"],
        "organization_id": str(sample.organization.id),
        "project_id": str(sample.second.id),
        "user_id": str(guest.id),
        "document_id": document,
        "query_id": query["queryId"],
        "conversation_id": conversation["id"],
        "message_id": messages[0]["id"],
        "job_id": str(job),
        "invitation_id": invitation["id"],
        "key_id": api_key["id"],
        "session_id": sessions[0]["id"],
        "account_id": str(sample.organization.id),
        "agent_id": query.get("agentId") or str(sample.organization.id),
        "key": name,
        "slug": "free",
        "provider": "openai",
        "role": "viewer",
    }
    sample.ids |= {_camel(name): value for name, value in sample.ids.items()} | {
        "actorId": str(guest.id),
        "ownerId": str(sample.second.id),
    }


def _number(name: str) -> dict[str, str]:
    secrets = {"signingSecret": "app-secret-of-meta", "accessSecret": "EAAG-token"}
    return {"kind": "whatsapp", "externalId": f"number-of-{name}", "providerAccount": f"business-of-{name}"} | secrets


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
