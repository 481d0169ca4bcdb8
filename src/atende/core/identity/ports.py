"""Ports of identity: storage of users, memberships, sessions, keys and roles; password hashing; access tokens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from atende.core.identity.api_key import ApiKey
from atende.core.identity.model import Invitation, Member, Membership, Session, User
from atende.core.identity.permissions import Permission, Role
from atende.core.identity.principal import Access, Claims
from atende.core.kernel import Credits, Page, TenantScope
from atende.core.tenancy.model import Organization


class Users(Protocol):
    """Inside a transaction of the user (`TenantScope.user_id`), or of an organization that they belong to."""

    async def add(self, user: User) -> None:
        """Raises EmailTaken; OperatorExists for an operator if there is an active one."""

    async def get(self, scope: TenantScope, user_id: UUID) -> User:
        """Locked until the transaction ends if it is `scope.user_id`. Raises NotFound."""

    async def save(self, user: User) -> None:
        """Only in a transaction of that user; does not change `platform_role`. Raises EmailTaken if the address of a restored user
        was taken meanwhile.
        """


class Memberships(Protocol):
    """Inside a transaction."""

    async def add(self, membership: Membership) -> None:
        """In a transaction of the organization and of that user. Raises AlreadyMember."""

    async def get(self, scope: TenantScope, user_id: UUID) -> Membership:
        """Raises NotFound."""

    async def save(self, membership: Membership) -> None:
        """Saves role and status. Raises NotFound."""

    async def remove(self, scope: TenantScope, user_id: UUID) -> None: ...

    async def page(self, scope: TenantScope, *, page: int, limit: int, after: str | None = None) -> Page[Member]:
        """Of the organization, oldest membership first."""

    async def member(self, scope: TenantScope, user_id: UUID) -> Member:
        """Raises NotFound."""

    async def with_email(self, scope: TenantScope, email: str) -> Member | None:
        """The member of the organization with this address."""

    async def count(self, scope: TenantScope) -> int:
        """Members of the organization, including those who wait for approval."""

    async def owners(self, scope: TenantScope) -> list[UUID]:
        """Active owners. Locks the organization until the transaction ends, so that two owners cannot leave at once."""

    async def owned_alone(self, scope: TenantScope) -> list[UUID]:
        """Organizations with other members, not deleted, of which `scope.user_id` is the only active owner. Locks all organizations
        of the user, in the order of their ids, until the transaction ends, so that two owners cannot leave at once.
        """

    async def of_user(self, scope: TenantScope) -> list[tuple[Membership, Organization]]:
        """Of `scope.user_id`, in a personal transaction, without deleted organizations; oldest membership first."""


class Invitations(Protocol):
    """Inside a transaction of the organization."""

    async def add(self, invitation: Invitation) -> None:
        """Raises AlreadyInvited."""

    async def get(self, scope: TenantScope, invitation_id: UUID) -> Invitation:
        """Locked until the transaction ends. Raises NotFound."""

    async def save(self, invitation: Invitation) -> None: ...

    async def open_for(self, scope: TenantScope, email: str) -> Invitation | None:
        """The pending invitation of this address, which may have expired."""

    async def page(self, scope: TenantScope, *, page: int, limit: int, after: str | None = None) -> Page[Invitation]:
        """Newest first."""

    async def count_open(self, scope: TenantScope, now: datetime) -> int:
        """Pending invitations of the organization that have not expired."""


class Sessions(Protocol):
    """Inside a transaction of the user."""

    async def add(self, session: Session) -> None: ...

    async def get(self, scope: TenantScope, session_id: UUID) -> Session:
        """Locked until the transaction ends. Raises NotFound."""

    async def save(self, session: Session) -> None: ...

    async def live(self, scope: TenantScope, now: datetime) -> list[Session]:
        """Active sessions of `scope.user_id`, newest first."""

    async def revoke_all(self, scope: TenantScope, now: datetime, reason: str, *, but: UUID | None = None) -> int:
        """Revokes all sessions of `scope.user_id` except `but`; returns their number."""

    async def forget(self, scope: TenantScope) -> None:
        """Removes client address and user agent from all sessions of `scope.user_id`."""


class People(Protocol):
    """Look-ups before the caller is known. Each call is a transaction of its own, through named functions of the database."""

    async def by_email(self, email: str) -> User | None:
        """The account with this address, else one that was deleted less than 30 days ago."""

    async def by_id(self, user_id: UUID) -> User | None: ...

    async def session(self, session_id: UUID) -> tuple[Session, User] | None: ...

    async def invitation(self, invitation_id: UUID) -> Invitation | None: ...

    async def access(self, *, user_id: UUID, session_id: UUID, organization_id: UUID) -> Access | None:
        """The current state of user, session, and membership of the organization, by one query."""

    async def operators(self) -> int:
        """The number of operators."""

    async def to_anonymize(self, deleted_before: datetime, limit: int) -> list[UUID]: ...


class ApiKeys(Protocol):
    """Inside a transaction, except `by_hash` and `touch`."""

    async def add(self, key: ApiKey) -> None: ...

    async def get(self, scope: TenantScope, key_id: UUID) -> ApiKey:
        """Locked until the transaction ends. Raises NotFound."""

    async def save(self, key: ApiKey) -> None: ...

    async def page(self, scope: TenantScope, *, page: int, limit: int, after: str | None = None) -> Page[ApiKey]:
        """Newest first, including revoked and expired keys."""

    async def revoke_made_by(self, scope: TenantScope, user_id: UUID, now: datetime) -> int:
        """Revokes the keys that the user created in the organization; returns their number."""

    async def revoke_everywhere(self, scope: TenantScope, now: datetime) -> int:
        """Revokes the keys that `scope.user_id` created in any organization; returns their number."""

    async def by_hash(self, secret_hash: bytes) -> ApiKey | None:
        """An active key whose organization (and project) is not deleted, for a caller that is not known yet. Outside a transaction,
        one query.
        """

    async def touch(self, used: Mapping[UUID, datetime]) -> None:
        """Moves `last_used_at` forward. Outside a transaction."""


class Roles(Protocol):
    """The current permissions of each role. Each call is a transaction of its own."""

    async def matrix(self) -> dict[Role, frozenset[Permission]]: ...


class RoleChanges(Protocol):
    """Inside a transaction of the installation."""

    async def replace(self, role: Role, permissions: frozenset[Permission]) -> frozenset[Permission]:
        """Replaces the permissions of a role; returns the previous ones."""


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether a password is right, and whether its hash is outdated and should be replaced."""

    ok: bool
    outdated: bool = False


