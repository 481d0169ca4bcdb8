"""The HTTP API with people in it, under a clock that can be moved."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx
from dishka import AsyncContainer, Provider, Scope, provide
from litestar import Litestar

from atende.core.audit.model import Filter, Record
from atende.core.audit.ports import AuditTrail
from atende.core.identity.accounts.tokens import Client, IssueTokens, opened
from atende.core.identity.members.create_organization import CreateOrganization
from atende.core.identity.model import Membership, MembershipStatus, User, UserStatus
from atende.core.identity.permissions import PlatformRole, Role
from atende.core.identity.ports import Memberships, People, Sessions, Users
from atende.core.identity.signed_tokens import Links, Purpose, invitation_state
from atende.core.kernel import Clock, Ids, TenantScope, Transaction, personal
from atende.core.tenancy.model import Organization
from atende.inbound.http.app import WebOptions, make_app
from atende.main.providers.container import make_container
from atende.main.settings import Settings
from atende.outbound.postgres.embedded.launcher import Urls

T = TypeVar("T")


@dataclass(slots=True)
class MovedClock(Clock):
    """The system's time, moved ahead."""

    ahead: timedelta = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class Moved(Provider):
    def __init__(self, clock: MovedClock) -> None:
        super().__init__()
        self._clock = clock

    @provide(scope=Scope.APP, override=True)
    def clock(self) -> Clock:
        return self._clock


@dataclass(slots=True, kw_only=True)
class Person:
    """Somebody who is signed in."""

    id: UUID
    email: str
    world: "PeopleWorld"
    token: str = ""

    async def call(self, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        return await self.world.call(method, path, body, token=self.token, **options)

    async def get(self, path: str, **options: Any) -> httpx.Response:
        return await self.call("GET", path, **options)

    async def post(self, path: str, body: Any = None, **options: Any) -> httpx.Response:
        return await self.call("POST", path, body, **options)

    async def put(self, path: str, body: Any = None, **options: Any) -> httpx.Response:
        return await self.call("PUT", path, body, **options)

    async def delete(self, path: str, body: Any = None, **options: Any) -> httpx.Response:
        return await self.call("DELETE", path, body, **options)


@dataclass(slots=True)
class PeopleWorld:
    container: AsyncContainer
    app: Litestar
    clock: MovedClock
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    async def call(
        self, method: str, path: str, body: Any = None, *, token: str = "", key: str = "", **options: Any
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {"X-API-Key": key} if key else {}
        transport = httpx.ASGITransport(self.app)  # type: ignore[arg-type]  # the two spell ASGI differently
        async with httpx.AsyncClient(
            transport=transport, base_url="http://atende.test/api/v1", headers=headers
        ) as client:
            return await client.request(method, path.lstrip("/"), json=body, **options)

    @asynccontextmanager
    async def use(self, wanted: type[T]) -> AsyncIterator[T]:
        async with self.container() as unit:
            yield await unit.get(wanted)

    async def person(self, name: str, *, verified: bool = True, operator: bool = False) -> Person:
        """Somebody with an account, who belongs nowhere yet; signed in."""
        now = self.clock.now()
        user = User(
            id=uuid4(),
            email=f"{name}-{next(self._numbers)}@example.com",
            first_name=name.title(),
            status=UserStatus.ACTIVE if verified else UserStatus.PENDING_VERIFICATION,
            email_verified_at=now if verified else None,
            platform_role=PlatformRole.OPERATOR if operator else PlatformRole.USER,
            created_at=now,
            updated_at=now,
        )
        scope = personal(user.id)
        async with self.container() as unit:
            users, transaction = await unit.get(Users), await unit.get(Transaction)
            async with transaction(scope):
                await users.add(user)
        return await self.sign_in(Person(id=user.id, email=user.email, world=self))

    async def sign_in(self, person: Person, organization: UUID | None = None) -> Person:
        """In one organization, or in none."""
        scope, now = personal(person.id), self.clock.now()
        async with self.container() as unit:
            users, sessions = await unit.get(Users), await unit.get(Sessions)
            transaction, tokens, ids = await unit.get(Transaction), await unit.get(IssueTokens), await unit.get(Ids)
            async with transaction(scope):
                user = await users.get(scope, person.id)
                session = opened(ids.new(), user, Client(), now, organization_id=organization)
                await sessions.add(session)
            person.token = tokens(user, session, now).access_token
        return person

    async def organization(self, owner: Person, name: str = "Shop") -> Organization:
        """A new one, that its owner is signed in to."""
        async with self.use(CreateOrganization) as create:
            made = await create(owner.id, name=f"{name} {next(self._numbers)}")
        await self.sign_in(owner, made.id)
        return made

    async def member(
        self, organization: Organization, role: Role, *, status: MembershipStatus = MembershipStatus.ACTIVE
    ) -> Person:
        """Somebody new with this role, signed in to the organization."""
        person, now = await self.person(role), self.clock.now()
        scope = TenantScope(organization.id, user_id=person.id)
        async with self.container() as unit:
            memberships, transaction = await unit.get(Memberships), await unit.get(Transaction)
            async with transaction(scope):
                await memberships.add(
                    Membership(
                        organization_id=organization.id,
                        user_id=person.id,
                        role=role,
                        status=status,
                        created_at=now,
                        updated_at=now,
                    )
                )
        return await self.sign_in(person, organization.id)

    async def link(self, invitation_id: str) -> str:
        """The token in the newest mail of an invitation."""
        people, links = await self.container.get(People), await self.container.get(Links)
        found = await people.invitation(UUID(invitation_id))
        assert found is not None
        return links.make(Purpose.INVITATION, found.id, state=invitation_state(found), expires_at=found.expires_at)

    async def records(self, organization_id: UUID) -> list[Record]:
        """What was done in an organization, newest first."""
        scope = TenantScope(organization_id)
        async with self.container() as unit:
            trail: AuditTrail = await unit.get(AuditTrail)
            transaction: Transaction = await unit.get(Transaction)
            async with transaction(scope):
                return (await trail.page(scope, Filter(), page=1, limit=100)).data


@asynccontextmanager
async def make_people_world(
    database: Urls, folder: Path, *overrides: Provider, options: WebOptions | None = None, **given: Any
) -> AsyncIterator[PeopleWorld]:
    """`given` are settings; `overrides` replace what they provide."""
    usual: dict[str, Any] = {"database_pool_size": 10, "password_cost": 4, "rate_limit_store": "memory"}
    settings = Settings(
        app_env="test",
        database_url=database.app,
        encryption_key="ab" * 32,
        data_dir=folder,
        **usual | given,
    )
    clock = MovedClock()
    container = make_container(settings, Moved(clock), *overrides)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(container.close)
        chosen = options or WebOptions(aliases=False, credential_cache_seconds=0)
        yield PeopleWorld(container, make_app(container, chosen), clock)
