"""Acting in another organization or project than the one of the access token."""

from dataclasses import dataclass, replace
from uuid import UUID

from atende.core.identity.model import MembershipStatus
from atende.core.identity.ports import Memberships, People
from atende.core.identity.principal import Principal
from atende.core.kernel import Invalid, NotAllowed, NotFound, TenantScope, Transaction, personal
from atende.core.tenancy.model import Project
from atende.core.tenancy.ports import Projects

NO_SESSION = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActIn:
    """A user can act in every organization of which they are a member, with their role there; an API key in its own.

    All others are reported as not found.
    """

    people: People
    memberships: Memberships
    projects: Projects
    transaction: Transaction

    async def organization(self, by: Principal, organization_id: UUID, *, waiting: bool = False) -> Principal:
        """The caller in this organization; with `waiting`, also if their membership waits for approval, without permissions there.

        Raises NotFound.
        """
        if by.user_id is None:
            if organization_id == by.organization_id:
                return by
            raise NotFound("no such organization")
        if organization_id == by.organization_id and by.role is not None:
            return by
        access = await self.people.access(
            user_id=by.user_id, session_id=by.session_id or NO_SESSION, organization_id=organization_id
        )
        status = None if access is None else access.membership_status
        inside = status is MembershipStatus.ACTIVE or (waiting and status is MembershipStatus.PENDING)
        if access is None or access.role is None or not inside:
            raise NotFound("no such organization")
        return replace(
            by, organization_id=organization_id, project_id=None, role=access.role, permissions=access.granted()
        )

    async def chosen(self, by: Principal, organization_id: UUID | None) -> Principal:
        """The organization for a new project: the one with this id, else the caller's current one, else their oldest one.

        Raises NotFound, NotAllowed for a key of one project, Invalid for a user without an organization.
        """
        if by.bound:
            raise NotAllowed("this API key is limited to one project and cannot create others")
        if organization_id is not None:
            return await self.organization(by, organization_id)
        if by.user_id is None or by.role is not None:
            return by
        scope = personal(by.user_id)
        async with self.transaction(scope):
            held = [one for one, _ in await self.memberships.of_user(scope)]
        oldest = next((one for one in held if one.status is MembershipStatus.ACTIVE), None)
        if oldest is None:
            raise Invalid("you belong to no organization: create one first")
        return await self.organization(by, oldest.organization_id)

    async def project(self, by: Principal, project_id: UUID) -> tuple[Principal, Project]:
        """The caller in the organization of this project, and the project, which may be deleted. Raises NotFound."""
        if by.bound and project_id != by.project_id:
            raise NotFound("no such project")
        sight = TenantScope(by.organization_id) if by.user_id is None else personal(by.user_id)
        async with self.transaction(sight):
            project = await self.projects.get(sight, project_id, deleted=True)
        return await self.organization(by, project.organization_id), project
