"""Exporting all data about a user."""

from dataclasses import dataclass

from atende.core.audit.model import Filter, Record
from atende.core.audit.ports import AuditTrail
from atende.core.identity.accounts.sign_out import person
from atende.core.identity.api_key import ApiKey
from atende.core.identity.model import Membership, Session, User
from atende.core.identity.ports import ApiKeys, Memberships, Sessions, Users
from atende.core.identity.principal import Principal
from atende.core.kernel import Clock, TenantScope, Transaction, personal
from atende.core.tenancy.model import Organization

_PAGE, _MOST = 100, 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """`activity`: the user's audit records, newest first in each organization."""

    user: User
    memberships: list[tuple[Membership, Organization]]
    sessions: list[Session]
    api_keys: list[ApiKey]
    activity: list[Record]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportAccount:
    """All data about you: your account, organizations, sessions, the API keys that you created, and your recorded actions."""

    users: Users
    memberships: Memberships
    sessions: Sessions
    keys: ApiKeys
    trail: AuditTrail
    transaction: Transaction
    clock: Clock

    async def __call__(self, by: Principal) -> Exported:
        """With up to 10,000 audit records per organization."""
        scope = personal(person(by))
        async with self.transaction(scope):
            user = await self.users.get(scope, person(by))
            places = await self.memberships.of_user(scope)
            sessions = await self.sessions.live(scope, self.clock.now())
            activity = await self._activity(scope)
        keys: list[ApiKey] = []
        for _, place in places:
            inside = TenantScope(place.id, user_id=user.id)
            async with self.transaction(inside):
                keys += await self._keys(inside)
                activity += await self._activity(inside)
        return Exported(user=user, memberships=places, sessions=sessions, api_keys=keys, activity=activity)

    async def _keys(self, scope: TenantScope) -> list[ApiKey]:
        found, page = [], await self.keys.page(scope, page=1, limit=_PAGE)
        while True:
            found += [key for key in page.data if key.created_by == scope.user_id]
            if page.next is None:
                return found
            page = await self.keys.page(scope, page=page.page + 1, limit=_PAGE, after=page.next)

    async def _activity(self, scope: TenantScope) -> list[Record]:
        wanted = Filter(actor_id=scope.user_id)
        page = await self.trail.page(scope, wanted, page=1, limit=_PAGE)
        found = list(page.data)
        while page.next is not None and len(found) < _MOST:
            page = await self.trail.page(scope, wanted, page=page.page + 1, limit=_PAGE, after=page.next)
            found += page.data
        return found
