"""Organizations (people, plan, credits) and projects (the tenants)."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from atende.core.kernel import Invalid, Owner

LANGUAGES = ("pt", "en", "es")
_TENANT_ID = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")


class PaymentStatus(StrEnum):
    PENDING = "pending"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    SUSPENDED = "suspended"


class ProjectStatus(StrEnum):
    ACTIVE = "active"
    INACTIVE = "inactive"
    SUSPENDED = "suspended"
    DELETED = "deleted"


@dataclass(slots=True, kw_only=True)
class Organization:
    id: UUID
    name: str
    slug: str
    created_at: datetime

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise Invalid("an organization has a name")


@dataclass(slots=True, kw_only=True)
class BillingAccount:
    """The payer. Made with the organization; its Stripe customer comes later."""

    id: UUID
    organization_id: UUID
    name: str
    created_at: datetime
    payment_status: PaymentStatus = PaymentStatus.PENDING
    stripe_customer_id: str | None = None


@dataclass(slots=True, kw_only=True)
class Project:
    """The tenant: `tenant_id` is readable, unique and never changes."""

    id: UUID
    organization_id: UUID
    tenant_id: str
    billing_account_id: UUID
    name: str
    created_at: datetime
    language: str = "pt"
    status: ProjectStatus = ProjectStatus.ACTIVE
    session_timeout_seconds: int = 1_800
    is_default: bool = False

    def __post_init__(self) -> None:
        if not _TENANT_ID.fullmatch(self.tenant_id):
            raise Invalid("a tenant id has 2 to 63 small letters, digits and dashes")
        if self.language not in LANGUAGES:
            raise Invalid(f"languages: {', '.join(LANGUAGES)}")

    @property
    def owner(self) -> Owner:
        return Owner(self.organization_id, self.id, self.tenant_id)

    @property
    def session_timeout(self) -> timedelta:
        return timedelta(seconds=self.session_timeout_seconds)
