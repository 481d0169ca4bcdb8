"""Users, their memberships and invitations, and their sessions."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from atende.core.identity.names import person_names
from atende.core.identity.permissions import PlatformRole, Role
from atende.core.kernel import Conflict, InvalidState, NotAllowed, NotFound, Unauthenticated

UNDO = timedelta(days=30)
"""How long a deleted account can be restored; after that its personal data is removed."""
REFRESH_LIFE = timedelta(days=7)
SESSION_LIFE = timedelta(days=30)
REFRESH_GRACE = timedelta(seconds=10)
INVITATION_LIFE = timedelta(days=7)
PREFERENCES = {"theme": "dark", "language": "pt-BR", "notifications": {"email": True, "push": True}}


class WrongCredentials(Unauthenticated):
    """The e-mail address or the password is wrong."""


class EmailTaken(Conflict):
    """This e-mail address is registered already: sign in, or request a new password."""


class OperatorExists(Conflict):
    """This installation has an operator already."""


class AlreadyMember(Conflict):
    """This user is a member already: change their role instead."""


class AlreadyInvited(Conflict):
    """This address is invited already: send that invitation again, or revoke it first."""


class LastOwner(Conflict):
    """An organization must have at least one owner: make somebody else an owner first."""


class NotVerified(NotAllowed):
    """Confirm your e-mail address first: follow the link that was mailed to you, or request another."""


class LinkNotValid(NotFound):
    """This link is not valid, was used already, or has expired: request a new one."""


class UserStatus(StrEnum):
    PENDING_VERIFICATION = "pending_verification"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    DELETED = "deleted"
    ANONYMIZED = "anonymized"


@dataclass(slots=True, kw_only=True)
class User:
    """A person. Users do not belong to one organization: memberships connect them to organizations.

    `session_version` is increased to invalidate all earlier tokens: by a new password, a suspension, or signing out everywhere.
    """

    id: UUID
    email: str
    created_at: datetime
    updated_at: datetime
    password_hash: str | None = None
    first_name: str = ""
    last_name: str = ""
    avatar_url: str | None = None
    phone: str | None = None
    platform_role: PlatformRole = PlatformRole.USER
    status: UserStatus = UserStatus.PENDING_VERIFICATION
    email_verified_at: datetime | None = None
    last_login_at: datetime | None = None
    preferences: dict[str, Any] = field(default_factory=lambda: dict(PREFERENCES))
    external_auth_id: str | None = None
    session_version: int = 1
    deleted_at: datetime | None = None

    def __post_init__(self) -> None:
        self.first_name, self.last_name = person_names(self.first_name, self.last_name)

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def is_operator(self) -> bool:
        return self.platform_role is PlatformRole.OPERATOR

    @property
    def may_sign_in(self) -> bool:
        return self.status in {UserStatus.PENDING_VERIFICATION, UserStatus.ACTIVE}

    def verify_email(self, now: datetime) -> None:
        """Marks the e-mail address as confirmed. Idempotent."""
        if not self.may_sign_in:
            raise InvalidState("this account is suspended or deleted: its address cannot be confirmed")
        self.status = UserStatus.ACTIVE
        self.email_verified_at, self.updated_at = self.email_verified_at or now, now

    def change_password(self, password_hash: str, now: datetime) -> None:
        """Invalidates all earlier tokens."""
        self.password_hash, self.updated_at = password_hash, now
        self.session_version += 1

    def suspend(self, now: datetime) -> None:
        if self.status is UserStatus.SUSPENDED:
            return
        if not self.may_sign_in:
            raise InvalidState("a deleted account cannot be suspended")
        self.status, self.updated_at = UserStatus.SUSPENDED, now
        self.session_version += 1

    def lift(self, now: datetime) -> None:
        """Ends a suspension. Idempotent."""
        if self.may_sign_in:
            return
        if self.status is not UserStatus.SUSPENDED:
            raise InvalidState("this account is not suspended: it is deleted")
        self.status = UserStatus.ACTIVE if self.email_verified_at else UserStatus.PENDING_VERIFICATION
        self.updated_at = now

    def delete(self, now: datetime) -> None:
        """At the user's request; it can be undone for 30 days. Idempotent."""
        if self.status is UserStatus.DELETED:
            return
        if self.status is UserStatus.ANONYMIZED:
            raise InvalidState("this account was deleted for good already")
        self.status, self.deleted_at, self.updated_at = UserStatus.DELETED, now, now
        self.session_version += 1

    def restore(self, now: datetime) -> None:
        if self.status is not UserStatus.DELETED or self.deleted_at is None or now >= self.deleted_at + UNDO:
            raise InvalidState("this account is not deleted, or was deleted too long ago to be restored")
        self.status = UserStatus.ACTIVE if self.email_verified_at else UserStatus.PENDING_VERIFICATION
        self.deleted_at, self.updated_at = None, now

    def anonymize(self, now: datetime) -> None:
        """Removes all personal data for good. The id stays, because records refer to it."""
        if self.status is not UserStatus.DELETED or self.deleted_at is None or now < self.deleted_at + UNDO:
            raise InvalidState("only an account that was deleted at least 30 days ago can be anonymized")
        self.status, self.updated_at = UserStatus.ANONYMIZED, now
        self.email, self.first_name, self.last_name = f"{self.id.hex}@anonymized.invalid", "", ""
        self.password_hash = self.phone = self.avatar_url = self.external_auth_id = None
        self.email_verified_at = self.last_login_at = None
        self.preferences = {}


