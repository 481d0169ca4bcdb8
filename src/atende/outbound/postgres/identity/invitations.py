"""Invitations in PostgreSQL."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from atende.core.identity.model import Invitation, InvitationStatus
from atende.core.identity.ports import Invitations
from atende.core.kernel import NotFound, Page, TenantScope
from atende.outbound.postgres.base import Row, fresh, to_entity, to_values, within
from atende.outbound.postgres.pages import newest_by_id


class InvitationRow(Row):
    __tablename__ = "invitation"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    email: Mapped[str]
    role: Mapped[str]
    first_name: Mapped[str]
    last_name: Mapped[str]
    invited_by: Mapped[UUID | None]
    sent: Mapped[int]
    status: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[UUID | None]


class PostgresInvitations(Invitations):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, invitation: Invitation) -> None:
        await self._session.execute(insert(InvitationRow).values(to_values(invitation)))

    async def get(self, scope: TenantScope, invitation_id: UUID) -> Invitation:
        query = select(InvitationRow).where(*within(InvitationRow, scope), InvitationRow.id == invitation_id)
        row = await self._session.scalar(fresh(query).with_for_update())
        if row is None:
            raise NotFound("no such invitation")
        return to_entity(row, Invitation)

    async def save(self, invitation: Invitation) -> None:
        change = (
            update(InvitationRow)
            .where(InvitationRow.organization_id == invitation.organization_id, InvitationRow.id == invitation.id)
            .values(to_values(invitation))
        )
        if await self._session.scalar(change.returning(InvitationRow.id)) is None:
            raise NotFound("no such invitation")

    async def open_for(self, scope: TenantScope, email: str) -> Invitation | None:
        query = select(InvitationRow).where(
            *within(InvitationRow, scope),
            InvitationRow.email == email,
            InvitationRow.status == InvitationStatus.PENDING,
        )
        row = await self._session.scalar(fresh(query))
        return None if row is None else to_entity(row, Invitation)

    async def page(self, scope: TenantScope, *, page: int, limit: int, after: str | None = None) -> Page[Invitation]:
        ours = within(InvitationRow, scope)
        return await newest_by_id(self._session, InvitationRow, Invitation, *ours, page=page, limit=limit, after=after)

    async def count_open(self, scope: TenantScope, now: datetime) -> int:
        query = select(func.count()).where(
            *within(InvitationRow, scope),
            InvitationRow.status == InvitationStatus.PENDING,
            InvitationRow.expires_at > now,
        )
        return await self._session.scalar(query) or 0
