"""Which rate limits apply to a call."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from atende.core.limits.model import EndpointRateLimitExceeded, Limit, RateLimitExceeded, Verdict

MINUTE, DAY = 60, 86_400
ADDRESS, KEY, USER, ORGANIZATION, ORGANIZATION_PEOPLE = "address", "key", "user", "organization", "organization_people"
ENDPOINT, DEVICE = "endpoint", "device"


class PlanRates(StrEnum):
    """Routes to which the limits of the plan apply."""

    AI = "ai"
    """Routes that run models for their callers; they are declared as such."""
    ALL = "all"


@dataclass(frozen=True, slots=True)
class EndpointLimit:
    """At most `most` calls in a window of `seconds` to one route, per organization, else per user, else per address."""

    most: int
    seconds: int = MINUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLimits:
    """Limits of the plan, for the organization as a whole; None means no limit."""

    per_minute: int | None
    per_day: int | None
    people_per_minute: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who is counted: an API key with its own limits, a user, a known device (`device`: a digest of its user), or otherwise an
    anonymous caller at an address.
    """

    address: str
    key_id: UUID | None = None
    user_id: UUID | None = None
    organization_id: UUID | None = None
    per_minute: int | None = None
    per_day: int | None = None
    device: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatePolicy:
    """Anonymous callers are counted by address, API keys by key (their own limits, at most `keys` per minute), users by user, and
    the known devices of a user who is not signed in yet by user too.

    The limits of the plan apply in addition: to all keys of the organization together, and to all its people together.
    """

    strangers: int = 100
    stranger_seconds: int = MINUTE
    keys: int = 1_000
    people: int = 1_000
    devices: int = 20
    plans: PlanRates = PlanRates.AI

    def asks_plan(self, caller: Caller, *, plan_limited: bool) -> bool:
        """Whether the limits of the caller's plan are needed for a call. `plan_limited`: the route runs models."""
        return caller.organization_id is not None and (plan_limited or self.plans is PlanRates.ALL)

    def of_stranger(self, address: str) -> Limit:
        return Limit(ADDRESS, address, self.strangers, self.stranger_seconds)

    def limits(
        self,
        caller: Caller,
        *,
        plan: PlanLimits | None = None,
        route: str = "",
        endpoint: EndpointLimit | None = None,
    ) -> list[Limit]:
        """All limits of a call to `route`. `plan`: the limits of the plan, if they apply."""
        if caller.key_id is not None:
            found = self._of_key(caller.key_id, caller, plan)
        elif caller.user_id is not None:
            found = [Limit(USER, str(caller.user_id), self.people, MINUTE)]
            if plan is not None and caller.organization_id is not None and plan.people_per_minute is not None:
                found.append(Limit(ORGANIZATION_PEOPLE, str(caller.organization_id), plan.people_per_minute, MINUTE))
        elif caller.device:
            found = [Limit(DEVICE, caller.device, self.devices, MINUTE)]
        else:
            found = [self.of_stranger(caller.address)]
        if endpoint is not None:
            who = caller.organization_id or caller.user_id or caller.address
            found.append(Limit(ENDPOINT, f"{route}/{who}", endpoint.most, endpoint.seconds))
        return found

    def _of_key(self, key_id: UUID, caller: Caller, plan: PlanLimits | None) -> list[Limit]:
        own = self.keys if caller.per_minute is None else min(self.keys, caller.per_minute)
        wanted = [(KEY, key_id, own, MINUTE), (KEY, key_id, caller.per_day, DAY)]
        if plan is not None and caller.organization_id is not None:
            wanted += [
                (ORGANIZATION, caller.organization_id, plan.per_minute, MINUTE),
                (ORGANIZATION, caller.organization_id, plan.per_day, DAY),
            ]
        return [Limit(kind, str(who), most, seconds) for kind, who, most, seconds in wanted if most is not None]


def require(verdict: Verdict) -> None:
    """Raises RateLimitExceeded, or EndpointRateLimitExceeded for the route's own limit."""
    if not verdict.allowed:
        error = EndpointRateLimitExceeded if verdict.type == ENDPOINT else RateLimitExceeded
        raise error(retry_after=verdict.reset_after)
