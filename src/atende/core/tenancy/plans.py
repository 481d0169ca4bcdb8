"""Plans: what an organization may use, and how much of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor, isfinite
from typing import Any
from uuid import UUID

from atende.core.kernel import Invalid, NotAllowed

FREE = "free"
UNLIMITED = -1
PROJECTS, SEATS = "max_projects", "max_team_members"


class PlanLimitReached(NotAllowed):
    """The plan's limit is reached: choose a larger plan, or ask the operator for a higher limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Prices are in cents; -1 in `limits` means no limit; a feature that is missing in `features` is off."""

    slug: str
    name: str
    price_monthly: int
    price_yearly: int
    currency: str
    credits_per_month: int
    limits: Mapping[str, Any]
    features: Mapping[str, bool]
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What applies to one organization: the limits and features of its plan, with its custom limits taking precedence."""

    organization_id: UUID
    plan: str
    limits: Mapping[str, Any]
    features: Mapping[str, bool]
    custom: frozenset[str] = frozenset()
    """Names of the limits that were set for this organization."""

    def cap(self, name: str) -> float | None:
        """The value of a limit; None for no limit, or for one that the plan does not have. Raises Invalid if it is not a number."""
        value = self.limits.get(name, UNLIMITED)
        if value in {UNLIMITED, "unlimited"}:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Invalid(f"the limit {name} is not a number: {value!r}")
        return value

    def whole(self, name: str) -> int | None:
        """The limit rounded down to a whole number, or None."""
        cap = self.cap(name)
        return None if cap is None else floor(cap)

    def has(self, feature: str) -> bool:
        return bool(self.features.get(feature, False))

    def require_room(self, name: str, used: int) -> None:
        """Raises PlanLimitReached if `used` is at the limit already."""
        cap = self.whole(name)
        if cap is not None and used >= cap:
            raise PlanLimitReached(f"the plan {self.plan} allows {cap} of {name}", limit=name, allowed=cap, used=used)


def allowance(
    organization_id: UUID,
    *,
    plan: str,
    limits: Mapping[str, Any],
    features: Mapping[str, bool],
    custom: Mapping[str, Any],
) -> Allowance:
    """The limits and features of a plan; limits in `custom` take precedence."""
    return Allowance(
        organization_id=organization_id,
        plan=plan,
        limits={**limits, **custom},
        features=dict(features),
        custom=frozenset(custom),
    )


def sound_limits(wanted: Mapping[str, Any], plans: Sequence[Plan]) -> dict[str, Any]:
    """Checks custom limits of an organization. Raises Invalid for a limit that no plan has, or a value of another type.

    A value has the type that the limit has in the plans: a text, a boolean, or a number from 0 on (-1 for no limit; with a fraction
    only if a plan has one).
    """
    kinds = {name: type(value) for plan in plans for name, value in plan.limits.items()}
    parts = {name for plan in plans for name, value in plan.limits.items() if isinstance(value, float)}
    for name, value in wanted.items():
        if name not in kinds:
            raise Invalid(f"there is no limit {name!r}; the limits are: {', '.join(sorted(kinds))}")
        numeric = kinds[name] in {int, float}
        if numeric and not _is_amount(value, fraction=name in parts):
            raise Invalid(f"{name} must be a {'' if name in parts else 'whole '}number from 0 on, or -1 for no limit")
        if not numeric and not isinstance(value, kinds[name]):
            raise Invalid(f"{name} must be {'a text' if kinds[name] is str else 'true or false'}")
    return dict(wanted)


def _is_amount(value: object, *, fraction: bool) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return False
    return (value >= 0 or value == UNLIMITED) and (fraction or value == floor(value))
