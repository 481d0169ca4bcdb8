"""People of a world: accounts, what joins them to organizations, sessions and invitations, as stored ones."""

from datetime import timedelta
from typing import Any

from atende.core.identity.api_key import ApiKey, api_key_hash, api_key_text
from atende.core.identity.model import Invitation, Membership, Session, User, UserStatus
from atende.core.identity.permissions import Role
from atende.core.kernel import TenantScope, personal
from tests.world import Tenant, World

WEEK, MONTH = timedelta(days=7), timedelta(days=30)


def make_user(world: World, name: str = "ana", **more: Any) -> User:
    now = world.now()
    said: dict[str, Any] = {"email": f"{name}@example.com", "first_name": name.title(), "status": UserStatus.ACTIVE}
    return User(id=world.ids.new(), created_at=now, updated_at=now, **(said | more))


async def add_user(world: World, name: str = "ana", **more: Any) -> User:
    user = make_user(world, name, **more)
    async with world.begin(personal(user.id)) as at:
        await at.users.add(user)
    return user


def make_membership(world: World, tenant: Tenant, user: User, role: Role = Role.MEMBER, **more: Any) -> Membership:
    said: dict[str, Any] = {"created_at": world.now(), "updated_at": world.now()}
    return Membership(organization_id=tenant.owner.organization_id, user_id=user.id, role=role, **(said | more))


async def join(world: World, tenant: Tenant, user: User, role: Role = Role.MEMBER, **more: Any) -> Membership:
    membership = make_membership(world, tenant, user, role, **more)
    async with world.begin(inside(tenant, user)) as at:
        await at.memberships.add(membership)
    return membership


async def add_member(world: World, tenant: Tenant, name: str, role: Role = Role.MEMBER, **more: Any) -> User:
    """A person with a live account who belongs to the tenant's organization."""
    user = await add_user(world, name)
    await join(world, tenant, user, role, **more)
    return user


def make_invitation(world: World, tenant: Tenant, email: str = "bia@example.com", **more: Any) -> Invitation:
    said: dict[str, Any] = {"role": Role.AGENT, "invited_by": None, "expires_at": world.now() + WEEK}
    owner, now = tenant.owner, world.now()
    return Invitation(
        id=world.ids.new(), organization_id=owner.organization_id, email=email, created_at=now, **(said | more)
    )


async def invite(world: World, tenant: Tenant, email: str = "bia@example.com", **more: Any) -> Invitation:
    invitation = make_invitation(world, tenant, email, **more)
    async with world.begin(tenant.whole) as at:
        await at.invitations.add(invitation)
    return invitation


def make_session(world: World, tenant: Tenant, user: User, **more: Any) -> Session:
    now = world.now()
    said: dict[str, Any] = {"created_at": now, "rotated_at": now, "expires_at": now + MONTH, "idle_until": now + WEEK}
    return Session(id=world.ids.new(), user_id=user.id, organization_id=tenant.owner.organization_id, **(said | more))


async def sign_in(world: World, tenant: Tenant, user: User, **more: Any) -> Session:
    session = make_session(world, tenant, user, **more)
    async with world.begin(personal(user.id)) as at:
        await at.sessions.add(session)
    return session


def make_key(world: World, tenant: Tenant, **more: Any) -> ApiKey:
    text = api_key_text(tenant.owner.organization_id, world.number() << 150)
    said: dict[str, Any] = {
        "name": "till",
        "secret_hash": api_key_hash(text),
        "scopes": ["documents:read", "rag:run"],
        "created_at": world.now(),
    }
    return ApiKey(id=world.ids.new(), organization_id=tenant.owner.organization_id, prefix=text[:12], **(said | more))


async def add_key(world: World, tenant: Tenant, **more: Any) -> ApiKey:
    key = make_key(world, tenant, **more)
    async with world.begin(tenant.whole) as at:
        await at.api_keys.add(key)
    return key


def inside(tenant: Tenant, user: User) -> TenantScope:
    """A person at work in the tenant's organization."""
    return TenantScope(tenant.owner.organization_id, user_id=user.id)
