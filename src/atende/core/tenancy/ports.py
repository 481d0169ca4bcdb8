"""What the tenancy room needs from outside."""

from typing import Protocol
from uuid import UUID

from atende.core.kernel import Scope
from atende.core.tenancy.model import BillingAccount, Organization, Project


class Organizations(Protocol):
    async def add(self, organization: Organization, payer: BillingAccount) -> None:
        """Raises Conflict when the slug is taken."""

    async def get(self, scope: Scope) -> Organization:
        """The one of this scope. Raises NotFound."""


class Projects(Protocol):
    async def add(self, project: Project) -> None:
        """Raises Conflict when the tenant id is taken."""

    async def get(self, scope: Scope, project_id: UUID | None = None) -> Project:
        """The one asked for, else that of the scope's tenant, else the organization's default. Raises NotFound."""


class Cipher(Protocol):
    """Encrypts secrets so that they are of use in their own place only."""

    def seal(self, plain: bytes, *, place: str) -> bytes: ...

    def open(self, sealed: bytes, *, place: str) -> bytes:
        """Raises Invalid for another place, another key, or changed bytes."""
