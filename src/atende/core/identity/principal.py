"""The caller of a request and their permissions."""

from dataclasses import dataclass
from uuid import UUID

from atende.core.audit.model import Actor
from atende.core.identity.model import MembershipStatus, UserStatus
from atende.core.identity.permissions import FOR_KEYS, PLATFORM, Permission, Role
from atende.core.kernel import PLATFORM as INSTALLATION
from atende.core.kernel import NotAllowed, TenantScope


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """An API key, or a user in one of their organizations (or in none: then `organization_id` is the installation's).

    `project_id`: the only project of a key (`bound`), or the project that the user switched to.
    """

    actor: Actor
    organization_id: UUID
    permissions: frozenset[Permission]
    project_id: UUID | None = None
    bound: bool = False
    user_id: UUID | None = None
    key_made_by: UUID | None = None
    session_id: UUID | None = None
    role: Role | None = None
    is_operator: bool = False
    is_verified: bool = True
    per_minute: int | None = None
    per_day: int | None = None

    @property
    def scope(self) -> TenantScope:
        """The whole organization, and the user."""
        return TenantScope(self.organization_id, user_id=self.user_id)

    @property
    def maker(self) -> UUID | None:
        """The creator of new things: the user, or the user who created the key; None for a key of the installation."""
        return self.key_made_by if self.user_id is None else self.user_id

    @property
    def has_organization(self) -> bool:
        return self.organization_id != INSTALLATION.organization_id

    def require(self, permission: Permission) -> None:
        """Raises NotAllowed without this permission."""
        if permission not in self.permissions:
            raise NotAllowed(self._advice(permission), permission=str(permission))

    def _advice(self, permission: Permission) -> str:
        if permission in PLATFORM:
            return "only operators of the installation may do this"
        if self.user_id is not None and self.role is None:
            return "you are in no organization: switch to one of yours, or create one"
        if self.user_id is not None:
            return f"your role lacks the permission {permission}: ask an owner or admin of the organization"
        if permission in FOR_KEYS:
            return f"this API key lacks the permission {permission}: use a key that has it in its scopes"
        return "API keys cannot do this: sign in as a user"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """The content of an access token."""

    user_id: UUID
    session_id: UUID
    session_version: int
    organization_id: UUID
    project_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The current state of a token's user, session and organization. `role` is None without a membership."""

    user_status: UserStatus
    session_version: int
    session_live: bool
    is_operator: bool
    is_verified: bool
    role: Role | None
    membership_status: MembershipStatus | None
    permissions: frozenset[Permission]

    def admits(self, claims: Claims) -> bool:
        """Whether a token with these claims is still valid."""
        live = self.user_status in {UserStatus.PENDING_VERIFICATION, UserStatus.ACTIVE}
        return live and self.session_live and self.session_version == claims.session_version

    def granted(self) -> frozenset[Permission]:
        """All permissions of the user: in the organization, for their own account, and as an operator."""
        member = self.permissions if self.membership_status is MembershipStatus.ACTIVE else frozenset()
        return member | {Permission.SELF} | (PLATFORM if self.is_operator else frozenset())
