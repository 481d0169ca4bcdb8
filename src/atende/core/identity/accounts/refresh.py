"""Exchanging a refresh token for a new pair of tokens."""

from dataclasses import dataclass
from datetime import datetime

from atende.core.audit.model import Actor, ActorKind, AuditStatus, Event
from atende.core.audit.ports import AuditLog
from atende.core.identity.accounts.tokens import Client, IssueTokens, SignedIn
from atende.core.identity.model import Session, rotated, within_grace
from atende.core.identity.ports import Memberships, People, Sessions, Users
from atende.core.identity.signed_tokens import RefreshTokens
from atende.core.kernel import Clock, TenantScope, Transaction, Unauthenticated, personal
from atende.core.mail.model import MAIL
from atende.core.work.model import NewJob
from atende.core.work.ports import Jobs

REUSED = "reused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh:
    """Exchanges a refresh token, from the body or the cookie, for a new pair of tokens. Each refresh token works once.

    If a response is lost, the same client can repeat the call within 10 seconds and gets the same tokens. The use of an older
    token means that it was stolen: the session ends, and its user is told by mail. Sessions end after 7 days without use, and
    after 30 days in any case.
    """

    people: People
    users: Users
    memberships: Memberships
    sessions: Sessions
    refresh_tokens: RefreshTokens
    tokens: IssueTokens
    jobs: Jobs
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(self, token: str, client: Client) -> SignedIn:
        """Raises Unauthenticated."""
        session_id, generation = self.refresh_tokens.read(token)
        found = await self.people.session(session_id)
        if found is None:
            raise _refused()
        scope, now = personal(found[1].id), self.clock.now()
        async with self.transaction(scope):
            user = await self.users.get(scope, found[1].id)
            session = await self.sessions.get(scope, session_id)
            if not user.may_sign_in or not session.is_live(now):
                raise _refused()
            session = await self._next(scope, session, generation, client=client, now=now)
            belongings = await self.memberships.of_user(scope)
        if session.revoked_at is not None:
            raise _refused()
        organization = next((one for _, one in belongings if one.id == session.organization_id), None)
        return self.tokens(user, session, now, organization=organization)

    async def _next(
        self, scope: TenantScope, session: Session, generation: int, *, client: Client, now: datetime
    ) -> Session:
        """The session after the use of this token: rotated, unchanged (a repetition) or revoked (reuse). It is locked."""
        agent = client.user_agent[:500]
        if generation == session.generation:
            session = rotated(session, now)
            session.user_agent, session.ip_address = agent, client.address[:64]
            await self.sessions.save(session)
            await self.audit.add(scope, _event("session.refresh", session))
        elif within_grace(session, generation, user_agent=agent, now=now):
            await self.audit.add(scope, _event("session.refresh", session))
        else:
            session.revoke(now, REUSED)
            await self.sessions.save(session)
            told = {"kind": "session_reused", "id": str(session.user_id), "sent": "1"}
            await self.jobs.put(scope, NewJob(kind=MAIL, payload=told))
            await self.audit.add(scope, _event("session.reuse", session, status=AuditStatus.FAILURE))
        return session


def _refused() -> Unauthenticated:
    return Unauthenticated("this refresh token is not valid any more: sign in again")


def _event(action: str, session: Session, *, status: AuditStatus = AuditStatus.SUCCESS) -> Event:
    return Event(
        action=action,
        resource_type="session",
        resource_id=str(session.id),
        status=status,
        error="an old refresh token was used" if status is AuditStatus.FAILURE else "",
        actor=Actor(ActorKind.USER, session.user_id),
    )
