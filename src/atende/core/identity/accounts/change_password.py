"""Changing the password with the current one."""

from dataclasses import dataclass

from atende.core.audit.model import Event
from atende.core.audit.ports import AuditLog
from atende.core.identity.accounts.login_limits import LoginLimits
from atende.core.identity.accounts.passwords import require_good_password
from atende.core.identity.accounts.sign_out import person
from atende.core.identity.accounts.tokens import Client, IssueTokens, SignedIn
from atende.core.identity.model import User, rotated
from atende.core.identity.ports import Memberships, PasswordHasher, People, Sessions, Users
from atende.core.identity.principal import Principal
from atende.core.kernel import Clock, NotAllowed, Transaction, Unauthenticated, personal
from atende.core.mail.model import MAIL
from atende.core.work.model import NewJob
from atende.core.work.ports import Jobs

CHANGED = "password_changed"


class WrongPassword(NotAllowed):
    """This is not your current password."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmPassword:
    """Checks the password of a signed-in user. Attempts are limited as for signing in."""

    people: People
    passwords: PasswordHasher
    limits: LoginLimits
    clock: Clock

    async def __call__(self, by: Principal, password: str, client: Client) -> User:
        """The user at the time of the check. Raises WrongPassword, EndpointRateLimitExceeded."""
        user = await self.people.by_id(person(by))
        if user is None:
            raise Unauthenticated("sign in again")
        await self.limits.check(user.email, client, now=self.clock.now())
        if not (await self.passwords.check(password, user.password_hash)).ok:
            raise WrongPassword
        return user


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePassword:
    """Replaces your password. All other sessions end; this one continues with the returned tokens. A mail confirms the change."""

    confirm: ConfirmPassword
    users: Users
    memberships: Memberships
    sessions: Sessions
    passwords: PasswordHasher
    tokens: IssueTokens
    jobs: Jobs
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(self, by: Principal, *, current: str, new: str, client: Client) -> SignedIn:
        """Raises WrongPassword, PasswordRefused, EndpointRateLimitExceeded."""
        seen = await self.confirm(by, current, client)
        require_good_password(new, email=seen.email)
        password_hash = await self.passwords.hash(new)
        scope, now = personal(seen.id), self.clock.now()
        assert by.session_id is not None, "a person has a session"
        async with self.transaction(scope):
            user = await self.users.get(scope, seen.id)
            session = await self.sessions.get(scope, by.session_id)
            if user.password_hash != seen.password_hash or not session.is_live(now):
                raise Unauthenticated("your account has changed meanwhile: sign in again")
            user.change_password(password_hash, now)
            await self.users.save(user)
            session = rotated(session, now)
            await self.sessions.save(session)
            await self.sessions.revoke_all(scope, now, CHANGED, but=session.id)
            told = {"kind": "password_changed", "id": str(user.id), "sent": "1"}
            await self.jobs.put(scope, NewJob(kind=MAIL, payload=told))
            belongings = await self.memberships.of_user(scope)
            event = Event(action="user.change_password", resource_type="user", resource_id=str(user.id))
            await self.audit.add(scope, event)
        organization = next((one for _, one in belongings if one.id == session.organization_id), None)
        return self.tokens(user, session, now, organization=organization)
