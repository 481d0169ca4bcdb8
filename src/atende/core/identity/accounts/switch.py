"""Switching to another organization or project."""

from dataclasses import dataclass
from uuid import UUID

from atende.core.audit.model import Event
from atende.core.audit.ports import AuditLog
from atende.core.identity.accounts.sign_out import person
from atende.core.identity.accounts.tokens import IssueTokens, SignedIn
from atende.core.identity.model import MembershipStatus
from atende.core.identity.ports import Memberships, Sessions, Users
from atende.core.identity.principal import Principal
from atende.core.kernel import Clock, NotFound, TenantScope, Transaction, Unauthenticated, personal
from atende.core.tenancy.model import Organization
from atende.core.tenancy.ports import Projects


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """Switches your session to another organization or project, with a new access token. The refresh token continues, and leads
    to the same place from then on.

    A project implies its organization; an organization without a project means all of its projects. Without access to them
    the response is 404.
    """

    users: Users
    memberships: Memberships
    sessions: Sessions
    projects: Projects
    tokens: IssueTokens
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(self, by: Principal, *, organization_id: UUID | None, project_id: UUID | None) -> SignedIn:
        """Raises NotFound."""
        scope, now = personal(person(by)), self.clock.now()
        assert by.session_id is not None, "a person has a session"
        async with self.transaction(scope):
            user = await self.users.get(scope, person(by))
            session = await self.sessions.get(scope, by.session_id)
            if not session.is_live(now):
                raise Unauthenticated("sign in again")
            wanted = organization_id or by.organization_id
            if project_id is not None:
                project = await self.projects.get(scope, project_id)
                if organization_id not in {None, project.organization_id}:
                    raise NotFound("no such project")
                wanted = project.organization_id
            organization = await self._organization(scope, wanted)
            session.organization_id, session.project_id = organization.id, project_id
            await self.sessions.save(session)
            event = Event(
                action="session.switch",
                resource_type="session",
                resource_id=str(session.id),
                new={"organization_id": str(organization.id), "project_id": str(project_id or "")},
            )
            await self.audit.add(scope, event)
        return self.tokens(user, session, now, organization=organization, refreshing=False)

    async def _organization(self, scope: TenantScope, wanted: UUID) -> Organization:
        for held, found in await self.memberships.of_user(scope):
            if found.id == wanted and held.status is MembershipStatus.ACTIVE:
                return found
        raise NotFound("no such organization")
