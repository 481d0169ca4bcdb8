"""What somebody who signed in goes away with."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from atende.core.identity.model import REFRESH_LIFE, SESSION_LIFE, Membership, MembershipStatus, Session, User
from atende.core.identity.ports import AccessTokens
from atende.core.identity.principal import Claims
from atende.core.identity.signed_tokens import RefreshTokens
from atende.core.kernel import PLATFORM
from atende.core.tenancy.model import Organization


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The program in front of a person. `device`: the proof of an earlier sign-in on it, if it kept one."""

    address: str = ""
    user_agent: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """`organization` None: the person belongs to none. `refresh_token` None: the one that they have goes on. `device`: a proof of
    this sign-in, for the next one on the same device.
    """

    user: User
    session: Session
    organization: Organization | None
    access_token: str
    refresh_token: str | None
    expires_in: int
    device: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueTokens:
    """Tokens of a session. The access token lives for minutes; the refresh token is worth one more pair."""

    access: AccessTokens
    refresh: RefreshTokens

    def __call__(
        self,
        user: User,
        session: Session,
        now: datetime,
        *,
        organization: Organization | None = None,
        refreshing: bool = True,
        device: str = "",
    ) -> SignedIn:
        claims = Claims(
            user_id=user.id,
            session_id=session.id,
            session_version=user.session_version,
            organization_id=session.organization_id,
            project_id=session.project_id,
        )
        return SignedIn(
            user=user,
            session=session,
            organization=organization,
            access_token=self.access.mint(claims, now),
            refresh_token=self.refresh.make(session) if refreshing else None,
            expires_in=int(self.access.life.total_seconds()),
            device=device,
        )


def opened(session_id: UUID, user: User, client: Client, now: datetime, *, organization_id: UUID | None) -> Session:
    """A new session; without an organization it is in the installation's."""
    return Session(
        id=session_id,
        user_id=user.id,
        organization_id=organization_id or PLATFORM.organization_id,
        created_at=now,
        rotated_at=now,
        expires_at=now + SESSION_LIFE,
        idle_until=now + REFRESH_LIFE,
        user_agent=client.user_agent[:500],
        ip_address=client.address[:64],
    )


def home(belongings: list[tuple[Membership, Organization]]) -> Organization | None:
    """Where somebody who signs in finds themselves: the organization that they have been in for longest."""
    return next((found for held, found in belongings if held.status is MembershipStatus.ACTIVE), None)
