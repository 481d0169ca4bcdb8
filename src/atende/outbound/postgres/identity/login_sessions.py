"""Sessions of users in PostgreSQL."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from atende.core.identity.model import Session
from atende.core.identity.ports import Sessions
from atende.core.kernel import NotFound, TenantScope
from atende.outbound.postgres.base import Row, fresh, to_entity, to_values


class SessionRow(Row):
    __tablename__ = "login_session"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    organization_id: Mapped[UUID]
    project_id: Mapped[UUID | None]
    generation: Mapped[int]
    created_at: Mapped[datetime]
    rotated_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    idle_until: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_for: Mapped[str]
    user_agent: Mapped[str]
    ip_address: Mapped[str]


class PostgresSessions(Sessions):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, session: Session) -> None:
        await self._session.execute(insert(SessionRow).values(to_values(session)))

    async def get(self, scope: TenantScope, session_id: UUID) -> Session:
        query = select(SessionRow).where(SessionRow.user_id == scope.user_id, SessionRow.id == session_id)
        row = await self._session.scalar(fresh(query).with_for_update())
        if row is None:
            raise NotFound("no such session")
        return to_entity(row, Session)

    async def save(self, session: Session) -> None:
        change = (
            update(SessionRow)
            .where(SessionRow.user_id == session.user_id, SessionRow.id == session.id)
            .values(to_values(session))
        )
        if await self._session.scalar(change.returning(SessionRow.id)) is None:
            raise NotFound("no such session")

    async def live(self, scope: TenantScope, now: datetime) -> list[Session]:
        query = (
            select(SessionRow)
            .where(SessionRow.user_id == scope.user_id, SessionRow.revoked_at.is_(None))
            .where(SessionRow.expires_at > now, SessionRow.idle_until > now)
            .order_by(SessionRow.created_at.desc(), SessionRow.id.desc())
        )
        return [to_entity(row, Session) for row in await self._session.scalars(fresh(query))]

    async def revoke_all(self, scope: TenantScope, now: datetime, reason: str, *, but: UUID | None = None) -> int:
        change = (
            update(SessionRow)
            .where(SessionRow.user_id == scope.user_id, SessionRow.revoked_at.is_(None))
            .values(revoked_at=now, revoked_for=reason)
        )
        if but is not None:
            change = change.where(SessionRow.id != but)
        return len((await self._session.scalars(change.returning(SessionRow.id))).all())

    async def forget(self, scope: TenantScope) -> None:
        mine = SessionRow.user_id == scope.user_id
        await self._session.execute(update(SessionRow).where(mine).values(user_agent="", ip_address=""))
