"""Every list of the HTTP API, who may read it, and how something new comes into it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import httpx

from atende.core.credits.grant_credits import GrantCredits
from atende.core.identity.accounts.enrol import Enrol
from atende.core.identity.model import Invitation, Membership, User
from atende.core.identity.permissions import Role
from atende.core.identity.ports import Invitations, Memberships, Users
from atende.core.kernel import Clock, Ids, TenantScope, Transaction, as_credits, personal
from atende.main.seeding import Tenant
from tests.world.http import HttpWorld

API = "/api/v1"
ENDLESS = 1_000_000
PASSWORD = "correct horse battery"


@dataclass(slots=True)
class Shop:
    """A tenant, its owner who is signed in, and an operator."""

    world: HttpWorld
    tenant: Tenant
    owner: dict[str, str] = field(default_factory=dict)
    operator: dict[str, str] = field(default_factory=dict)
    user_id: str = ""
    conversation: str = ""
    document: str = ""
    paragraphs: int = 0
    numbers: Any = field(default_factory=lambda: count(1))

    @property
    def organization_id(self) -> UUID:
        return self.tenant.owner.organization_id

    @property
    def headers(self) -> dict[str, dict[str, str]]:
        return {"key": {"X-API-Key": self.tenant.api_key}, "owner": self.owner, "operator": self.operator}

    async def read(self, path: str, who: str, **asked: object) -> httpx.Response:
        """One page."""
        async with self.world.caller() as caller:
            params = {name: str(value) for name, value in asked.items()}
            return await caller.get(f"{API}{self.at(path)}", params=params, headers=self.headers[who])

    def at(self, path: str) -> str:
        known = {
            "{organization_id}": str(self.organization_id),
            "{user_id}": self.user_id,
            "{conversation_id}": self.conversation,
            "{document_id}": self.document or str(UUID(int=0)),
        }
        for name, value in known.items():
            path = path.replace(name, value)
        return path


@dataclass(frozen=True, slots=True)
class Listed:
    """A list: its operation, who reads it, what brings one thing more into it, and what names a thing in it."""

    path: str
    who: str
    add: Callable[[Shop], Awaitable[None]]
    name: Callable[[dict[str, Any]], str] = lambda item: str(item["id"])
    most: int = ENDLESS
    """Things that there can be at all."""


async def open_shop(world: HttpWorld, slug: str) -> Shop:
    tenant = await world.tenant(slug)
    shop = Shop(world, tenant)
    async with world.container() as scope:
        enrol: Enrol = await scope.get(Enrol)
        await enrol.owner(tenant.owner.organization_id, email=f"me@{slug}.example", password=PASSWORD, name="Me")
        await enrol.operator(email="operator@atende.example", password=PASSWORD, name="Operator")
    shop.owner, shop.user_id = await signed_in(world, f"me@{slug}.example")
    shop.operator, _ = await signed_in(world, "operator@atende.example")
    await world.write(tenant, "Oi", number="+5511900000000")
    found = await shop.read("/conversations", "key")
    shop.conversation = found.json()["data"][0]["id"]
    await _chunk(shop)
    return shop


async def signed_in(world: HttpWorld, email: str) -> tuple[dict[str, str], str]:
    """Their header and their id."""
    async with world.caller() as caller:
        answer = await caller.post(f"{API}/auth/login", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    said = answer.json()
    return {"Authorization": f"Bearer {said['accessToken']}"}, str(said["user"]["id"])


async def _document(shop: Shop) -> None:
    async with shop.world.caller(shop.tenant.api_key) as caller:
        number = next(shop.numbers)
        answer = await caller.post(
            f"{API}/documents/upload", files={"file": (f"{number}.txt", f"Texto {number}".encode())}
        )
    assert answer.status_code == 201, answer.text


async def _chunk(shop: Shop) -> None:
    """A version of the document that is longer by a chunk."""
    shop.paragraphs += 1
    text = "\n\n".join(f"{number}. {'palavra ' * 400}." for number in range(shop.paragraphs)).encode()
    file = {"file": ("longo.txt", text)}
    async with shop.world.caller(shop.tenant.api_key) as caller:
        if shop.document:
            answer = await caller.put(f"{API}/documents/{shop.document}/file", files=file)
        else:
            answer = await caller.post(f"{API}/documents/upload", files=file)
    assert answer.is_success, answer.text
    shop.document = answer.json()["id"]
    while await shop.world.work():
        pass


async def _conversation(shop: Shop) -> None:
    await shop.world.write(shop.tenant, "Oi", number=f"+55119{next(shop.numbers):08}")


async def _channel(shop: Shop) -> None:
    secrets = {"signingSecret": "app-secret-of-meta", "accessSecret": "EAAG-token"}
    number = {"kind": "whatsapp", "externalId": f"1065{next(shop.numbers):09}", "providerAccount": "102290129340398"}
    async with shop.world.caller(shop.tenant.api_key) as caller:
        answer = await caller.post(f"{API}/channels", json=number | secrets)
    assert answer.status_code == 201, answer.text


async def _message(shop: Shop) -> None:
    await shop.world.write(shop.tenant, f"Oi {next(shop.numbers)}", number="+5511900000000")


async def _credit(shop: Shop) -> None:
    async with shop.world.container() as scope:
        grant: GrantCredits = await scope.get(GrantCredits)
        await grant(shop.tenant.owner.scope, amount=as_credits(1), reference=f"test:{next(shop.numbers)}", note="")


async def _dead_letter(shop: Shop) -> None:
    await _conversation(shop)
    await shop.world.bury_all()


async def _api_key(shop: Shop) -> None:
    await shop.world.key(shop.tenant, "read")


async def _provider_key(shop: Shop) -> None:
    provider = ("freepik", "replicate", "openai", "elevenlabs", "runway", "midjourney")[next(shop.numbers) % 6]
    async with shop.world.caller() as caller:
        answer = await caller.put(
            f"{API}/provider-keys/{provider}", json={"apiKey": "sk-" + "x" * 40}, headers=shop.owner
        )
    assert answer.status_code in {200, 201}, answer.text


async def _organization(shop: Shop) -> None:
    number = next(shop.numbers)
    async with shop.world.caller() as caller:
        answer = await caller.post(
            f"{API}/organizations", json={"name": f"Loja {number}", "slug": f"outra-{number}"}, headers=shop.owner
        )
    assert answer.status_code == 201, answer.text


async def _project(shop: Shop) -> None:
    await shop.world.second_project(shop.tenant, f"{shop.tenant.tenant_id}-{next(shop.numbers)}")


async def _member(shop: Shop) -> None:
    async with shop.world.container() as scope:
        ids: Ids = await scope.get(Ids)
        clock: Clock = await scope.get(Clock)
        users: Users = await scope.get(Users)
        memberships: Memberships = await scope.get(Memberships)
        transaction: Transaction = await scope.get(Transaction)
        now, id_ = clock.now(), ids.new()
        user = User(id=id_, email=f"{id_.hex}@people.example", created_at=now, updated_at=now)
        async with transaction(personal(id_)):
            await users.add(user)
        joined = Membership(
            organization_id=shop.organization_id, user_id=id_, role=Role.MEMBER, created_at=now, updated_at=now
        )
        async with transaction(TenantScope(shop.organization_id, user_id=id_)):
            await memberships.add(joined)


async def _invitation(shop: Shop) -> None:
    async with shop.world.container() as scope:
        ids: Ids = await scope.get(Ids)
        clock: Clock = await scope.get(Clock)
        invitations: Invitations = await scope.get(Invitations)
        transaction: Transaction = await scope.get(Transaction)
        invitation = Invitation(
            id=ids.new(),
            organization_id=shop.organization_id,
            email=f"{uuid4().hex}@people.example",
            role=Role.MEMBER,
            invited_by=None,
            created_at=clock.now(),
            expires_at=clock.now(),
        )
        async with transaction(TenantScope(shop.organization_id)):
            await invitations.add(invitation)


async def _session(shop: Shop) -> None:
    await signed_in(shop.world, f"me@{shop.tenant.tenant_id}.example")


async def _other_tenant(shop: Shop) -> None:
    await shop.world.tenant(f"{shop.tenant.tenant_id}-n{next(shop.numbers)}")


async def _record_of_the_installation(shop: Shop) -> None:
    """An operator who looks at all organizations leaves one."""
    assert (await shop.read("/organizations", "operator", limit=1)).status_code == 200


LISTS = {
    listed.path: listed
    for listed in (
        Listed("/documents", "key", _document),
        Listed("/documents/{document_id}/chunks", "key", _chunk, lambda item: str(item["index"])),
        Listed("/channels", "key", _channel),
        Listed("/conversations", "key", _conversation),
        Listed("/conversations/{conversation_id}/messages", "key", _message),
        Listed("/billing/credits/transactions", "key", _credit),
        Listed("/admin/dead-letters", "key", _dead_letter),
        Listed("/auth/api-keys", "owner", _api_key),
        Listed("/provider-keys", "owner", _provider_key, lambda item: str(item["provider"]), most=4),
        Listed("/organizations", "owner", _organization),
        Listed("/projects", "owner", _project),
        Listed("/organizations/{organization_id}/members", "owner", _member, lambda item: str(item["userId"])),
        Listed("/organizations/{organization_id}/invitations", "owner", _invitation),
        Listed("/users", "owner", _member),
        Listed("/users/{user_id}/organizations", "owner", _organization),
        Listed("/auth/sessions", "owner", _session),
        Listed("/admin/organizations", "operator", _other_tenant),
        Listed("/audit-logs", "owner", _api_key),
        Listed("/admin/audit-logs", "operator", _record_of_the_installation),
    )
}
