"""Who can give which role to whom, and which permissions a role can have."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from atende.core.identity.model import LastOwner
from atende.core.identity.permissions import FOR_KEYS, FOR_PEOPLE, PLATFORM, ROLE_ALIASES, Permission, Role
from atende.core.kernel import Invalid, NotAllowed

EVERYBODY_KEEPS = frozenset({Permission.ORGANIZATION_READ, Permission.PROJECTS_READ})
OWNER_KEEPS = frozenset(
    one for one in Permission if one.resource in {"organization", "members", "keys", "projects", "billing"}
)
"""Permissions that owners always keep, because an organization could not be managed or handed over without them."""
_OF_ROLES = (FOR_KEYS | FOR_PEOPLE) - PLATFORM - {Permission.SELF}


class RoleTooHigh(NotAllowed):
    """You cannot give a role above your own, or change somebody above you: ask an owner."""


def role_named(text: str) -> Role:
    """The role with this name or alias. Raises Invalid."""
    name = text.strip().lower()
    try:
        return Role(ROLE_ALIASES.get(name, name))
    except ValueError:
        raise Invalid(f"there is no role {text!r}; the roles are: {', '.join(Role)}") from None


def require_rank(own: Role, *roles: Role) -> None:
    """Raises RoleTooHigh if one of these roles is above `own`. So only owners can make somebody an owner."""
    order = list(Role)
    if any(order.index(role) < order.index(own) for role in roles):
        raise RoleTooHigh


def require_other_owner(owners: Sequence[UUID], leaving: UUID) -> None:
    """Raises LastOwner if no other owner remains."""
    if set(owners) <= {leaving}:
        raise LastOwner


def sound(role: Role, names: Iterable[str]) -> frozenset[Permission]:
    """Checked permissions for a role. Raises Invalid for permissions that no role can have, and if required ones are missing."""
    wanted = frozenset(names)
    unknown = sorted(wanted - set(_OF_ROLES))
    if unknown:
        raise Invalid(f"no role can have these permissions: {', '.join(unknown)}", unknown=unknown)
    permissions = frozenset(Permission(one) for one in wanted)
    kept = EVERYBODY_KEEPS | (OWNER_KEEPS if role is Role.OWNER else frozenset())
    missing = sorted(kept - permissions)
    if missing:
        raise Invalid(f"the role {role} must keep these permissions: {', '.join(missing)}", missing=missing)
    return permissions
