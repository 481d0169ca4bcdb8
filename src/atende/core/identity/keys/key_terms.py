"""Rules for the scopes, limits and expiry of API keys."""

from collections.abc import Sequence
from datetime import UTC, datetime

from atende.core.identity.api_key import PER_MINUTE, ApiKey
from atende.core.identity.permissions import FOR_KEYS, SCOPE_WORDS, Permission, permissions_of
from atende.core.kernel import Invalid, NotAllowed, checked_name

LONGEST_NAME = 100
MOST_PER_DAY = PER_MINUTE * 60 * 24


class UnknownScope(Invalid):
    """An API key cannot have this scope."""


def granted(scopes: Sequence[str], holds: frozenset[Permission]) -> list[str]:
    """The scopes to store, sorted, without duplicates. Nobody can give a key permissions that they do not have (`holds`).

    `read`, `write` and `*` mean all such permissions that the creator has; if these are not all of them, they are stored by name
    instead. Raises UnknownScope, and NotAllowed for a permission by name that the creator lacks.
    """
    if not scopes:
        raise Invalid("an API key needs at least one scope: read, write, * or names of permissions")
    found: set[str] = set()
    for scope in scopes:
        meant = permissions_of(frozenset({scope}))
        if not meant:
            raise UnknownScope(f"an API key cannot have the scope {scope[:100]!r}: use {_choice()}", scope=scope[:100])
        if meant <= holds:
            found.add(scope)
        elif scope in SCOPE_WORDS and meant & holds:
            found |= {str(one) for one in meant & holds}
        else:
            raise NotAllowed(f"you cannot give a key the permission {scope}: you do not have it", permission=scope)
    return sorted(found)


def require_held(key: ApiKey, holds: frozenset[Permission]) -> None:
    """Raises NotAllowed unless `holds` has all permissions of the key."""
    if not permissions_of(frozenset(key.scopes)) <= holds:
        raise NotAllowed("this API key has more permissions than you: ask somebody who has all of them")


def key_name(name: str) -> str:
    """The name, trimmed. Raises Invalid."""
    return checked_name(name, what="the name of an API key", longest=LONGEST_NAME)


def checked_limits(per_minute: int | None, per_day: int | None) -> None:
    """The limits of a key can only lower the general limit. Raises Invalid."""
    if per_minute is not None and not 0 < per_minute <= PER_MINUTE:
        raise Invalid(f"the limit of a key must be 1 to {PER_MINUTE:,} requests per minute")
    if per_day is not None and not 0 < per_day <= MOST_PER_DAY:
        raise Invalid(f"the limit of a key must be 1 to {MOST_PER_DAY:,} requests per day")


def checked_end(expires_at: datetime | None, now: datetime) -> datetime | None:
    """The expiry in UTC. Raises Invalid if it has passed, has no time zone, or is out of range."""
    if expires_at is None:
        return None
    if expires_at.tzinfo is None:
        raise Invalid("the expiry of a key needs a time zone, for example 2030-01-31T00:00:00Z")
    try:
        expires_at = expires_at.astimezone(UTC)
    except OverflowError:
        raise Invalid("the expiry of a key is out of range: leave it out for a key that does not expire") from None
    if expires_at <= now:
        raise Invalid("the expiry of a key must be in the future; to end it now, revoke it")
    return expires_at


def _choice() -> str:
    names = ", ".join(sorted(str(one) for one in FOR_KEYS))
    return f"read, write, * or any of {names}"
