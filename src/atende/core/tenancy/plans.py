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
    """The plan's limit is reached: take a larger plan, or ask the operator for a limit of your own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Prices in cents; -1 in `limits` means no cap; what is missing in `features` is off."""

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
    """What holds for one organization now: its plan with its custom limits laid over."""

    organization_id: UUID
    plan: str
    limits: Mapping[str, Any]
    features: Mapping[str, bool]
    custom: frozenset[str] = frozenset()
    """Names of the limits that are the organization's own."""

    def cap(self, name: str) -> float | None:
        """The most there may be; None for no cap, and for a limit that the plan does not name. Raises Invalid for a limit that is
        no amount.
        """
        value = self.limits.get(name, UNLIMITED)
        if value in {UNLIMITED, "unlimited"}:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Invalid(f"the limit {name} is no amount: {value!r}")
        return value

    def whole(self, name: str) -> int | None:
        """The cap of what is counted one by one."""
        cap = self.cap(name)
        return None if cap is None else floor(cap)

    def has(self, feature: str) -> bool:
        return bool(self.features.get(feature, False))

    def require_room(self, name: str, used: int) -> None:
        """Raises PlanLimitReached when there is no room for one more."""
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
    """A plan with the organization's own limits laid over it."""
    return Allowance(
        organization_id=organization_id,
        plan=plan,
        limits={**limits, **custom},
        features=dict(features),
        custom=frozenset(custom),
    )


def sound_limits(wanted: Mapping[str, Any], plans: Sequence[Plan]) -> dict[str, Any]:
    """Limits that an organization may have of its own. Raises Invalid for what no plan names, and for what is no amount.

    A limit is of the kind that it is in the plans: -1 for no cap or a number, with a fraction only where a plan has one, a text, or
    yes and no.
    """
    kinds = {name: type(value) for plan in plans for name, value in plan.limits.items()}
    parts = {name for plan in plans for name, value in plan.limits.items() if isinstance(value, float)}
    for name, value in wanted.items():
        if name not in kinds:
            raise Invalid(f"there is no limit {name!r}; limits: {', '.join(sorted(kinds))}")
        numeric = kinds[name] in {int, float}
        if numeric and not _is_amount(value, fraction=name in parts):
            raise Invalid(f"{name} is a {'' if name in parts else 'whole '}number from 0 on, or -1 for no cap")
        if not numeric and not isinstance(value, kinds[name]):
            raise Invalid(f"{name} is a {'text' if kinds[name] is str else 'yes or no'}")
    return dict(wanted)


def _is_amount(value: object, *, fraction: bool) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return False
    return (value >= 0 or value == UNLIMITED) and (fraction or value == floor(value))