class MembershipStatus(StrEnum):
    ACTIVE = "active"
    PENDING = "pending"
    """The invitation was accepted, and an admin must approve it."""


@dataclass(slots=True, kw_only=True)
class Membership:
    """The role of a user in an organization."""

    organization_id: UUID
    user_id: UUID
    role: Role
    created_at: datetime
    updated_at: datetime
    status: MembershipStatus = MembershipStatus.ACTIVE

    def change_role(self, role: Role, now: datetime) -> None:
        self.role, self.updated_at = role, now

    def approve(self, now: datetime) -> None:
        """Idempotent."""
        self.status, self.updated_at = MembershipStatus.ACTIVE, now


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A membership together with its user, for lists."""

    user_id: UUID
    email: str
    first_name: str
    last_name: str
    avatar_url: str | None
    role: Role
    status: MembershipStatus
    user_status: UserStatus
    email_verified: bool
    last_login_at: datetime | None
    joined_at: datetime

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class InvitationStatus(StrEnum):
    PENDING = "pending"
    ACCEPTED = "accepted"
    REVOKED = "revoked"


@dataclass(slots=True, kw_only=True)
class Invitation:
    """An invitation to join an organization. Its link depends on `sent` and `status`: only the newest link works, and once."""

    id: UUID
    organization_id: UUID
    email: str
    role: Role
    invited_by: UUID | None
    created_at: datetime
    expires_at: datetime
    first_name: str = ""
    last_name: str = ""
    sent: int = 1
    status: InvitationStatus = InvitationStatus.PENDING
    accepted_at: datetime | None = None
    accepted_by: UUID | None = None

    def __post_init__(self) -> None:
        self.first_name, self.last_name = person_names(self.first_name, self.last_name)

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def is_open(self, now: datetime) -> bool:
        return self.status is InvitationStatus.PENDING and now < self.expires_at

    def accept(self, user_id: UUID, now: datetime) -> None:
        if not self.is_open(now):
            raise LinkNotValid
        self.status, self.accepted_at, self.accepted_by = InvitationStatus.ACCEPTED, now, user_id

    def revoke(self) -> None:
        if self.status is InvitationStatus.ACCEPTED:
            raise InvalidState("this invitation was accepted: remove the member instead")
        self.status = InvitationStatus.REVOKED

    def send_again(self, now: datetime, *, by: UUID | None) -> None:
        """Invalidates the earlier link; `by` becomes the inviter."""
        if self.status is not InvitationStatus.PENDING:
            raise InvalidState("this invitation was accepted or revoked: it cannot be sent again")
        self.sent, self.invited_by = self.sent + 1, by
        self.expires_at = now + INVITATION_LIFE


@dataclass(slots=True, kw_only=True)
class Session:
    """One sign-in of a user, with the current organization and project. `generation` is the number of the current refresh token.

    No secret is stored: a refresh token consists of the session id, its generation and a MAC with the installation's key.
    """

    id: UUID
    user_id: UUID
    organization_id: UUID
    created_at: datetime
    rotated_at: datetime
    expires_at: datetime
    idle_until: datetime
    project_id: UUID | None = None
    generation: int = 1
    revoked_at: datetime | None = None
    revoked_for: str = ""
    user_agent: str = ""
    ip_address: str = ""

    def is_live(self, now: datetime) -> bool:
        return self.revoked_at is None and now < min(self.expires_at, self.idle_until)

    def revoke(self, now: datetime, reason: str) -> None:
        if self.revoked_at is None:
            self.revoked_at, self.revoked_for = now, reason


def rotated(session: Session, now: datetime) -> Session:
    """The session with its next generation."""
    return replace(
        session,
        generation=session.generation + 1,
        rotated_at=now,
        idle_until=min(now + REFRESH_LIFE, session.expires_at),
    )


def within_grace(session: Session, generation: int, *, user_agent: str, now: datetime) -> bool:
    """Whether this is the previous refresh token, repeated by the same client within 10 seconds after the rotation."""
    return (
        generation == session.generation - 1
        and now < session.rotated_at + REFRESH_GRACE
        and user_agent == session.user_agent
    )
