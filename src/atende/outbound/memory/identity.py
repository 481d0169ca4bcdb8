"""Accounts, memberships, invitations and sessions in memory."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from atende.core.identity.model import (
    AlreadyInvited,
    AlreadyMember,
    EmailTaken,
    Invitation,
    InvitationStatus,
    Member,
    Membership,
    MembershipStatus,
    OperatorExists,
    Session,
    User,
)
from atende.core.identity.permissions import Role
from atende.core.identity.ports import Invitations, Memberships, Sessions, Users
from atende.core.kernel import PLATFORM, NotFound, Page, TenantScope
from atende.core.tenancy.model import Organization
from atende.outbound.keyset import after_mark, mark
from atende.outbound.memory.pages import newest_by_id
from atende.outbound.memory.row import Row
from atende.outbound.memory.store import MemoryStore, RowLevelSecurityViolation
from atende.outbound.memory.table import Person, Rows, Table, copied
from atende.outbound.memory.tenancy import ORGANIZATIONS


def _seen_by_organization(store: MemoryStore, row: Row[User], scope: TenantScope) -> bool:
    """An organization sees the accounts of its members."""
    return (scope.organization_id, row.user_id) in store.read("membership")


def _seen_by_person(store: MemoryStore, row: Row[Membership], scope: TenantScope) -> bool:
    """A person sees what joins them to organizations."""
    return row.entity.user_id == scope.user_id


_EMAIL, _MEMBER, _OPEN = "user_account_email_live", "membership_pkey", "invitation_open"
USERS = Table[User](
    name="user_account",
    unique={
        _EMAIL: lambda row: row.entity.email if row.entity.deleted_at is None else None,
        "user_account_external_auth_id_key": lambda row: row.entity.external_auth_id,
    },
    errors={_EMAIL: EmailTaken},
    also_seen=_seen_by_organization,
)
MEMBERSHIPS = Table[Membership](
    name="membership",
    key=lambda membership: (membership.organization_id, membership.user_id),
    parents={"organization": lambda row: row.organization_id, "user_account": lambda row: row.entity.user_id},
    errors={_MEMBER: AlreadyMember},
    also_seen=_seen_by_person,
)
INVITATIONS = Table[Invitation](
    name="invitation",
    unique={_OPEN: lambda row: _place(row.entity) if row.entity.status is InvitationStatus.PENDING else None},
    parents={
        "organization": lambda row: row.organization_id,
        "user_account": lambda row: row.entity.invited_by,
    },
    errors={_OPEN: AlreadyInvited},
)
SESSIONS = Table[Session](
    name="login_session",
    parents={
        "user_account": lambda row: row.user_id,
        "organization": lambda row: row.organization_id,
        "project": lambda row: row.entity.project_id,
    },
)


def _place(invitation: Invitation) -> tuple[UUID, str]:
    return invitation.organization_id, invitation.email


class MemoryUsers(Users):
    def __init__(self, store: MemoryStore) -> None:
        self._store, self._users = store, Rows(store, USERS)

    async def add(self, user: User) -> None:
        there = (row.entity for row in self._store.read(USERS.name).values())
        if user.is_operator and any(one.is_operator and one.may_sign_in for one in there):
            self._store.abort()
            raise OperatorExists
        self._users.insert(user, at=Person(user.id))

    async def get(self, scope: TenantScope, user_id: UUID) -> User:
        found = self._users.get(user_id, scope)
        if found is None:
            raise NotFound("no such user")
        return found

    async def save(self, user: User) -> None:
        old = self._users.get(user.id)
        if old is None:
            raise NotFound("no such user")
        if not self._users.update(replace(user, platform_role=old.platform_role, created_at=old.created_at)):
            raise NotFound("no such user")


class MemoryMemberships(Memberships):
    def __init__(self, store: MemoryStore) -> None:
        self._store, self._members, self._users = store, Rows(store, MEMBERSHIPS), Rows(store, USERS)
        self._organizations = Rows(store, ORGANIZATIONS)

    async def add(self, membership: Membership) -> None:
        scope = self._store.scope
        if scope is not None and scope.user_id != membership.user_id:
            self._store.abort()
            raise RowLevelSecurityViolation("membership: a person joins in a transaction of their own")
        self._members.insert(membership, at=membership.organization_id)

    async def get(self, scope: TenantScope, user_id: UUID) -> Membership:
        found = self._members.get((scope.organization_id, user_id))
        if found is None:
            raise NotFound("no such member")
        return found

    async def save(self, membership: Membership) -> None:
        old = self._members.get((membership.organization_id, membership.user_id))
        if old is None or not self._members.update(replace(membership, created_at=old.created_at)):
            raise NotFound("no such member")

    async def remove(self, scope: TenantScope, user_id: UUID) -> None:
        self._members.delete(lambda one: _is_of(one, scope) and one.user_id == user_id, scope)

    async def page(self, scope: TenantScope, *, page: int, limit: int, after: str | None = None) -> Page[Member]:
        found = self._of(scope)
        left = found[(page - 1) * limit :]
        if after is not None:
            place = after_mark(after)
            left = [one for one in found if (one.joined_at, one.user_id) > place]
        data = left[:limit]
        following = mark(data[-1].joined_at, data[-1].user_id) if data and len(left) > limit else None
        return Page(data, page, limit, await self.count(scope), following)

    async def member(self, scope: TenantScope, user_id: UUID) -> Member:
        found = [one for one in self._of(scope) if one.user_id == user_id]
        if not found:
            raise NotFound("no such member")
        return found[0]

    async def with_email(self, scope: TenantScope, email: str) -> Member | None:
        live = self._users.by(_EMAIL, email)
        found = [one for one in self._of(scope) if live is not None and one.user_id == live.id]
        return found[0] if found else None

    async def count(self, scope: TenantScope) -> int:
        return len(self._members.all(None, lambda one: _is_of(one, scope)))

    async def owners(self, scope: TenantScope) -> list[UUID]:
        owners = []
        for one in self._of(scope):
            user = self._users.get(one.user_id)
            is_owner = one.role is Role.OWNER and one.status is MembershipStatus.ACTIVE
            if is_owner and user is not None and user.may_sign_in:
                owners.append(one.user_id)
        return owners

    async def owned_alone(self, scope: TenantScope) -> list[UUID]:
        """Across organizations, as the named function of the database does it: past the wall."""
        ours = self._store.scope
        me = None if ours is None else ours.user_id
        joined: dict[UUID, list[Membership]] = {}
        for row in self._store.read(MEMBERSHIPS.name).values():
            joined.setdefault(row.organization_id, []).append(row.entity)
        return sorted(id_ for id_, members in joined.items() if self._is_live(id_) and self._alone(me, members))

    async def of_user(self, scope: TenantScope) -> list[tuple[Membership, Organization]]:
        mine = self._members.all(None, lambda one: one.user_id == scope.user_id)
        mine.sort(key=lambda one: (one.created_at, one.organization_id))
        found = [(one, self._organization(one)) for one in mine]
        return [(one, whose) for one, whose in found if whose is not None and whose.deleted_at is None]

    def _alone(self, me: UUID | None, members: list[Membership]) -> bool:
        owners = [one.user_id for one in members if one.role is Role.OWNER and one.status is MembershipStatus.ACTIVE]
        others = [self._users.placed(one) for one in owners if one != me]
        kept = any(other is not None and other.entity.may_sign_in for other in others)
        return me in owners and len(members) > 1 and not kept

    def _is_live(self, organization_id: UUID) -> bool:
        row = self._organizations.placed(organization_id)
        return row is not None and row.entity.deleted_at is None

    def _organization(self, membership: Membership) -> Organization | None:
        """As the wall shows it: its own transaction's, or in a personal one that of an active member."""
        row, ours = self._organizations.placed(membership.organization_id), self._store.scope
        if row is None:
            return None
        personal = ours is not None and ours.organization_id == PLATFORM.organization_id
        mine = personal and membership.status is MembershipStatus.ACTIVE
        return copied(row.entity) if mine or row.is_in(ours) else None

    def _of(self, scope: TenantScope) -> list[Member]:
        """Those whose accounts this transaction sees, who joined first first."""
        joined = self._members.all(None, lambda one: _is_of(one, scope))
        users = {one.user_id: self._users.get(one.user_id) for one in joined}
        found = [_member(one, user) for one in joined if (user := users[one.user_id]) is not None]
        return sorted(found, key=lambda one: (one.joined_at, one.user_id))


