"""The tokens that are issued at a sign-in."""

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
    """The client of a user. `device`: the proof of an earlier sign-in on this device, if there is one."""

    address: str = ""
    user_agent: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Without `organization`, the user belongs to none. Without `refresh_token`, the earlier one remains valid. `device` is a proof
    of this sign-in for later sign-ins on the same device.
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
    """Creates the tokens of a session: an access token that is valid for minutes, and a refresh token for the next pair."""

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
    """A new session; without an organization, it is in that of the installation."""
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
    """The organization after sign-in: that of the user's oldest active membership."""
    return next((found for held, found in belongings if held.status is MembershipStatus.ACTIVE), None)
