"""What the identity room needs from outside."""

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
    """Inside a transaction of the person (`Scope.user_id`), or of an organization that they belong to."""

    async def add(self, user: User) -> None:
        """Raises EmailTaken; OperatorExists for an operator while there is one who can act."""

    async def get(self, scope: TenantScope, user_id: UUID) -> User:
        """Locked until the transaction ends when it is `scope.user_id`. Raises NotFound."""

    async def save(self, user: User) -> None:
        """Only in a transaction of that person; what they are on the platform stays. Raises EmailTaken when an address comes back
        that was given away meanwhile.
        """


class Memberships(Protocol):
    """Inside a transaction."""

    async def add(self, membership: Membership) -> None:
        """In a transaction of the organization and of that person. Raises AlreadyMember."""

    async def get(self, scope: TenantScope, user_id: UUID) -> Membership:
        """Raises NotFound."""

    async def save(self, membership: Membership) -> None:
        """Its role and its status. Raises NotFound."""

    async def remove(self, scope: TenantScope, user_id: UUID) -> None: ...

    async def page(self, scope: TenantScope, *, page: int, limit: int, after: str | None = None) -> Page[Member]:
        """Of the organization, who joined first first."""

    async def member(self, scope: TenantScope, user_id: UUID) -> Member:
        """Raises NotFound."""

    async def with_email(self, scope: TenantScope, email: str) -> Member | None:
        """The member of the organization who has this address."""

    async def count(self, scope: TenantScope) -> int:
        """All of the organization, those too who wait for approval."""

    async def owners(self, scope: TenantScope) -> list[UUID]:
        """Active owners. Locks the organization until the transaction ends, so that two cannot leave at once."""

    async def owned_alone(self, scope: TenantScope) -> list[UUID]:
        """Live organizations with other members whose only active owner `scope.user_id` is. Locks all of their organizations, in
        the order of their ids, until the transaction ends: owners who share several cannot leave them all at once.
        """

    async def of_user(self, scope: TenantScope) -> list[tuple[Membership, Organization]]:
        """Of `scope.user_id`, in a personal transaction: live organizations, the oldest membership first."""


class Invitations(Protocol):
    """Inside a transaction of the organization."""

    async def add(self, invitation: Invitation) -> None:
        """Raises AlreadyInvited."""

    async def get(self, scope: TenantScope, invitation_id: UUID) -> Invitation:
        """Locked until the transaction ends. Raises NotFound."""

    async def save(self, invitation: Invitation) -> None: ...

    async def open_for(self, scope: TenantScope, email: str) -> Invitation | None:
        """The pending one of this address."""

    async def page(self, scope: TenantScope, *, page: int, limit: int, after: str | None = None) -> Page[Invitation]:
        """Newest first."""

    async def count_open(self, scope: TenantScope, now: datetime) -> int:
        """Pending ones of the organization that have not expired."""


class Sessions(Protocol):
    """Inside a transaction of the person."""

    async def add(self, session: Session) -> None: ...

    async def get(self, scope: TenantScope, session_id: UUID) -> Session:
        """Locked until the transaction ends. Raises NotFound."""

    async def save(self, session: Session) -> None: ...

    async def live(self, scope: TenantScope, now: datetime) -> list[Session]:
        """Of `scope.user_id`, newest first."""

    async def revoke_all(self, scope: TenantScope, now: datetime, reason: str, *, but: UUID | None = None) -> int:
        """Of `scope.user_id`; how many."""

    async def forget(self, scope: TenantScope) -> None:
        """All of `scope.user_id` lose the addresses and the programs that they were used from."""


class People(Protocol):
    """Before anybody is known; each call a transaction of its own, through named functions of the database."""

    async def by_email(self, email: str) -> User | None:
        """The live account, else one that was deleted less than 30 days ago."""

    async def by_id(self, user_id: UUID) -> User | None: ...

    async def session(self, session_id: UUID) -> tuple[Session, User] | None: ...

    async def invitation(self, invitation_id: UUID) -> Invitation | None: ...

    async def access(self, *, user_id: UUID, session_id: UUID, organization_id: UUID) -> Access | None:
        """One query."""

    async def operators(self) -> int:
        """How many there are."""

    async def to_anonymize(self, deleted_before: datetime, limit: int) -> list[UUID]: ...


class ApiKeys(Protocol):
    """Inside a transaction, but for `by_hash` and `touch`."""

    async def add(self, key: ApiKey) -> None: ...

    async def get(self, scope: TenantScope, key_id: UUID) -> ApiKey:
        """Locked until the transaction ends. Raises NotFound."""

    async def save(self, key: ApiKey) -> None: ...

    async def page(self, scope: TenantScope, *, page: int, limit: int, after: str | None = None) -> Page[ApiKey]:
        """Newest first, dead ones too."""

    async def revoke_made_by(self, scope: TenantScope, user_id: UUID, now: datetime) -> int:
        """In the organization; how many."""

    async def revoke_everywhere(self, scope: TenantScope, now: datetime) -> int:
        """What `scope.user_id` made, in every organization; how many."""

    async def by_hash(self, secret_hash: bytes) -> ApiKey | None:
        """A live key of a live organization (and project), before its tenant is known; on a connection of its own, one query."""

    async def touch(self, used: Mapping[UUID, datetime]) -> None:
        """Moves `last_used_at` forward; on a connection of its own."""


class Roles(Protocol):
    """What each role may do now. Each call a transaction of its own; changing it is for operators."""

    async def matrix(self) -> dict[Role, frozenset[Permission]]: ...


class RoleChanges(Protocol):
    """Inside a transaction of the installation."""

    async def replace(self, role: Role, permissions: frozenset[Permission]) -> frozenset[Permission]:
        """What the role could do before."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of a password: whether it is right, and whether its hash should be made anew."""

    ok: bool
    outdated: bool = False


class PasswordHasher(Protocol):
    async def hash(self, password: str) -> str:
        """Takes a tenth of a second of work on purpose, beside the event loop. Raises Invalid beyond 72 bytes of UTF-8."""

    async def check(self, password: str, password_hash: str | None) -> Checked:
        """Always the same work: without a hash, or for a password that cannot be, it is done on a made-up one."""


class AccessTokens(Protocol):
    @property
    def life(self) -> timedelta:
        """How long a new one is good for."""

    def public_keys(self) -> list[dict[str, Any]]:
        """The keys by which anybody can check our tokens, as JWKs; none when they are signed with a shared secret."""

    def mint(self, claims: Claims, now: datetime) -> str: ...

    def read(self, token: str, now: datetime) -> Claims:
        """Raises Unauthenticated for everything but a token of ours that is still alive, without saying why."""


class WelcomeGift(Protocol):
    """What an organization starts with when somebody registers."""

    async def choose(self) -> Credits:
        """How much it is now; outside of a transaction."""

    async def give(self, scope: TenantScope, amount: Credits) -> None:
        """Part of the open transaction of the new organization."""


class Operators(Protocol):
    """Of an operator, across organizations; each call a transaction of its own."""

    async def organizations(self, *, page: int, limit: int, after: str | None = None) -> Page[Organization]:
        """Newest first."""

    async def named(self, organization_ids: Sequence[UUID]) -> list[Organization]: ...
