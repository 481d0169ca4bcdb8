"""Ports of tenancy: storage of organizations, projects and billing accounts, plans, purging, encryption."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from atende.core.kernel import Owner, Page, TenantScope
from atende.core.tenancy.model import BillingAccount, Feature, Organization, Project
from atende.core.tenancy.plans import Allowance, Plan


class Organizations(Protocol):
    """Inside a transaction."""

    async def add(self, organization: Organization, payer: BillingAccount) -> None:
        """Raises SlugTaken."""

    async def get(self, scope: TenantScope, *, deleted: bool = False, lock: bool = False) -> Organization:
        """The organization of this scope. With `deleted` it may be deleted; with `lock` no other transaction can change it until
        this one ends. Raises NotFound.
        """

    async def save(self, organization: Organization) -> None:
        """Raises SlugTaken, NotFound."""


class Projects(Protocol):
    """Inside a transaction."""

    async def add(self, project: Project) -> None:
        """Raises SlugTaken when the tenant id is taken."""

    async def get(
        self, scope: TenantScope, project_id: UUID | None = None, *, deleted: bool = False, lock: bool = False
    ) -> Project:
        """The project with this id, else that of the scope's tenant, else the organization's default. In a personal transaction,
        the project with this id in any organization that is not deleted and that the user is a member of. With `lock` no other
        transaction can change it until this one ends. Raises NotFound, also for a deleted project unless `deleted`.
        """

    async def pinned(self, scope: TenantScope) -> Project:
        """The tenant's own project, deleted or not, under a shared lock: until the transaction ends, nobody can change its status.
        The status is also `deleted` if the organization is deleted. Raises NotFound.
        """

    async def save(self, project: Project) -> None:
        """Does not change its owner, tenant id, billing account and `is_default`. Raises NotFound."""

    async def page(
        self, scope: TenantScope, *, page: int, limit: int, after: str | None = None, deleted: bool = False
    ) -> Page[Project]:
        """Of the organization, or in a personal transaction of all organizations of the user; oldest first."""

    async def count(self, scope: TenantScope) -> int:
        """Number of projects of the organization that are not deleted. Until the transaction ends, no other can be created."""

    async def make_default(self, scope: TenantScope, project: Project) -> None:
        """Replaces the current default project. Raises NotFound."""


class BillingAccounts(Protocol):
    """Inside a transaction of their organization, except `home`."""

    async def home(self, account_id: UUID) -> UUID:
        """The organization of this account, for callers that do not know it; outside a transaction. Raises NotFound."""

    async def get(self, scope: TenantScope, account_id: UUID) -> BillingAccount:
        """Locked until the transaction ends. Raises NotFound."""

    async def save(self, account: BillingAccount) -> None:
        """Raises NotFound."""

    async def suspend_projects(self, scope: TenantScope, account_id: UUID, *, suspend: bool, now: datetime) -> int:
        """Suspends the projects that the account pays for; with `suspend` False, makes the suspended ones active. Returns their
        number.
        """


class Features(Protocol):
    """Inside a transaction of one tenant."""

    async def all(self, scope: TenantScope) -> list[Feature]:
        """Sorted by key."""

    async def put(self, feature: Feature) -> None: ...

    async def remove(self, owner: Owner, key: str) -> None:
        """Raises NotFound."""


class Entitlements(Protocol):
    """What an organization is allowed. Outside a transaction; the result may be a few seconds old."""

    async def of(self, organization_id: UUID) -> Allowance: ...


class Plans(Protocol):
    """Outside a transaction."""

    async def all(self) -> list[Plan]:
        """Cheapest first."""


class Purge(Protocol):
    """Physically removes projects after the time in which they can be restored. Each call has its own transactions."""

    async def projects_due(self, deleted_before: datetime, limit: int) -> list[Owner]:
        """Projects that, or whose organization, were deleted before this time; the longest deleted first."""

    async def project(self, owner: Owner) -> None:
        """Removes all rows of the tenant, in several transactions if there are many. The project row stays without content, because
        audit records refer to it. If the organization is due too, its name, people, invitations and provider keys are removed.
        Does nothing if this was done before. Raises Conflict if the project is not due by the clock of the storage.
        """


class Cipher(Protocol):
    """Encrypts secrets and binds each to its place, such as one column of one row."""

    def seal(self, plain: bytes, *, place: str) -> bytes: ...

    def open(self, sealed: bytes, *, place: str) -> bytes:
        """Raises Invalid if the place or the key differs, or the bytes were changed."""


class TenantNames(Protocol):
    """Outside a transaction."""

    async def taken(self, slugs: Sequence[str]) -> set[str]:
        """Those that are the slug of an organization that is not deleted, or the tenant id of any project."""
