"""Reading and updating one's own account."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from atende.core.audit.model import Event, snapshot
from atende.core.audit.ports import AuditLog
from atende.core.identity.accounts.sign_out import person
from atende.core.identity.model import User
from atende.core.identity.names import first_and_last
from atende.core.identity.ports import Users
from atende.core.identity.principal import Principal
from atende.core.kernel import Clock, Transaction, personal

_SHOWN = ("first_name", "last_name", "avatar_url", "phone", "preferences")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadProfile:
    """Your account: all that is stored about you except the password."""

    users: Users
    transaction: Transaction

    async def __call__(self, by: Principal) -> User:
        scope = personal(person(by))
        async with self.transaction(scope):
            return await self.users.get(scope, person(by))


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateProfile:
    """Changes your account; fields that are left out stay. `name` is split at its first space; `firstName` and `lastName` take
    precedence over it.
    """

    users: Users
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(self, by: Principal, wanted: Mapping[str, Any]) -> User:
        """`wanted`: any of name, first_name, last_name, avatar_url, phone, preferences. Raises Invalid."""
        scope = personal(person(by))
        async with self.transaction(scope):
            user = await self.users.get(scope, person(by))
            old = snapshot(user, *_SHOWN)
            _apply(user, wanted)
            user.updated_at = self.clock.now()
            await self.users.save(user)
            event = Event(
                action="user.update",
                resource_type="user",
                resource_id=str(user.id),
                old=old,
                new=snapshot(user, *_SHOWN),
            )
            await self.audit.add(scope, event)
        return user


def _apply(user: User, wanted: Mapping[str, Any]) -> None:
    changes = dict(wanted)
    if "name" in changes:
        parts = first_and_last(changes.pop("name"), changes.get("first_name"), changes.get("last_name"))
        changes |= dict(zip(("first_name", "last_name"), parts, strict=True))
    unknown = set(changes) - set(_SHOWN)
    assert not unknown, "users can change only these fields of their account"
    for name, value in changes.items():
        setattr(user, name, value.strip(" ") if isinstance(value, str) else value)
    user.__post_init__()
