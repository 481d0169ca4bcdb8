"""Look-ups before the caller is known, through named functions of the database, and the permissions of roles."""

from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import msgspec
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from atende.core.identity.model import UNDO, Invitation, Session, User
from atende.core.identity.permissions import Permission, Role
from atende.core.identity.ports import People, RoleChanges, Roles
from atende.core.identity.principal import Access
from atende.core.kernel import PLATFORM, NotAllowed
from atende.outbound.postgres.base import Row
from atende.outbound.postgres.constraints import database_errors
from atende.outbound.postgres.tenancy.projects import OrganizationRow

E = TypeVar("E")
_KNOWN = frozenset(Permission)


class RolePermissionRow(Row):
    __tablename__ = "role_permission"
    role: Mapped[str] = mapped_column(primary_key=True)
    permission: Mapped[str] = mapped_column(primary_key=True)


class PostgresPeople(People):
    """Each call is one statement on a separate connection, except `session`, which needs two."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def by_email(self, email: str) -> User | None:
        return _user(await self._one("SELECT * FROM find_user_by_email($1, now() - $2::interval)", email, UNDO))

    async def by_id(self, user_id: UUID) -> User | None:
        return _user(await self._one("SELECT * FROM find_user($1)", user_id))

    async def session(self, session_id: UUID) -> tuple[Session, User] | None:
        found = await self._one("SELECT * FROM find_session($1)", session_id)
        user = None if found is None else await self.by_id(found["user_id"])
        return None if found is None or user is None else (msgspec.convert(dict(found), Session), user)

    async def invitation(self, invitation_id: UUID) -> Invitation | None:
        found = await self._one("SELECT * FROM find_invitation($1)", invitation_id)
        return None if found is None else msgspec.convert(dict(found), Invitation)

    async def access(self, *, user_id: UUID, session_id: UUID, organization_id: UUID) -> Access | None:
        found = await self._one("SELECT * FROM find_access($1, $2, $3)", user_id, session_id, organization_id)
        if found is None:
            return None
        return msgspec.convert(dict(found) | {"permissions": known(found["permissions"])}, Access)

    async def operators(self) -> int:
        found = await self._one("SELECT count_operators() AS count")
        return 0 if found is None else int(found["count"])

    async def to_anonymize(self, deleted_before: datetime, limit: int) -> list[UUID]:
        with database_errors():
            rows = await self._pool.fetch("SELECT users_to_anonymize($1, $2) AS id", deleted_before, limit)
        return [row["id"] for row in rows]

    async def _one(self, statement: str, *arguments: Any) -> "asyncpg.Record | None":
        with database_errors():
            return await self._pool.fetchrow(statement, *arguments)


class PostgresRoles(Roles):
    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def matrix(self) -> dict[Role, frozenset[Permission]]:
        with database_errors():
            rows = await self._pool.fetch("SELECT role, permission FROM role_permission")
        return {role: known([row["permission"] for row in rows if row["role"] == role]) for role in Role}


class PostgresRoleChanges(RoleChanges):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def replace(self, role: Role, permissions: frozenset[Permission]) -> frozenset[Permission]:
        # Locks, so that the changes of two operators at the same time are not mixed.
        turn = select(OrganizationRow.id).where(OrganizationRow.id == PLATFORM.organization_id)
        if await self._session.scalar(turn.with_for_update(key_share=True)) is None:
            raise NotAllowed("only operators of the installation can change roles")
        of_role = RolePermissionRow.role == role
        before = known(list(await self._session.scalars(select(RolePermissionRow.permission).where(of_role))))
        gone = delete(RolePermissionRow).where(of_role, RolePermissionRow.permission.not_in(permissions))
        await self._session.execute(gone)
        rows = [{"role": role, "permission": permission} for permission in sorted(permissions - before)]
        if rows:
            await self._session.execute(insert(RolePermissionRow).values(rows))
        return before


def known(names: list[str]) -> frozenset[Permission]:
    """The permissions with these names; unknown ones, of a newer version, are ignored."""
    return frozenset(Permission(name) for name in names if name in _KNOWN)


def _user(found: "asyncpg.Record | None") -> User | None:
    if found is None:
        return None
    return msgspec.convert(dict(found) | {"preferences": msgspec.json.decode(found["preferences"])}, User)
