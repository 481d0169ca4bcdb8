"""Requesting links by mail, and using them."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from atende.core.audit.model import Actor, ActorKind, Event
from atende.core.audit.ports import AuditLog
from atende.core.identity.accounts.login_limits import LoginLimits
from atende.core.identity.accounts.passwords import require_good_password
from atende.core.identity.accounts.tokens import Client
from atende.core.identity.model import LinkNotValid, User
from atende.core.identity.names import clean_email
from atende.core.identity.ports import ApiKeys, Memberships, PasswordHasher, People, Sessions, Users
from atende.core.identity.signed_tokens import Link, Links, Purpose, state_for
from atende.core.kernel import PLATFORM, Clock, Ids, TenantScope, Transaction, personal
from atende.core.mail.model import MAIL
from atende.core.work.model import NewJob
from atende.core.work.ports import Jobs

RESET = "password_reset"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestMail:
    """Sends a mail with a link, if there is an account with this address that needs one.

    The response and its timing are the same for every address.
    """

    people: People
    jobs: Jobs
    limits: LoginLimits
    audit: AuditLog
    transaction: Transaction
    ids: Ids

    async def to_reset(self, email: str, client: Client) -> None:
        """A link to set a new password. Raises Invalid, EndpointRateLimitExceeded."""
        await self._request(email, client, kind="reset", of_use=lambda user: user.may_sign_in)

    async def to_verify(self, email: str, client: Client) -> None:
        """A link to confirm the address. Raises Invalid, EndpointRateLimitExceeded."""
        await self._request(
            email, client, kind="verify", of_use=lambda user: user.may_sign_in and user.email_verified_at is None
        )

    async def _request(self, email: str, client: Client, *, kind: str, of_use: Callable[[User], bool]) -> None:
        email = clean_email(email)
        await self.limits.check_mail(email, client, kind=kind)
        user = await self.people.by_email(email)
        subject, scope = user.id if user and of_use(user) else self.ids.new(), PLATFORM.scope
        async with self.transaction(scope):
            await self.jobs.put(scope, NewJob(kind=MAIL, payload={"kind": kind, "id": str(subject), "sent": "1"}))
            event = Event(action=f"mail.request_{kind}", resource_type="user", resource_id=str(subject))
            await self.audit.add(scope, event)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyEmail:
    """Confirms an e-mail address with the token from the link in a mail. The link works once."""

    people: People
    users: Users
    links: Links
    limits: LoginLimits
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(self, token: str, client: Client) -> None:
        """Raises LinkNotValid, EndpointRateLimitExceeded."""
        await self.limits.check_link(client)
        link, now = self.links.read(token), self.clock.now()
        scope = personal((await _named(self.people, link)).id)
        async with self.transaction(scope):
            user = await self.users.get(scope, link.subject)
            if not user.may_sign_in:
                raise LinkNotValid
            self.links.check(link, Purpose.VERIFY_EMAIL, state=state_for(Purpose.VERIFY_EMAIL, user), now=now)
            user.verify_email(now)
            await self.users.save(user)
            await self.audit.add(scope, _event("user.verify_email", user))


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetPassword:
    """Sets a new password with the token from the link in a mail. All sessions end, and a mail confirms the change.

    If the address was not confirmed before, somebody else may have created the account: API keys created in it are revoked.
    """

    people: People
    users: Users
    memberships: Memberships
    sessions: Sessions
    keys: ApiKeys
    links: Links
    passwords: PasswordHasher
    jobs: Jobs
    limits: LoginLimits
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(self, token: str, password: str, client: Client) -> None:
        """Raises LinkNotValid, PasswordRefused, EndpointRateLimitExceeded."""
        await self.limits.check_link(client)
        link = self.links.read(token)
        user = await _named(self.people, link)
        self._check(link, user)  # before hashing, which is slow on purpose
        require_good_password(password, email=user.email)
        password_hash = await self.passwords.hash(password)
        if user.email_verified_at is None:
            await self._revoke_keys(user.id)  # first, so that the link still works if the process stops here
        scope, now = personal(user.id), self.clock.now()
        async with self.transaction(scope):
            user = await self.users.get(scope, user.id)
            self._check(link, user)
            user.change_password(password_hash, now)
            user.verify_email(now)  # the link was sent to this address
            await self.users.save(user)
            await self.sessions.revoke_all(scope, now, RESET)
            told = {"kind": "password_changed", "id": str(user.id), "sent": "1"}
            await self.jobs.put(scope, NewJob(kind=MAIL, payload=told))
            await self.audit.add(scope, _event("user.reset_password", user))

    async def _revoke_keys(self, user_id: UUID) -> None:
        async with self.transaction(personal(user_id)):
            places = [found for _, found in await self.memberships.of_user(personal(user_id))]
        for place in places:
            scope = TenantScope(place.id, user_id=user_id)
            async with self.transaction(scope):
                await self.keys.revoke_made_by(scope, user_id, self.clock.now())

    def _check(self, link: Link, user: User) -> None:
        if not user.may_sign_in:
            raise LinkNotValid
        state = state_for(Purpose.RESET_PASSWORD, user)
        self.links.check(link, Purpose.RESET_PASSWORD, state=state, now=self.clock.now())


async def _named(people: People, link: Link) -> User:
    user = await people.by_id(link.subject)
    if user is None:
        raise LinkNotValid
    return user


def _event(action: str, user: User) -> Event:
    return Event(action=action, resource_type="user", resource_id=str(user.id), actor=Actor(ActorKind.USER, user.id))
