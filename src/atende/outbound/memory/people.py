"""Who somebody is before they are known, and what roles may do, in memory."""

from datetime import datetime
from uuid import UUID

from atende.core.identity.model import UNDO, Invitation, Session, User, UserStatus
from atende.core.identity.permissions import FOR_ROLES, Permission, Role
from atende.core.identity.ports import People, RoleChanges, Roles
from atende.core.identity.principal import Access
from atende.core.kernel import PLATFORM, Conflict, NotAllowed
from atende.outbound.memory.identity import INVITATIONS, MEMBERSHIPS, SESSIONS, USERS
from atende.outbound.memory.platform import ROLE_PERMISSIONS, Granted
from atende.outbound.memory.row import Row
from atende.outbound.memory.store import MemoryStore
from atende.outbound.memory.table import Rows, Table, copied
from atende.outbound.memory.tenancy import ORGANIZATIONS

GRANTS = Table[Granted](name=ROLE_PERMISSIONS, key=lambda granted: (granted.role, granted.permission))


class MemoryPeople(People):
    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def by_email(self, email: str) -> User | None:
        since = self._store.clock.now() - UNDO
        users = [user for user in self._users() if user.email == email]
        live = [user for user in users if user.deleted_at is None]
        gone = [(user.deleted_at, user) for user in users if user.deleted_at is not None and user.deleted_at > since]
        latest = max(gone, key=lambda found: found[0], default=(None, None))[1]
        return copied(live[0]) if live else latest and copied(latest)

    async def by_id(self, user_id: UUID) -> User | None:
        found: Row[User] | None = self._store.committed(USERS.name).get(user_id)
        return None if found is None else copied(found.entity)

    async def session(self, session_id: UUID) -> tuple[Session, User] | None:
        found: Row[Session] | None = self._store.committed(SESSIONS.name).get(session_id)
        user = None if found is None else await self.by_id(found.entity.user_id)
        return None if found is None or user is None else (copied(found.entity), user)

    async def invitation(self, invitation_id: UUID) -> Invitation | None:
        found: Row[Invitation] | None = self._store.committed(INVITATIONS.name).get(invitation_id)
        if found is None or not self._is_live(found.entity.organization_id):
            return None
        return copied(found.entity)

    async def access(self, *, user_id: UUID, session_id: UUID, organization_id: UUID) -> Access | None:
        user = await self.by_id(user_id)
        if user is None:
            return None
        session: Row[Session] | None = self._store.committed(SESSIONS.name).get(session_id)
        joined = self._store.committed(MEMBERSHIPS.name).get((organization_id, user_id))
        member = joined.entity if joined is not None and self._is_live(organization_id) else None
        mine = session is not None and session.entity.user_id == user_id
        return Access(
            user_status=user.status,
            session_version=user.session_version,
            session_live=session is not None and mine and session.entity.is_live(self._store.clock.now()),
            is_operator=user.is_operator,
            is_verified=user.email_verified_at is not None,
            role=None if member is None else member.role,
            membership_status=None if member is None else member.status,
            permissions=frozenset() if member is None else _of(member.role, self._store),
        )

    async def operators(self) -> int:
        return sum(user.is_operator and user.may_sign_in for user in self._users())

    async def to_anonymize(self, deleted_before: datetime, limit: int) -> list[UUID]:
        gone = [(user.deleted_at, user) for user in self._users() if user.status is UserStatus.DELETED]
        due = sorted((at, user.id) for at, user in gone if at is not None and at < deleted_before)
        return [id_ for _, id_ in due[:limit]]

    def _users(self) -> list[User]:
        return [row.entity for row in self._store.committed(USERS.name).values()]

    def _is_live(self, organization_id: UUID) -> bool:
        found = self._store.committed(ORGANIZATIONS.name).get(organization_id)
        return found is not None and found.entity.deleted_at is None


class MemoryRoles(Roles):
    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def matrix(self) -> dict[Role, frozenset[Permission]]:
        return {role: _of(role, self._store) for role in Role}


class MemoryRoleChanges(RoleChanges):
    def __init__(self, store: MemoryStore) -> None:
        self._store, self._grants = store, Rows(store, GRANTS)

    async def replace(self, role: Role, permissions: frozenset[Permission]) -> frozenset[Permission]:
        scope = self._store.scope
        if scope is None or scope.organization_id != PLATFORM.organization_id:
            raise NotAllowed("only the installation changes what roles may do")
        if not permissions <= FOR_ROLES:
            self._store.abort()
            raise Conflict("this does not fit what is stored")
        before = {one.permission for one in self._grants.all(None, lambda one: one.role is role)}
        self._grants.delete(lambda one: one.role is role and one.permission not in permissions, scope)
        for permission in sorted(permissions - before):
            self._grants.insert(Granted(role, permission), at=None)
        return frozenset(before)


def _of(role: Role, store: MemoryStore) -> frozenset[Permission]:
    cells = (row.entity for row in store.committed(ROLE_PERMISSIONS).values())
    return frozenset(one.permission for one in cells if one.role is role)
