"""Signing in with e-mail address and password."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from atende.core.audit.model import ANONYMOUS, Actor, ActorKind, AuditStatus, Event
from atende.core.audit.ports import AuditLog
from atende.core.identity.accounts.login_limits import LoginLimits
from atende.core.identity.accounts.policy import AccountPolicy
from atende.core.identity.accounts.tokens import Client, IssueTokens, SignedIn, home, opened
from atende.core.identity.model import NotVerified, User, UserStatus, WrongCredentials
from atende.core.identity.names import clean_email
from atende.core.identity.ports import Memberships, PasswordHasher, People, Sessions, Users
from atende.core.kernel import PLATFORM, Clock, Ids, Invalid, Transaction, personal


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """Exchanges e-mail address and password for an access token and a refresh token.

    An unknown address, a wrong password and a suspended or deleted account get the same response after the same time.
    Attempts are limited by address and by account; a known device is counted separately, so that others cannot lock its user
    out. The refresh token is also set as a cookie that scripts cannot read.
    """

    people: People
    users: Users
    memberships: Memberships
    sessions: Sessions
    passwords: PasswordHasher
    tokens: IssueTokens
    limits: LoginLimits
    audit: AuditLog
    transaction: Transaction
    clock: Clock
    ids: Ids
    policy: AccountPolicy

    async def __call__(self, email: str, password: str, client: Client) -> SignedIn:
        """Raises WrongCredentials, NotVerified, EndpointRateLimitExceeded."""
        return await self._enter(email, password, client, admits=lambda user: user.may_sign_in)

    async def restoring(self, email: str, password: str, client: Client) -> SignedIn:
        """Signs in to an account that was deleted less than 30 days ago, and restores it. All rules of signing in apply."""
        return await self._enter(email, password, client, admits=lambda user: user.status is UserStatus.DELETED)

    async def _enter(self, email: str, password: str, client: Client, *, admits: Callable[[User], bool]) -> SignedIn:
        now, email = self.clock.now(), _normalised(email)
        await self.limits.check(email, client, now=now)
        user = await self.people.by_email(email)
        checked = await self.passwords.check(password, user.password_hash if user else None)
        if user is None or not checked.ok or not admits(user):
            await self._refuse(user)
            raise WrongCredentials
        if self.policy.verified_only and user.email_verified_at is None:
            await self._refuse(user)
            raise NotVerified
        renewed = await self.passwords.hash(password) if checked.outdated else None
        return await self._open(user, client, now, renewed=renewed)

    async def _open(self, seen: User, client: Client, now: datetime, *, renewed: str | None) -> SignedIn:
        scope = personal(seen.id)
        async with self.transaction(scope):
            user = await self.users.get(scope, seen.id)
            if (user.status, user.password_hash) != (seen.status, seen.password_hash):
                raise WrongCredentials  # it changed while the password was being checked
            restored = user.status is UserStatus.DELETED
            if restored:
                user.restore(now)
            user.last_login_at = now
            user.password_hash = renewed or user.password_hash
            await self.users.save(user)
            organization = home(await self.memberships.of_user(scope))
            session = opened(
                self.ids.new(), user, client, now, organization_id=organization.id if organization else None
            )
            await self.sessions.add(session)
            event = Event(
                action="user.restore" if restored else "user.login",
                resource_type="user",
                resource_id=str(user.id),
                actor=Actor(ActorKind.USER, user.id),
            )
            await self.audit.add(scope, event)
        device = self.limits.remember(user.email, now=now)
        return self.tokens(user, session, now, organization=organization, device=device)

    async def _refuse(self, user: User | None) -> None:
        event = Event(
            action="user.login",
            resource_type="user",
            resource_id=str(user.id) if user else "unknown",
            status=AuditStatus.FAILURE,
            error="refused",
            actor=ANONYMOUS,
        )
        async with self.transaction(PLATFORM.scope):
            await self.audit.add(PLATFORM.scope, event)


def _normalised(email: str) -> str:
    """Invalid addresses are not refused here, so that they are handled like unknown ones."""
    try:
        return clean_email(email)
    except Invalid:
        return email.strip().lower()[:255]
