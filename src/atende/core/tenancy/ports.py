"""What the tenancy room needs from outside."""

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
        """The one of this scope, with `deleted` also one that was deleted; with `lock` nobody else changes it until the
        transaction ends. Raises NotFound.
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
        """The one asked for, else that of the scope's tenant, else the organization's default; in a personal transaction the one
        asked for, of any live organization that the person is a member of. With `lock` nobody else changes it until the
        transaction ends. Raises NotFound, also for a deleted one unless `deleted`.
        """

    async def pinned(self, scope: TenantScope) -> Project:
        """The tenant's own project, deleted or not: until the transaction ends nobody switches it on or off, and many may have it
        pinned at once. Its status is `deleted` too when its organization is. Raises NotFound.
        """

    async def save(self, project: Project) -> None:
        """Whose it is, its tenant id, its payer and whether it is the default stay as they were. Raises NotFound."""

    async def page(
        self, scope: TenantScope, *, page: int, limit: int, after: str | None = None, deleted: bool = False
    ) -> Page[Project]:
        """Of the organization, or in a personal transaction of every organization that the person is a member of; oldest first."""

    async def count(self, scope: TenantScope) -> int:
        """Live ones of the organization, locked against another one being made meanwhile."""

    async def make_default(self, scope: TenantScope, project: Project) -> None:
        """In place of the present one. Raises NotFound."""


class BillingAccounts(Protocol):
    """Inside a transaction of their organization, but for `home`."""

    async def home(self, account_id: UUID) -> UUID:
        """The organization of this one, before it is known; on a connection of its own. Raises NotFound."""

    async def get(self, scope: TenantScope, account_id: UUID) -> BillingAccount:
        """Locked until the transaction ends. Raises NotFound."""

    async def save(self, account: BillingAccount) -> None:
        """Raises NotFound."""

    async def rest_projects(self, scope: TenantScope, account_id: UUID, *, rest: bool, now: datetime) -> int:
        """With `rest` what it pays for is suspended, else what is suspended becomes active; how many projects."""


class Features(Protocol):
    """Inside a transaction of one tenant."""

    async def all(self, scope: TenantScope) -> list[Feature]:
        """By key."""

    async def put(self, feature: Feature) -> None: ...

    async def remove(self, owner: Owner, key: str) -> None:
        """Raises NotFound."""


class Entitlements(Protocol):
    """What an organization is allowed. On a connection of its own; it may be a few seconds old."""

    async def of(self, organization_id: UUID) -> Allowance: ...


class Plans(Protocol):
    """On a connection of its own."""

    async def all(self) -> list[Plan]:
        """Cheapest first."""


class Purge(Protocol):
    """What is physically removed when its time has come; each call a transaction of its own, through named functions."""

    async def projects_due(self, deleted_before: datetime, limit: int) -> list[Owner]:
        """Deleted before, or of an organization that was; the longest deleted first."""

    async def project(self, owner: Owner) -> None:
        """All rows of the tenant, in several transactions when there are many. The project row stays, without content: records name
        it. With its organization due too, that loses its name, people, invitations and provider keys. Raises Conflict for one that
        is not due by the clock of the storage; one that is gone already is left alone.
        """


class Cipher(Protocol):
    """Encrypts secrets so that they are of use in their own place only."""

    def seal(self, plain: bytes, *, place: str) -> bytes: ...

    def open(self, sealed: bytes, *, place: str) -> bytes:
        """Raises Invalid for another place, another key, or changed bytes."""


class TenantNames(Protocol):
    """On a connection of its own."""

    async def taken(self, slugs: Sequence[str]) -> set[str]:
        """Which of these are the slug of a live organization or the tenant id of any project."""
