"""Organizations (people, plan, credits) and projects (the tenants)."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from atende.core.kernel import Conflict, Invalid, InvalidState, Owner, checked_name

LANGUAGES = ("pt", "en", "es")
UNDO = timedelta(days=30)
"""How long a deleted organization or project can be restored."""
LONGEST_NAME = 255
_TENANT_ID = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,98}[a-z0-9]")


class SlugTaken(Conflict):
    """This name is taken; choose another."""


class ProjectNotActive(InvalidState):
    """This project is inactive, suspended or deleted: it can be read, but nothing is changed or sent."""


class PayerSuspended(InvalidState):
    """The billing account is suspended: no project can be created or restored until the suspension is lifted."""


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


def slug_of(name: str, *, longest: int = 48) -> str:
    """A readable identifier made from a name: 2 to `longest` lower-case letters, digits and dashes."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub("[^a-z0-9]+", "-", plain).strip("-")[:longest].strip("-")
    return slug if len(slug) > 1 else f"{slug or 'x'}-1"


def suspension_reason(text: str) -> str:
    """The reason, trimmed. Raises Invalid."""
    return checked_name(text, what="the reason of a suspension", longest=1_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberSettings:
    """How people join an organization. `default_member_role` is used for invitations without a role."""

    allow_member_invites: bool = True
    default_member_role: str = "member"
    require_approval: bool = False


@dataclass(slots=True, kw_only=True)
class Organization:
    """The customer: people, plan, credits. `custom_limits` override those of the plan; only operators set them."""

    id: UUID
    name: str
    slug: str
    created_at: datetime
    updated_at: datetime | None = None
    logo_url: str | None = None
    settings: MemberSettings = field(default_factory=MemberSettings)
    custom_limits: dict[str, Any] = field(default_factory=dict)
    deleted_at: datetime | None = None

    def __post_init__(self) -> None:
        self.name = checked_name(self.name, what="the name of an organization", longest=LONGEST_NAME)
        if not _SLUG.fullmatch(self.slug):
            raise Invalid("a slug must have 2 to 100 lower-case letters, digits and dashes")

    def describe(
        self,
        now: datetime,
        *,
        name: str | None = None,
        slug: str | None = None,
        logo_url: str | None = None,
        settings: MemberSettings | None = None,
    ) -> None:
        """None leaves a value as it is; an empty `logo_url` removes the logo."""
        self.name = self.name if name is None else name
        self.slug = self.slug if slug is None else slug
        self.logo_url = self.logo_url if logo_url is None else logo_url or None
        self.settings = self.settings if settings is None else settings
        self.updated_at = now
        self.__post_init__()

    def delete(self, now: datetime, *, confirm: str) -> None:
        """`confirm` must be the slug. Idempotent."""
        if confirm != self.slug:
            raise Invalid("repeat the slug of the organization to confirm the deletion")
        self.deleted_at = self.deleted_at or now

    def restore(self, now: datetime, *, slug: str | None = None) -> None:
        """`slug` replaces the old one, which may have been taken meanwhile. Idempotent."""
        if self.deleted_at is None:
            if slug not in {None, self.slug}:
                raise InvalidState("this organization is not deleted: update it to change its slug")
            return
        if now >= self.deleted_at + UNDO:
            raise InvalidState("this organization was deleted too long ago to be restored")
        self.slug, self.deleted_at = slug or self.slug, None
        self.__post_init__()


@dataclass(slots=True, kw_only=True)
class BillingAccount:
    """Pays for projects. Created with the organization; `stripe_customer_id` is set later."""

    id: UUID
    organization_id: UUID
    name: str
    created_at: datetime
    payment_status: PaymentStatus = PaymentStatus.PENDING
    stripe_customer_id: str | None = None
    user_id: UUID | None = None
    """The user who owns the account."""
    billing_email: str | None = None
    suspended_at: datetime | None = None
    suspension_reason: str | None = None

    def suspend(self, now: datetime, reason: str) -> None:
        """From any state. Idempotent: the time and reason of the first call stay."""
        reason = suspension_reason(reason)
        if self.payment_status is not PaymentStatus.SUSPENDED:
            self.payment_status, self.suspended_at, self.suspension_reason = PaymentStatus.SUSPENDED, now, reason

    def lift(self) -> None:
        """Ends a suspension. Does nothing if the account is active."""
        if self.payment_status not in {PaymentStatus.SUSPENDED, PaymentStatus.ACTIVE}:
            raise InvalidState(f"this billing account is not suspended; it is {self.payment_status}")
        self.payment_status, self.suspended_at, self.suspension_reason = PaymentStatus.ACTIVE, None, None

    def require_good(self) -> None:
        """Raises PayerSuspended if the account is suspended."""
        if self.payment_status is PaymentStatus.SUSPENDED:
            raise PayerSuspended


@dataclass(slots=True, kw_only=True)
class Project:
    """A tenant. `tenant_id` is readable, unique and never changes."""

    id: UUID
    organization_id: UUID
    tenant_id: str
    billing_account_id: UUID
    name: str
    created_at: datetime
    updated_at: datetime | None = None
    created_by_user_id: UUID | None = None
    description: str = ""
    configuration: dict[str, Any] = field(default_factory=dict)
    language: str = "pt"
    status: ProjectStatus = ProjectStatus.ACTIVE
    session_timeout_seconds: int = 1_800
    is_default: bool = False
    deleted_at: datetime | None = None

    def __post_init__(self) -> None:
        if not _TENANT_ID.fullmatch(self.tenant_id):
            raise Invalid("a tenant id must have 2 to 63 lower-case letters, digits and dashes")
        if self.language not in LANGUAGES:
            raise Invalid(f"the language must be one of: {', '.join(LANGUAGES)}")
        self.name = checked_name(self.name, what="the name of a project", longest=LONGEST_NAME)
        if not 60 <= self.session_timeout_seconds <= 604_800:
            raise Invalid("a session timeout must be between 60 (1 minute) and 604800 seconds (7 days)")

    @property
    def owner(self) -> Owner:
        return Owner(self.organization_id, self.id, self.tenant_id)

    @property
    def session_timeout(self) -> timedelta:
        return timedelta(seconds=self.session_timeout_seconds)

    @property
    def is_active(self) -> bool:
        return self.status is ProjectStatus.ACTIVE

    def require_active(self) -> None:
        """Raises ProjectNotActive unless it is active."""
        if not self.is_active:
            raise ProjectNotActive(status=str(self.status))

    def require_open(self) -> None:
        """Raises ProjectNotActive if it is suspended or deleted: its settings cannot be changed then."""
        if self.status not in {ProjectStatus.ACTIVE, ProjectStatus.INACTIVE}:
            raise ProjectNotActive(status=str(self.status))

    def describe(
        self,
        now: datetime,
        *,
        name: str | None = None,
        description: str | None = None,
        language: str | None = None,
        session_timeout_seconds: int | None = None,
    ) -> None:
        """None leaves a value as it is."""
        self.require_open()
        self.name = self.name if name is None else name
        self.description = self.description if description is None else description
        self.language = self.language if language is None else language
        self.session_timeout_seconds = session_timeout_seconds or self.session_timeout_seconds
        self.updated_at = now
        self.__post_init__()

    def configure(self, configuration: dict[str, Any], now: datetime) -> None:
        self.require_open()
        self.configuration, self.updated_at = configuration, now

    def switch(self, now: datetime, *, on: bool) -> None:
        """Activates or deactivates it. Idempotent. Raises InvalidState for a suspended or deleted project."""
        wanted = ProjectStatus.ACTIVE if on else ProjectStatus.INACTIVE
        if self.status is wanted:
            return
        if self.status not in {ProjectStatus.ACTIVE, ProjectStatus.INACTIVE}:
            raise InvalidState(f"a {self.status} project cannot be activated or deactivated")
        self.status, self.updated_at = wanted, now

    def suspend(self, now: datetime) -> None:
        """When its billing account is suspended or not paid. Idempotent."""
        if self.status is ProjectStatus.SUSPENDED:
            return
        if self.status is ProjectStatus.DELETED:
            raise InvalidState("a deleted project cannot be suspended")
        self.status, self.updated_at = ProjectStatus.SUSPENDED, now

    def cure(self, now: datetime) -> None:
        """Ends a suspension. Idempotent."""
        if self.status is ProjectStatus.ACTIVE:
            return
        if self.status is not ProjectStatus.SUSPENDED:
            raise InvalidState(f"this project is not suspended; it is {self.status}")
        self.status, self.updated_at = ProjectStatus.ACTIVE, now

    def delete(self, now: datetime) -> None:
        """It can be restored for 30 days. Idempotent."""
        if self.is_default:
            raise InvalidState("the default project cannot be deleted: make another project the default first")
        if self.status is not ProjectStatus.DELETED:
            self.status, self.deleted_at, self.updated_at = ProjectStatus.DELETED, now, now

    def restore(self, now: datetime) -> None:
        if self.status is ProjectStatus.ACTIVE:
            return
        if self.status is not ProjectStatus.DELETED:
            raise InvalidState(f"this project is not deleted; it is {self.status}")
        if self.deleted_at is None or now >= self.deleted_at + UNDO:
            raise InvalidState("this project was deleted too long ago to be restored")
        self.status, self.deleted_at, self.updated_at = ProjectStatus.ACTIVE, None, now


@dataclass(slots=True, kw_only=True)
class Feature:
    """A feature switch of one project. The caller chooses the key and the configuration."""

    owner: Owner
    key: str
    enabled: bool
    config: dict[str, Any] = field(default_factory=dict)
    updated_at: datetime

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_.-]{0,99}", self.key):
            raise Invalid(
                "the key of a feature must begin with a lower-case letter and have up to 100 lower-case letters, digits, dots, "
                "dashes and underscores"
            )
