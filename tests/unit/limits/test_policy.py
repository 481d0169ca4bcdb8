"""Which limits bind whom."""

from uuid import UUID

import pytest

from atende.core.limits.model import EndpointRateLimitExceeded, Limit, RateLimitExceeded, Verdict
from atende.core.limits.policy import Caller, EndpointLimit, PlanLimits, PlanRates, RatePolicy, require

KEY, USER, SHOP = UUID(int=1), UUID(int=2), UUID(int=3)
HERE = "203.0.113.7"
FREE = PlanLimits(per_minute=5, per_day=100, people_per_minute=10)
ENTERPRISE = PlanLimits(per_minute=None, per_day=None, people_per_minute=300)


def by_key(per_minute: int | None = None, per_day: int | None = None) -> Caller:
    return Caller(address=HERE, key_id=KEY, organization_id=SHOP, per_minute=per_minute, per_day=per_day)


def person(organization_id: UUID | None = SHOP) -> Caller:
    return Caller(address=HERE, user_id=USER, organization_id=organization_id)


def minute(kind: str, who: object, most: int) -> Limit:
    return Limit(kind, str(who), most, 60)


def test_strangers_are_counted_by_their_address() -> None:
    assert RatePolicy().limits(Caller(address=HERE)) == [minute("address", HERE, 100)]
    rare = RatePolicy(strangers=7, stranger_seconds=10)
    assert rare.limits(Caller(address=HERE), plan=FREE) == [Limit("address", HERE, 7, 10)]


def test_a_known_device_is_counted_by_its_person_and_not_by_its_address() -> None:
    known = Caller(address=HERE, device="ana")
    assert RatePolicy(strangers=7).limits(known) == [minute("device", "ana", 20)]


@pytest.mark.parametrize(("own", "most"), [(None, 1_000), (30, 30), (0, 0), (5_000, 1_000)])
def test_a_key_has_its_own_limit_and_never_more_than_a_thousand_a_minute(own: int | None, most: int) -> None:
    assert RatePolicy().limits(by_key(own)) == [minute("key", KEY, most)]
    assert RatePolicy().limits(by_key(own), plan=ENTERPRISE) == [minute("key", KEY, most)], (
        "also with no limit in the plan"
    )


def test_a_key_may_have_a_limit_of_the_day() -> None:
    assert RatePolicy().limits(by_key(per_day=9)) == [minute("key", KEY, 1_000), Limit("key", str(KEY), 9, 86_400)]


def test_a_plan_binds_all_keys_of_an_organization_together() -> None:
    assert RatePolicy().limits(by_key(3), plan=FREE) == [
        minute("key", KEY, 3),
        minute("organization", SHOP, 5),
        Limit("organization", str(SHOP), 100, 86_400),
    ]


def test_a_plan_binds_people_by_its_own_number_for_them() -> None:
    assert RatePolicy(people=50).limits(person()) == [minute("user", USER, 50)]
    assert RatePolicy(people=50).limits(person(), plan=FREE) == [
        minute("user", USER, 50),
        minute("organization_people", SHOP, 10),
    ]


def test_plans_bind_where_routes_say_so_or_everywhere_and_never_those_without_one() -> None:
    usual, everywhere = RatePolicy(), RatePolicy(plans=PlanRates.ALL)
    for caller in (by_key(), person()):
        assert [usual.asks_plan(caller, plan_limited=said) for said in (False, True)] == [False, True]
        assert [everywhere.asks_plan(caller, plan_limited=said) for said in (False, True)] == [True, True]
    for caller in (person(None), Caller(address=HERE)):
        assert not everywhere.asks_plan(caller, plan_limited=True)


@pytest.mark.parametrize(
    ("caller", "who"), [(by_key(), SHOP), (person(), SHOP), (person(None), USER), (Caller(address=HERE), HERE)]
)
def test_a_route_may_have_a_limit_of_its_own(caller: Caller, who: object) -> None:
    limits = RatePolicy().limits(caller, route="make_video", endpoint=EndpointLimit(2, 10))
    assert limits[-1] == Limit("endpoint", f"make_video/{who}", 2, 10)


def test_the_error_says_which_limit_it_was() -> None:
    require(Verdict(True, 1, 0, 3.2, "endpoint"))
    with pytest.raises(RateLimitExceeded) as caught:
        require(Verdict(False, 1, 0, 3.2, "key"))
    assert (caught.value.code, caught.value.detail) == ("RATE_LIMIT_EXCEEDED", "Too many requests")
    assert caught.value.retry_after == 3.2
    with pytest.raises(EndpointRateLimitExceeded) as caught:
        require(Verdict(False, 1, 0, 3.2, "endpoint"))
    assert (caught.value.code, caught.value.detail) == (
        "ENDPOINT_RATE_LIMIT_EXCEEDED",
        "Too many requests to this endpoint",
    )
