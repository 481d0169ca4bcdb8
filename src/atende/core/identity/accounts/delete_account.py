"""Deleting an account, and anonymizing it after 30 days."""

from dataclasses import dataclass
from uuid import UUID

from atende.core.audit.model import SYSTEM, Event
from atende.core.audit.ports import AuditLog
from atende.core.identity.accounts.change_password import ConfirmPassword
from atende.core.identity.accounts.tokens import Client
from atende.core.identity.model import UNDO, LastOwner
from atende.core.identity.ports import ApiKeys, Memberships, People, Sessions, Users
from atende.core.identity.principal import Principal
from atende.core.kernel import Clock, InvalidState, TenantScope, Transaction, Unauthenticated, personal

DELETED = "account_deleted"
_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteAccount:
    """Deletes your account after checking your password. Your sessions end and your API keys stop working at once.

    For 30 days you can restore the account with e-mail address and password; after that your personal data is removed. The
    only owner of an organization with other members must make somebody else an owner first.
    """

    confirm: ConfirmPassword
    users: Users
    memberships: Memberships
    sessions: Sessions
    keys: ApiKeys
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(self, by: Principal, password: str, client: Client) -> None:
        """Raises WrongPassword, LastOwner, EndpointRateLimitExceeded."""
        seen = await self.confirm(by, password, client)
        scope, now = personal(seen.id), self.clock.now()
        async with self.transaction(scope):
            # First, because it locks the organizations: of two owners who leave at the same time, one waits here.
            alone = await self.memberships.owned_alone(scope)
            if alone:
                raise LastOwner(organization_id=str(alone[0]))
            user = await self.users.get(scope, seen.id)
            if user.password_hash != seen.password_hash or not user.may_sign_in:
                raise Unauthenticated("your account has changed meanwhile: sign in again")
            user.delete(now)
            await self.users.save(user)
            await self.keys.revoke_everywhere(scope, now)
            await self.sessions.revoke_all(scope, now, DELETED)
            event = Event(action="user.delete", resource_type="user", resource_id=str(user.id))
            await self.audit.add(scope, event)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnonymizeUsers:
    """Removes the personal data of accounts that were deleted 30 days ago. Their ids stay, because records refer to them."""

    people: People
    users: Users
    memberships: Memberships
    sessions: Sessions
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(self) -> int:
        """One round, the longest deleted first. Returns the number of anonymized accounts."""
        due = await self.people.to_anonymize(self.clock.now() - UNDO, _AT_ONCE)
        return sum([await self._anonymize(user_id) for user_id in due])

    async def _anonymize(self, user_id: UUID) -> bool:
        scope, now = personal(user_id), self.clock.now()
        async with self.transaction(scope):
            places = [found for _, found in await self.memberships.of_user(scope)]
        for place in places:
            away = TenantScope(place.id, user_id=user_id)
            async with self.transaction(away):
                await self.memberships.remove(away, user_id)
        async with self.transaction(scope):
            user = await self.users.get(scope, user_id)
            try:
                user.anonymize(now)
            except InvalidState:  # it was restored meanwhile
                return False
            await self.users.save(user)
            await self.sessions.forget(scope)
            event = Event(action="user.anonymize", resource_type="user", resource_id=str(user_id), actor=SYSTEM)
            await self.audit.add(scope, event)
        return True
