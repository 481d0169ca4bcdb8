"""Finding a member, an invited person, or oneself."""

from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from atende.core.identity.model import Invitation, Member, User
from atende.core.identity.ports import Invitations, Memberships, Users
from atende.core.identity.principal import Principal
from atende.core.kernel import Clock, NotFound, TenantScope, Transaction, personal


@dataclass(frozen=True, slots=True, kw_only=True)
class FindPerson:
    """A member of your organization, somebody with an open invitation to it, or yourself.

    For an invited user, the id is that of the invitation. It keeps working after they have accepted.
    """

    users: Users
    memberships: Memberships
    invitations: Invitations
    transaction: Transaction
    clock: Clock

    async def __call__(self, by: Principal, user_id: UUID) -> Member | Invitation | User:
        """Raises NotFound."""
        async with self.transaction(by.scope):
            with suppress(NotFound):
                return await self.memberships.member(by.scope, user_id)
            if user_id != by.user_id:
                return await self._invited(by.scope, user_id)
        scope = personal(user_id)
        async with self.transaction(scope):
            return await self.users.get(scope, user_id)

    async def _invited(self, scope: TenantScope, invitation_id: UUID) -> Member | Invitation:
        invitation = await self.invitations.get(scope, invitation_id)
        if invitation.is_open(self.clock.now()):
            return invitation
        if invitation.accepted_by is None:
            raise NotFound("no such person")
        return await self.memberships.member(scope, invitation.accepted_by)
