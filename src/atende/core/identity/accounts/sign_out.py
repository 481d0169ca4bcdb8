"""Listing and ending sessions."""

from dataclasses import dataclass
from uuid import UUID

from atende.core.audit.model import Event
from atende.core.audit.ports import AuditLog
from atende.core.identity.model import Session
from atende.core.identity.ports import Sessions, Users
from atende.core.identity.principal import Principal
from atende.core.kernel import Clock, NotAllowed, Transaction, personal

SIGNED_OUT = "signed_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSessions:
    """Your sessions, newest first, with the device and address of each."""

    sessions: Sessions
    transaction: Transaction
    clock: Clock

    async def __call__(self, by: Principal) -> list[Session]:
        scope = personal(person(by))
        async with self.transaction(scope):
            return await self.sessions.live(scope, self.clock.now())


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOut:
    """Ends one session: its refresh token is void at once, its access token within 5 seconds."""

    sessions: Sessions
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(self, by: Principal, session_id: UUID | None = None) -> None:
        """Idempotent. Raises NotFound."""
        scope, wanted = personal(person(by)), session_id or by.session_id
        assert wanted is not None, "a person has a session"
        async with self.transaction(scope):
            session = await self.sessions.get(scope, wanted)
            session.revoke(self.clock.now(), SIGNED_OUT)
            await self.sessions.save(session)
            event = Event(action="session.revoke", resource_type="session", resource_id=str(session.id))
            await self.audit.add(scope, event)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOutEverywhere:
    """Ends all of your sessions, including this one. Access tokens stop working within 5 seconds."""

    users: Users
    sessions: Sessions
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(self, by: Principal) -> int:
        """Returns the number of ended sessions."""
        scope, now = personal(person(by)), self.clock.now()
        async with self.transaction(scope):
            user = await self.users.get(scope, person(by))
            user.session_version += 1
            user.updated_at = now
            await self.users.save(user)
            ended = await self.sessions.revoke_all(scope, now, SIGNED_OUT)
            event = Event(action="user.logout_all", resource_type="user", resource_id=str(user.id))
            await self.audit.add(scope, event)
        return ended


def person(by: Principal) -> UUID:
    """The id of the calling user. Raises NotAllowed for an API key."""
    if by.user_id is None:
        raise NotAllowed("API keys have no account: sign in as a user")
    return by.user_id
