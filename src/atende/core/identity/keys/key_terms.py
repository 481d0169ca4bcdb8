"""What an API key may be made for: its scopes, its own limits, its end."""

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
    """The scopes as they are stored, each once, sorted. Nobody gives a key what they do not hold themselves.

    A word (`read`, `write`, `*`) means everything of it that the maker holds: where that is less than all of it, the names of the
    permissions stand in its place. Raises UnknownScope, and NotAllowed for the name of a permission that the maker lacks.
    """
    if not scopes:
        raise Invalid("an API key needs at least one scope: read, write, * or names of permissions")
    found: set[str] = set()
    for scope in scopes:
        meant = permissions_of(frozenset({scope}))
        if not meant:
            raise UnknownScope(f"an API key cannot have the scope {scope[:100]!r}: take {_choice()}", scope=scope[:100])
        if meant <= holds:
            found.add(scope)
        elif scope in SCOPE_WORDS and meant & holds:
            found |= {str(one) for one in meant & holds}
        else:
            raise NotAllowed(f"you cannot give a key the permission {scope}, which you lack", permission=scope)
    return sorted(found)


def require_held(key: ApiKey, holds: frozenset[Permission]) -> None:
    """Raises NotAllowed unless somebody with these permissions could have made this key."""
    if not permissions_of(frozenset(key.scopes)) <= holds:
        raise NotAllowed("this API key may do more than you: somebody who holds all of its permissions must do this")


def key_name(name: str) -> str:
    """Raises Invalid."""
    return checked_name(name, what="the name of an API key", longest=LONGEST_NAME)


def checked_limits(per_minute: int | None, per_day: int | None) -> None:
    """A key's own limits only lower what it is allowed anyway. Raises Invalid."""
    if per_minute is not None and not 0 < per_minute <= PER_MINUTE:
        raise Invalid(f"a key's own limit is 1 to {PER_MINUTE:,} requests a minute")
    if per_day is not None and not 0 < per_day <= MOST_PER_DAY:
        raise Invalid(f"a key's own limit is 1 to {MOST_PER_DAY:,} requests a day")


def checked_end(expires_at: datetime | None, now: datetime) -> datetime | None:
    """In UTC. Raises Invalid for an end that has passed, and for one that no calendar has."""
    if expires_at is None:
        return None
    if expires_at.tzinfo is None:
        raise Invalid("say the time zone of the end of a key, for example 2030-01-31T00:00:00Z")
    try:
        expires_at = expires_at.astimezone(UTC)
    except OverflowError:
        raise Invalid("the end of a key is outside of the calendar: leave it out for a key without end") from None
    if expires_at <= now:
        raise Invalid("the end of a key lies in the future; to end it now, revoke it")
    return expires_at


def _choice() -> str:
    names = ", ".join(sorted(str(one) for one in FOR_KEYS))
    return f"read, write, * or any of {names}"