class PasswordHasher(Protocol):
    async def hash(self, password: str) -> str:
        """Takes a tenth of a second on purpose, in a thread. Raises Invalid for more than 72 bytes of UTF-8."""

    async def check(self, password: str, password_hash: str | None) -> Checked:
        """Always takes the same time: without a hash, or for an impossible password, a dummy hash is checked."""


class AccessTokens(Protocol):
    @property
    def life(self) -> timedelta:
        """How long a new token is valid."""

    def public_keys(self) -> list[dict[str, Any]]:
        """The public keys that verify tokens, as JWKs; empty if tokens are signed with a shared secret."""

    def mint(self, claims: Claims, now: datetime) -> str: ...

    def read(self, token: str, now: datetime) -> Claims:
        """Raises Unauthenticated, without a reason, unless the token is ours and has not expired."""


class WelcomeGift(Protocol):
    """The credits of a new organization when somebody registers."""

    async def choose(self) -> Credits:
        """The current amount. Outside a transaction."""

    async def give(self, scope: TenantScope, amount: Credits) -> None:
        """Inside the transaction that creates the organization."""


class Operators(Protocol):
    """Lists for operators, across organizations. Each call is a transaction of its own."""

    async def organizations(self, *, page: int, limit: int, after: str | None = None) -> Page[Organization]:
        """Newest first."""

    async def named(self, organization_ids: Sequence[UUID]) -> list[Organization]: ...
