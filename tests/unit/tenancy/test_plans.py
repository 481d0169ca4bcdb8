"""Limits: what a plan gives, what an organization has of its own."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atende.core.identity.members.seats import SeatPolicy
from atende.core.kernel import Invalid
from atende.core.tenancy.model import slug_of
from atende.core.tenancy.names import spellings
from atende.core.tenancy.plans import SEATS, Allowance, Plan, PlanLimitReached, sound_limits

PLAN = Plan(
    slug="free",
    name="Free",
    price_monthly=0,
    price_yearly=0,
    currency="BRL",
    credits_per_month=50,
    limits={"max_team_members": 1, "max_storage_gb": 0.5, "max_resolution": "512x512", "white_label": False},
    features={},
)


@pytest.mark.parametrize(
    "limits",
    [{}, {"max_team_members": 7}, {"max_storage_gb": 2.5}, {"max_storage_gb": -1}, {"white_label": True}],
)
def test_limits_of_the_same_kind_are_taken(limits: dict[str, Any]) -> None:
    assert sound_limits(limits, [PLAN]) == limits


@pytest.mark.parametrize(
    "limits",
    [
        {"max_dragons": 1},
        {"max_team_members": -2},
        {"max_team_members": -0.5},
        {"max_team_members": 1.5},
        {"max_storage_gb": float("nan")},
        {"max_storage_gb": float("inf")},
        {"max_team_members": "7"},
        {"max_team_members": True},
        {"max_team_members": None},
        {"max_resolution": 512},
        {"white_label": 1},
    ],
)
def test_others_are_refused(limits: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        sound_limits(limits, [PLAN])


@pytest.mark.parametrize(
    ("value", "cap"),
    [(7, 7), (0, 0), (0.5, 0.5), (2.0, 2), (-1, None), (-1.0, None), ("unlimited", None), (None, None)],
)
def test_a_cap_is_the_number_itself_and_none_without_one(value: Any, cap: float | None) -> None:
    limits = {} if value is None else {"it": value}
    allowance = Allowance(organization_id=UUID(int=1), plan="free", limits=limits, features={})
    assert allowance.cap("it") == cap


@pytest.mark.parametrize("value", ["512x512", True, False])
def test_what_is_no_number_is_no_cap(value: Any) -> None:
    allowance = Allowance(organization_id=UUID(int=1), plan="free", limits={"it": value}, features={})
    with pytest.raises(Invalid):
        allowance.cap("it")


@pytest.mark.parametrize("enforced", [False, True])
@pytest.mark.parametrize("custom", [False, True])
@pytest.mark.parametrize("used", [0, 1, 2])
def test_own_seats_always_bind_those_of_the_plan_when_it_is_enforced(enforced: bool, custom: bool, used: int) -> None:
    allowance = Allowance(
        organization_id=UUID(int=1),
        plan="free",
        limits={SEATS: 1},
        features={},
        custom=frozenset({SEATS} if custom else ()),
    )
    if used >= 1 and (enforced or custom):
        with pytest.raises(PlanLimitReached):
            SeatPolicy(enforce_plan=enforced).require_seat(allowance, used)
    else:
        SeatPolicy(enforce_plan=enforced).require_seat(allowance, used)


@given(st.text(max_size=80), st.uuids())
def test_every_name_has_spellings_that_can_be_tenant_ids(name: str, mark: UUID) -> None:
    found = spellings(name, mark)
    assert len(set(found)) == len(found)
    assert all(slug_of(one, longest=63) == one and 2 <= len(one) <= 63 for one in found)