class MemoryInvitations(Invitations):
    def __init__(self, store: MemoryStore) -> None:
        self._invitations = Rows(store, INVITATIONS)

    async def add(self, invitation: Invitation) -> None:
        self._invitations.insert(invitation, at=invitation.organization_id)

    async def get(self, scope: TenantScope, invitation_id: UUID) -> Invitation:
        found = self._invitations.get(invitation_id, scope)
        if found is None:
            raise NotFound("no such invitation")
        return found

    async def save(self, invitation: Invitation) -> None:
        if not self._invitations.update(invitation):
            raise NotFound("no such invitation")

    async def open_for(self, scope: TenantScope, email: str) -> Invitation | None:
        return self._invitations.by(_OPEN, (scope.organization_id, email), scope)

    async def page(self, scope: TenantScope, *, page: int, limit: int, after: str | None = None) -> Page[Invitation]:
        return newest_by_id(self._invitations.all(scope), page=page, limit=limit, after=after)

    async def count_open(self, scope: TenantScope, now: datetime) -> int:
        return len(self._invitations.all(scope, lambda invitation: invitation.is_open(now)))


class MemorySessions(Sessions):
    def __init__(self, store: MemoryStore) -> None:
        self._sessions = Rows(store, SESSIONS)

    async def add(self, session: Session) -> None:
        self._sessions.insert(session, at=Person(session.user_id, session.organization_id))

    async def get(self, scope: TenantScope, session_id: UUID) -> Session:
        found = self._sessions.get(session_id, scope)
        if found is None:
            raise NotFound("no such session")
        return found

    async def save(self, session: Session) -> None:
        if not self._sessions.update(session):
            raise NotFound("no such session")

    async def live(self, scope: TenantScope, now: datetime) -> list[Session]:
        found = self._sessions.all(scope, lambda session: session.is_live(now))
        return sorted(found, key=lambda session: (session.created_at, session.id), reverse=True)

    async def revoke_all(self, scope: TenantScope, now: datetime, reason: str, *, but: UUID | None = None) -> int:
        found = self._sessions.all(scope, lambda session: session.revoked_at is None and session.id != but)
        for session in found:
            session.revoke(now, reason)
            self._sessions.update(session)
        return len(found)

    async def forget(self, scope: TenantScope) -> None:
        for session in self._sessions.all(scope):
            self._sessions.update(replace(session, user_agent="", ip_address=""))


def _is_of(membership: Any, scope: TenantScope) -> bool:
    return bool(membership.organization_id == scope.organization_id)


def _member(joined: Membership, user: User) -> Member:
    return Member(
        user_id=user.id,
        email=user.email,
        first_name=user.first_name,
        last_name=user.last_name,
        avatar_url=user.avatar_url,
        role=joined.role,
        status=joined.status,
        user_status=user.status,
        email_verified=user.email_verified_at is not None,
        last_login_at=user.last_login_at,
        joined_at=joined.created_at,
    )
