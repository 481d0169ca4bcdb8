"""Users and memberships in PostgreSQL."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, insert, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from atende.core.identity.model import (
    Member,
    Membership,
    MembershipStatus,
    User,
    UserStatus,
)
from atende.core.identity.permissions import Role
from atende.core.identity.ports import Memberships, Users
from atende.core.kernel import NotFound, Page, TenantScope
from atende.core.tenancy.model import Organization
from atende.outbound.keyset import after_mark, mark
from atende.outbound.postgres.base import Row, fresh, to_entity, to_values, within
from atende.outbound.postgres.pages import by_index, count_for, cut, passed_by
from atende.outbound.postgres.tenancy.projects import OrganizationRow


class UserRow(Row):
    __tablename__ = "user_account"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str]
    password_hash: Mapped[str | None]
    first_name: Mapped[str]
    last_name: Mapped[str]
    avatar_url: Mapped[str | None]
    phone: Mapped[str | None]
    platform_role: Mapped[str]
    status: Mapped[str]
    email_verified_at: Mapped[datetime | None]
    last_login_at: Mapped[datetime | None]
    preferences: Mapped[dict[str, Any]] = mapped_column(JSONB)
    external_auth_id: Mapped[str | None]
    session_version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class MembershipRow(Row):
    __tablename__ = "membership"
    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    role: Mapped[str]
    status: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


_NEVER_CHANGED = frozenset({"id", "platform_role", "created_at"})
"""Columns of a user that the app role cannot update."""


class PostgresUsers(Users):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, user: User) -> None:
        await self._session.execute(insert(UserRow).values(to_values(user)))

    async def get(self, scope: TenantScope, user_id: UUID) -> User:
        query = fresh(select(UserRow).where(UserRow.id == user_id))
        if user_id == scope.user_id:
            query = query.with_for_update()
        else:
            members = select(MembershipRow.user_id).where(*within(MembershipRow, scope))
            query = query.where(UserRow.id.in_(members))
        row = await self._session.scalar(query)
        if row is None:
            raise NotFound("no such user")
        return to_entity(row, User)

    async def save(self, user: User) -> None:
        values = {name: value for name, value in to_values(user).items() if name not in _NEVER_CHANGED}
        change = update(UserRow).where(UserRow.id == user.id).values(values)
        if await self._session.scalar(change.returning(UserRow.id)) is None:
            raise NotFound("no such user")


class PostgresMemberships(Memberships):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, membership: Membership) -> None:
        await self._session.execute(insert(MembershipRow).values(to_values(membership)))

    async def get(self, scope: TenantScope, user_id: UUID) -> Membership:
        row = await self._session.scalar(fresh(select(MembershipRow).where(*_of(scope, user_id))))
        if row is None:
            raise NotFound("no such member")
        return to_entity(row, Membership)

    async def save(self, membership: Membership) -> None:
        found = _of(TenantScope(membership.organization_id), membership.user_id)
        values = {"role": membership.role, "status": membership.status, "updated_at": membership.updated_at}
        change = update(MembershipRow).where(*found).values(values)
        if await self._session.scalar(change.returning(MembershipRow.user_id)) is None:
            raise NotFound("no such member")

    async def remove(self, scope: TenantScope, user_id: UUID) -> None:
        await self._session.execute(delete(MembershipRow).where(*_of(scope, user_id)))

    async def page(self, scope: TenantScope, *, page: int, limit: int, after: str | None = None) -> Page[Member]:
        await by_index(self._session)
        order, ours = (MembershipRow.created_at, MembershipRow.user_id), within(MembershipRow, scope)
        query = _members(scope).order_by(*order).limit(limit + 1)
        query = query.offset((page - 1) * limit) if after is None else query.where(tuple_(*order) > after_mark(after))
        found = (await self._session.execute(query)).all()
        passed = passed_by(page, limit, after)
        counted = await count_for(self._session, found, MembershipRow, order, *ours, passed=passed, limit=limit)
        return cut(found, lambda both: mark(both[0].created_at, both[0].user_id), _member, page, limit, counted)

    async def member(self, scope: TenantScope, user_id: UUID) -> Member:
        found = await self._member(_members(scope).where(MembershipRow.user_id == user_id))
        if found is None:
            raise NotFound("no such member")
        return found

    async def with_email(self, scope: TenantScope, email: str) -> Member | None:
        return await self._member(_members(scope).where(UserRow.email == email, UserRow.deleted_at.is_(None)))

    async def count(self, scope: TenantScope) -> int:
        ours = within(MembershipRow, scope)
        return await self._session.scalar(select(func.count()).select_from(MembershipRow).where(*ours)) or 0

    async def owners(self, scope: TenantScope) -> list[UUID]:
        # FOR NO KEY UPDATE: inserting rows that refer to the organization does not wait for this lock.
        locked = select(OrganizationRow.id).where(OrganizationRow.id == scope.organization_id)
        await self._session.execute(locked.with_for_update(key_share=True))
        query = (
            select(MembershipRow.user_id)
            .join(UserRow, UserRow.id == MembershipRow.user_id)
            .where(
                *within(MembershipRow, scope),
                MembershipRow.role == Role.OWNER,
                MembershipRow.status == MembershipStatus.ACTIVE,
                UserRow.status.in_((UserStatus.ACTIVE, UserStatus.PENDING_VERIFICATION)),
            )
            .order_by(MembershipRow.created_at, MembershipRow.user_id)
        )
        return list(await self._session.scalars(query))

    async def owned_alone(self, scope: TenantScope) -> list[UUID]:
        # Through a named function, because a plain statement sees only the user of this transaction.
        return list(await self._session.scalars(text("SELECT owned_alone()")))

    async def of_user(self, scope: TenantScope) -> list[tuple[Membership, Organization]]:
        query = (
            select(MembershipRow, OrganizationRow)
            .join(OrganizationRow, OrganizationRow.id == MembershipRow.organization_id)
            .where(MembershipRow.user_id == scope.user_id, OrganizationRow.deleted_at.is_(None))
            .order_by(MembershipRow.created_at, MembershipRow.organization_id)
        )
        found = await self._session.execute(fresh(query))
        return [(to_entity(mine, Membership), to_entity(whose, Organization)) for mine, whose in found]

    async def _member(self, query: "Select[MembershipRow, UserRow]") -> Member | None:
        row = (await self._session.execute(query)).one_or_none()
        if row is None:
            return None
        return _member(row)


def _of(scope: TenantScope, user_id: UUID) -> list[Any]:
    return [*within(MembershipRow, scope), MembershipRow.user_id == user_id]


def _members(scope: TenantScope) -> "Select[MembershipRow, UserRow]":
    query = select(MembershipRow, UserRow).join(UserRow, UserRow.id == MembershipRow.user_id)
    return fresh(query.where(*within(MembershipRow, scope)))


def _member(both: Any) -> Member:
    joined, user = both
    return Member(
        user_id=user.id,
        email=user.email,
        first_name=user.first_name,
        last_name=user.last_name,
        avatar_url=user.avatar_url,
        role=Role(joined.role),
        status=MembershipStatus(joined.status),
        user_status=UserStatus(user.status),
        email_verified=user.email_verified_at is not None,
        last_login_at=user.last_login_at,
        joined_at=joined.created_at,
    )
