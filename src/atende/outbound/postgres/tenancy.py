"""Organizations, payers and projects in PostgreSQL."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from atende.core.kernel import ALL_TENANTS, NotFound, Scope
from atende.core.tenancy.model import BillingAccount, Organization, Project
from atende.core.tenancy.ports import Organizations, Projects
from atende.outbound.postgres.base import Row, to_entity, to_values


class OrganizationRow(Row):
    __tablename__ = "organization"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    slug: Mapped[str]
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class BillingAccountRow(Row):
    __tablename__ = "billing_account"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    name: Mapped[str]
    payment_status: Mapped[str]
    stripe_customer_id: Mapped[str | None]
    created_at: Mapped[datetime]


class ProjectRow(Row):
    __tablename__ = "project"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    tenant_id: Mapped[str]
    billing_account_id: Mapped[UUID]
    name: Mapped[str]
    language: Mapped[str]
    status: Mapped[str]
    session_timeout_seconds: Mapped[int]
    is_default: Mapped[bool]
    created_at: Mapped[datetime]


class PostgresOrganizations(Organizations):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, organization: Organization, payer: BillingAccount) -> None:
        await self._session.execute(insert(OrganizationRow).values(to_values(organization)))
        await self._session.execute(insert(BillingAccountRow).values(to_values(payer)))

    async def get(self, scope: Scope) -> Organization:
        row = await self._session.scalar(
            select(OrganizationRow).where(
                OrganizationRow.id == scope.organization_id, OrganizationRow.deleted_at.is_(None)
            )
        )
        if row is None:
            raise NotFound("no such organization")
        return to_entity(row, Organization)


class PostgresProjects(Projects):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, project: Project) -> None:
        await self._session.execute(insert(ProjectRow).values(to_values(project)))

    async def get(self, scope: Scope, project_id: UUID | None = None) -> Project:
        query = select(ProjectRow).where(ProjectRow.organization_id == scope.organization_id)
        if scope.tenant_id != ALL_TENANTS:
            query = query.where(ProjectRow.tenant_id == scope.tenant_id)
        if project_id is not None:
            query = query.where(ProjectRow.id == project_id)
        elif scope.tenant_id == ALL_TENANTS:
            query = query.where(ProjectRow.is_default)
        row = await self._session.scalar(query)
        if row is None:
            raise NotFound("no such project")
        return to_entity(row, Project)
