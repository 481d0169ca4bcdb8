"""Who a request acts for, and what they may do."""

from dataclasses import dataclass
from uuid import UUID

from atende.core.audit.model import Actor
from atende.core.identity.model import MembershipStatus, UserStatus
from atende.core.identity.permissions import FOR_KEYS, PLATFORM, Permission, Role
from atende.core.kernel import PLATFORM as INSTALLATION
from atende.core.kernel import NotAllowed, TenantScope


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """An API key of an organization, or a person in one of theirs (or in none: then `organization_id` is the installation's).

    `project_id`: the key's own project, which it cannot leave (`bound`), or the one that the person switched to.
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
        """The whole organization, and the person themselves."""
        return TenantScope(self.organization_id, user_id=self.user_id)

    @property
    def maker(self) -> UUID | None:
        """Of what is made now: the person, or whoever made the key; None for a key that the installation made by itself."""
        return self.key_made_by if self.user_id is None else self.user_id

    @property
    def has_organization(self) -> bool:
        return self.organization_id != INSTALLATION.organization_id

    def require(self, permission: Permission) -> None:
        """Raises NotAllowed."""
        if permission not in self.permissions:
            raise NotAllowed(self._advice(permission), permission=str(permission))

    def _advice(self, permission: Permission) -> str:
        if permission in PLATFORM:
            return "only operators of the installation may do this"
        if self.user_id is not None and self.role is None:
            return "you act in no organization: switch to one of yours, or make one"
        if self.user_id is not None:
            return f"your role lacks the permission {permission}: ask an owner or admin of the organization"
        if permission in FOR_KEYS:
            return f"this API key lacks the permission {permission}: use one that has it among its scopes"
        return "no API key may do this: sign in as a person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What an access token says."""

    user_id: UUID
    session_id: UUID
    session_version: int
    organization_id: UUID
    project_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What holds now for a token's person, session and organization, in one look. `role` is None without a live membership."""

    user_status: UserStatus
    session_version: int
    session_live: bool
    is_operator: bool
    is_verified: bool
    role: Role | None
    membership_status: MembershipStatus | None
    permissions: frozenset[Permission]

    def admits(self, claims: Claims) -> bool:
        """Whether a token with these claims still stands for its person."""
        live = self.user_status in {UserStatus.PENDING_VERIFICATION, UserStatus.ACTIVE}
        return live and self.session_live and self.session_version == claims.session_version

    def granted(self) -> frozenset[Permission]:
        """Everything that the person may do in the organization, over themselves, and as an operator."""
        member = self.permissions if self.membership_status is MembershipStatus.ACTIVE else frozenset()
        return member | {Permission.SELF} | (PLATFORM if self.is_operator else frozenset())
