"""Which limits bind a call."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from atende.core.limits.model import EndpointRateLimitExceeded, Limit, RateLimitExceeded, Verdict

MINUTE, DAY = 60, 86_400
ADDRESS, KEY, USER, ORGANIZATION, ORGANIZATION_PEOPLE = "address", "key", "user", "organization", "organization_people"
ENDPOINT, DEVICE = "endpoint", "device"


class PlanRates(StrEnum):
    """Where the limits of the plan bind."""

    AI = "ai"
    """On routes that say so: those that run models for their callers."""
    ALL = "all"


@dataclass(frozen=True, slots=True)
class EndpointLimit:
    """At most `most` calls in a window of `seconds` to one route, for each organization, person or address."""

    most: int
    seconds: int = MINUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLimits:
    """Of the plan's table, for the organization as a whole; None for no limit."""

    per_minute: int | None
    per_day: int | None
    people_per_minute: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who is counted: a key with limits of its own, a person, a device that somebody signed in on before (`device`: whose), or with
    none of them a stranger at an address.
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
    """Strangers by their address, keys up to their own limits and never above `keys` a minute, people by themselves, and so the
    known devices of a person on their way in.

    What a plan allows binds its organization in addition, for all its keys together and for all its people together.
    """

    strangers: int = 100
    stranger_seconds: int = MINUTE
    keys: int = 1_000
    people: int = 1_000
    devices: int = 20
    plans: PlanRates = PlanRates.AI

    def asks_plan(self, caller: Caller, *, plan_limited: bool) -> bool:
        """Whether the limits of the caller's plan must be known for a call."""
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
        """All that bind a call to `route`; `plan` where the limits of the plan bind."""
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
    """Raises RateLimitExceeded, or EndpointRateLimitExceeded when it is the route's own limit."""
    if not verdict.allowed:
        error = EndpointRateLimitExceeded if verdict.type == ENDPOINT else RateLimitExceeded
        raise error(retry_after=verdict.reset_after)
