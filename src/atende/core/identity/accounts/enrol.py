"""The first users of an installation: its first operator, and the owner of its first organization."""

from dataclasses import dataclass
from uuid import UUID

from atende.core.audit.model import SYSTEM, Event
from atende.core.audit.ports import AuditLog
from atende.core.identity.accounts.passwords import require_good_password
from atende.core.identity.model import Membership, OperatorExists, User, UserStatus
from atende.core.identity.names import clean_email
from atende.core.identity.permissions import PlatformRole, Role
from atende.core.identity.ports import Memberships, PasswordHasher, People, Users
from atende.core.kernel import Clock, Ids, TenantScope, Transaction, personal


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrol:
    """Creates the first users while an installation is set up, without confirmation by mail. No HTTP route uses it."""

    people: People
    users: Users
    memberships: Memberships
    passwords: PasswordHasher
    audit: AuditLog
    transaction: Transaction
    clock: Clock
    ids: Ids

    async def operator(self, *, email: str, password: str, name: str) -> User | None:
        """Creates the first operator; None if there is one already. Raises EmailTaken, PasswordRefused."""
        if await self.people.operators():
            return None
        user = await self._user(email, password, name, role=PlatformRole.OPERATOR)
        scope = personal(user.id)
        try:
            async with self.transaction(scope):
                await self.users.add(user)
                await self.audit.add(scope, _event("operator.create", user))
        except OperatorExists:  # another process created one meanwhile
            return None
        return user

    async def owner(self, organization_id: UUID, *, email: str, password: str, name: str) -> User:
        """Creates an owner of this organization. Raises EmailTaken, PasswordRefused."""
        user = await self._user(email, password, name, role=PlatformRole.USER)
        scope = TenantScope(organization_id, user_id=user.id)
        async with self.transaction(scope):
            await self.users.add(user)
            owning = Membership(
                organization_id=organization_id,
                user_id=user.id,
                role=Role.OWNER,
                created_at=user.created_at,
                updated_at=user.created_at,
            )
            await self.memberships.add(owning)
            await self.audit.add(scope, _event("user.create", user))
        return user

    async def _user(self, email: str, password: str, name: str, *, role: PlatformRole) -> User:
        email, now = clean_email(email), self.clock.now()
        require_good_password(password, email=email)
        return User(
            id=self.ids.new(),
            email=email,
            created_at=now,
            updated_at=now,
            password_hash=await self.passwords.hash(password),
            first_name=name,
            platform_role=role,
            status=UserStatus.ACTIVE,
            email_verified_at=now,
        )


def _event(action: str, user: User) -> Event:
    return Event(action=action, resource_type="user", resource_id=str(user.id), actor=SYSTEM)
