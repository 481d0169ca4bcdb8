"""Organizations, billing accounts, projects and features in PostgreSQL."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, delete, insert, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from atende.core.kernel import ALL_TENANTS, COUNTED, PLATFORM, NotFound, Owner, Page, TenantScope
from atende.core.tenancy.model import BillingAccount, Feature, Organization, Project
from atende.core.tenancy.ports import Features, Organizations, Projects
from atende.outbound.keyset import after_id
from atende.outbound.postgres.base import OwnedColumns, Row, fresh, to_entity, to_values, upsert, within
from atende.outbound.postgres.pages import by_index, count_for, counted_by, cut, passed_by


class OrganizationRow(Row):
    __tablename__ = "organization"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    slug: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime | None]
    logo_url: Mapped[str | None]
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB)
    custom_limits: Mapped[dict[str, Any]] = mapped_column(JSONB)
    deleted_at: Mapped[datetime | None]


class BillingAccountRow(Row):
    __tablename__ = "billing_account"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    name: Mapped[str]
    payment_status: Mapped[str]
    stripe_customer_id: Mapped[str | None]
    created_at: Mapped[datetime]
    user_id: Mapped[UUID | None]
    billing_email: Mapped[str | None]
    suspended_at: Mapped[datetime | None]
    suspension_reason: Mapped[str | None]


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
    updated_at: Mapped[datetime | None]
    created_by_user_id: Mapped[UUID | None]
    description: Mapped[str]
    configuration: Mapped[dict[str, Any]] = mapped_column(JSONB)
    deleted_at: Mapped[datetime | None]
    purged_at: Mapped[datetime | None]


class FeatureRow(OwnedColumns, Row):
    __tablename__ = "feature"
    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    enabled: Mapped[bool]
    config: Mapped[dict[str, Any]] = mapped_column(JSONB)
    updated_at: Mapped[datetime]


def organization_columns(organization: Organization) -> dict[str, Any]:
    return to_values(organization) | {"settings": msgspec.to_builtins(organization.settings)}


class PostgresOrganizations(Organizations):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, organization: Organization, payer: BillingAccount) -> None:
        await self._session.execute(insert(OrganizationRow).values(organization_columns(organization)))
        await self._session.execute(insert(BillingAccountRow).values(to_values(payer)))

    async def get(self, scope: TenantScope, *, deleted: bool = False, lock: bool = False) -> Organization:
        query = select(OrganizationRow).where(OrganizationRow.id == scope.organization_id)
        if not deleted:
            query = query.where(OrganizationRow.deleted_at.is_(None))
        if lock:
            query = query.with_for_update(key_share=True)
        row = await self._session.scalar(fresh(query))
        if row is None:
            raise NotFound("no such organization")
        return to_entity(row, Organization)

    async def save(self, organization: Organization) -> None:
        values = organization_columns(organization)
        changed = {name: value for name, value in values.items() if name not in {"id", "created_at"}}
        statement = update(OrganizationRow).where(OrganizationRow.id == organization.id).values(changed)
        if await self._session.scalar(statement.returning(OrganizationRow.id)) is None:
            raise NotFound("no such organization")


_FIXED = {"id", "organization_id", "tenant_id", "billing_account_id", "is_default", "created_at", "created_by_user_id"}
"""Columns that saving a project does not change."""


class PostgresProjects(Projects):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, project: Project) -> None:
        await self._session.execute(insert(ProjectRow).values(to_values(project)))

    async def get(
        self, scope: TenantScope, project_id: UUID | None = None, *, deleted: bool = False, lock: bool = False
    ) -> Project:
        query = select(ProjectRow).where(*_visible(scope, deleted=deleted))
        if project_id is not None:
            query = query.where(ProjectRow.id == project_id)
        elif scope.tenant_id == ALL_TENANTS:
            query = query.where(ProjectRow.is_default)
        if lock:
            query = query.with_for_update(key_share=True)
        row = await self._session.scalar(fresh(query))
        if row is None:
            raise NotFound("no such project")
        return to_entity(row, Project)

    async def pinned(self, scope: TenantScope) -> Project:
        pin = text("SELECT * FROM pin_project() WHERE organization_id = :organization AND tenant_id = :tenant")
        found = (
            await self._session.execute(pin, {"organization": scope.organization_id, "tenant": scope.tenant_id})
        ).mappings()
        row = found.one_or_none()
        if row is None:
            raise NotFound("no such project")
        return msgspec.convert(dict(row), Project)

    async def save(self, project: Project) -> None:
        changed = {name: value for name, value in to_values(project).items() if name not in _FIXED}
        where = (
            ProjectRow.id == project.id,
            ProjectRow.organization_id == project.organization_id,
            ProjectRow.tenant_id == project.tenant_id,
        )
        saved = await self._session.scalar(update(ProjectRow).where(*where).values(changed).returning(ProjectRow.id))
        if saved is None:
            raise NotFound("no such project")

    async def page(
        self, scope: TenantScope, *, page: int, limit: int, after: str | None = None, deleted: bool = False
    ) -> Page[Project]:
        if _is_personal(scope):
            return await self._of_person(scope, page=page, limit=limit, after=after, deleted=deleted)
        await by_index(self._session)
        every, order, passed = _visible(scope, deleted=deleted), (ProjectRow.id,), passed_by(page, limit, after)
        wanted = every if after is None else [*every, ProjectRow.id > after_id(after)]
        query = select(ProjectRow).where(*wanted).order_by(*order).limit(limit + 1).offset(passed)
        found = list(await self._session.scalars(query))
        counted = await count_for(self._session, found, ProjectRow, order, *every, passed=passed, limit=limit)
        return cut(found, _key, _entity, page, limit, counted)

    async def _of_person(
        self, scope: TenantScope, *, page: int, limit: int, after: str | None, deleted: bool
    ) -> Page[Project]:
        passed, behind = passed_by(page, limit, after), _BEFORE_ALL if after is None else after_id(after)
        which, most = _ALL if deleted else _LIVE, (passed or 0) + limit + 1
        asked = {"user": scope.user_id, "behind": behind, "most": most, "passed": passed or 0}
        rows = await self._session.scalars(select(ProjectRow).from_statement(which["page"]), asked)
        found = list(rows)
        if (counted := counted_by(found, passed=passed, limit=limit)) is None:
            everything = asked | {"behind": _BEFORE_ALL, "most": COUNTED + 1}
            del everything["passed"]
            counted = await self._session.scalar(which["count"], everything) or 0
        return cut(found, _key, _entity, page, limit, counted)

    async def count(self, scope: TenantScope) -> int:
        await self._lock(scope)
        return int(await self._session.scalar(text("SELECT count_live_projects()")) or 0)

    async def make_default(self, scope: TenantScope, project: Project) -> None:
        await self._lock(scope)
        made = await self._session.scalar(text("SELECT make_default_project(:id)"), {"id": project.id})
        if not made:
            raise NotFound("no such project")

    async def _lock(self, scope: TenantScope) -> None:
        """Locks the organization, so that its projects are counted, or the default is changed, one transaction at a time."""
        query = select(OrganizationRow.id).where(OrganizationRow.id == scope.organization_id)
        if await self._session.scalar(query.with_for_update(key_share=True)) is None:
            raise NotFound("no such organization")


def _is_personal(scope: TenantScope) -> bool:
    return scope.user_id is not None and scope.organization_id == PLATFORM.organization_id


# Written out, for the framework takes longer to put this together than the database to answer it. Of each organization of the
# person at most as many as wanted are read: no index orders the projects of several organizations.
_OF_PERSON = """
FROM (
  SELECT o.id FROM organization o JOIN membership m ON m.organization_id = o.id AND m.user_id = :user AND m.status = 'active'
  WHERE o.deleted_at IS NULL AND o.id <> '00000000-0000-0000-0000-000000000000'
) AS home, LATERAL (
  SELECT * FROM project p WHERE p.organization_id = home.id {which} AND p.id > :behind ORDER BY p.id LIMIT :most
) AS found"""
_BEFORE_ALL = UUID(int=0)


def _statements(which: str) -> dict[str, Any]:
    rows = _OF_PERSON.format(which=which)
    return {
        "page": text(f"SELECT found.* {rows} ORDER BY found.id LIMIT :most - :passed OFFSET :passed"),
        "count": text(f"SELECT count(*) FROM (SELECT 1 {rows} LIMIT :most) AS counted"),
    }


_LIVE, _ALL = _statements("AND p.deleted_at IS NULL"), _statements("")


def _key(row: ProjectRow) -> str:
    return str(row.id)


def _entity(row: ProjectRow) -> Project:
    return to_entity(row, Project)


def _visible(scope: TenantScope, *, deleted: bool) -> list[ColumnElement[bool]]:
    """What of the scope is visible: with `deleted`, also what is deleted. A personal transaction sees all projects of the
    user's organizations, but never those of the installation.
    """
    rule: list[ColumnElement[bool]] = [] if deleted else [ProjectRow.deleted_at.is_(None)]
    if _is_personal(scope):
        live = select(OrganizationRow.id).where(OrganizationRow.deleted_at.is_(None))
        return [*rule, ProjectRow.organization_id != PLATFORM.organization_id, ProjectRow.organization_id.in_(live)]
    return [*rule, *within(ProjectRow, scope)]


class PostgresFeatures(Features):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def all(self, scope: TenantScope) -> list[Feature]:
        rows = await self._session.scalars(
            fresh(select(FeatureRow).where(*within(FeatureRow, scope)).order_by(FeatureRow.key.collate("C")))
        )
        return [to_entity(row, Feature) for row in rows]

    async def put(self, feature: Feature) -> None:
        keys = ("organization_id", "tenant_id", "key")
        await upsert(self._session, FeatureRow, [to_values(feature)], keys=keys)

    async def remove(self, owner: Owner, key: str) -> None:
        gone = delete(FeatureRow).where(
            FeatureRow.organization_id == owner.organization_id,
            FeatureRow.tenant_id == owner.tenant_id,
            FeatureRow.key == key,
        )
        if await self._session.scalar(gone.returning(FeatureRow.key)) is None:
            raise NotFound("no such feature")
