"""Plans as the tables of the requirements say them, and what an organization is allowed by its own."""

from datetime import timedelta
from typing import Any

import pytest

from atende.core.kernel import NotFound
from atende.core.tenancy.plans import PlanLimitReached
from atende.outbound.postgres.tenancy.plans import FRESH, PostgresEntitlements
from tests.world import Tenant, World

PRICES = """
free          Free          0      0       50
starter       Starter       4900   47000   500
professional  Professional  9900   95000   2000
business      Business      24900  239000  10000
enterprise    Enterprise    0      0       0
"""
LIMITS = """
images_per_month             50       500        2000       10000      -1
videos_per_month             0        20         100        500        -1
audio_minutes_per_month      0        30         120        500        -1
max_resolution               512x512  1024x1024  2048x2048  4096x4096  unlimited
max_video_duration           0        5          10         30         -1
max_team_members             1        3          10         50         -1
max_projects                 2        10         50         200        -1
max_storage_gb               0.5      5          25         100        -1
api_requests_per_minute      5        20         60         120        -1
api_requests_per_day         100      5000       20000      100000     -1
priority_queue               false    false      true       true       true
custom_models                false    false      false      true       true
white_label                  false    false      false      false      true
dedicated_support            false    false      false      false      true
max_documents                10       100        1000       10000      -1
max_agents                   1        3          10         50         -1
max_monthly_messages         100      2000       20000      100000     -1
max_upload_mb                5        10         25         100        500
session_requests_per_minute  10       30         60         120        300
"""
FEATURES = """
image_generation  true   true   true  true  true
video_generation  false  true   true  true  true
audio_generation  false  true   true  true  true
workflow          true   true   true  true  true
analytics         false  true   true  true  true
api_access        false  false  true  true  true
webhooks          false  false  true  true  true
sso               false  false  false true  true
"""


def _cell(word: str) -> Any:
    if word in {"true", "false"}:
        return word == "true"
    try:
        return float(word) if "." in word else int(word)
    except ValueError:
        return word


def _table(text: str) -> dict[str, list[Any]]:
    rows = (line.split() for line in text.strip().splitlines())
    return {name: [_cell(word) for word in cells] for name, *cells in rows}


async def test_the_seeded_plans_are_those_of_the_tables(world: World) -> None:
    plans = await world.plans.all()
    found = {p.slug: [p.name, p.price_monthly, p.price_yearly, p.credits_per_month] for p in plans}
    assert found == _table(PRICES)
    assert [plan.slug for plan in plans] == list(_table(PRICES))
    assert {(plan.currency, plan.active) for plan in plans} == {("BRL", True)}
    limits = {name: [plan.limits[name] for plan in plans] for name in plans[0].limits}
    assert limits == _table(LIMITS)
    assert {name: [type(cell) for cell in cells] for name, cells in limits.items()} == {
        name: [type(cell) for cell in cells] for name, cells in _table(LIMITS).items()
    }
    assert {name: [plan.features[name] for plan in plans] for name in plans[0].features} == _table(FEATURES)
    assert {len(plan.limits) for plan in plans} == {19}
    assert {len(plan.features) for plan in plans} == {8}


async def test_an_organization_has_the_free_plan_with_its_own_limits_laid_over(world: World, shop: Tenant) -> None:
    allowed = await world.entitlements.of(shop.owner.organization_id)
    assert (allowed.plan, allowed.custom) == ("free", frozenset())
    assert dict(allowed.limits) == {name: cells[0] for name, cells in _table(LIMITS).items()}
    assert dict(allowed.features) == {name: cells[0] for name, cells in _table(FEATURES).items()}
    allowed.require_room("max_projects", 1)
    with pytest.raises(PlanLimitReached):
        allowed.require_room("max_projects", 2)


async def test_own_limits_go_before_those_of_the_plan(world: World, shop: Tenant, stranger: Tenant) -> None:
    async with world.begin(shop.whole) as at:
        organization = await at.organizations.get(shop.whole, lock=True)
        organization.custom_limits = {"max_projects": 7, "max_agents": -1}
        await at.organizations.save(organization)
    allowed = await world.entitlements.of(shop.owner.organization_id)
    assert allowed.custom == {"max_projects", "max_agents"}
    assert (allowed.cap("max_projects"), allowed.cap("max_agents"), allowed.cap("max_documents")) == (7, None, 10)
    others = await world.entitlements.of(stranger.owner.organization_id)
    assert (others.cap("max_projects"), others.custom) == (2, frozenset())


async def test_an_organization_that_is_not_there_is_allowed_nothing(world: World, shop: Tenant) -> None:
    with pytest.raises(NotFound):
        await world.entitlements.of(world.ids.new())


async def test_what_is_allowed_is_asked_again_after_five_seconds(world: World) -> None:
    seconds = [100.0]
    entitlements = PostgresEntitlements(world.pool, clock=lambda: seconds[0], size=2)
    shops = [await world.found(name) for name in ("one", "two", "three")]
    ids = [shop.owner.organization_id for shop in shops]
    for id_ in ids:
        assert (await entitlements.of(id_)).cap("max_projects") == 2
    await world.admin.execute("UPDATE organization SET custom_limits = '{\"max_projects\": 3}'")
    seconds[0] += FRESH - 0.1
    caps = [(await entitlements.of(id_)).cap("max_projects") for id_ in reversed(ids)]
    assert caps == [2, 2, 3], "the oldest of three was not kept, for there is room for two"
    seconds[0] += 0.2
    assert [(await entitlements.of(id_)).cap("max_projects") for id_ in ids] == [3, 3, 3]


async def test_names_are_taken_while_they_are_in_use(world: World, shop: Tenant, branch: Tenant) -> None:
    assert await world.tenant_names.taken(["shop", "branch", "free", "platform"]) >= {"shop", "branch"}
    assert "free" not in await world.tenant_names.taken(["free"])
    async with world.begin(shop.whole) as at:
        organization = await at.organizations.get(shop.whole)
        organization.slug = "shop-and-more"
        await at.organizations.save(organization)
    assert await world.tenant_names.taken(["shop", "shop-and-more"]) == {"shop", "shop-and-more"}
    async with world.begin(shop.whole) as at:
        organization.delete(world.now(), confirm="shop-and-more")
        await at.organizations.save(organization)
    assert await world.tenant_names.taken(["shop", "shop-and-more"]) == {"shop"}, "a tenant id is never free again"


async def test_operators_page_over_all_organizations(world: World) -> None:
    shops = [await world.found(f"shop-{number}") for number in range(5)]
    newest = [shop.owner.organization_id for shop in reversed(shops)]
    async with world.begin(shops[1].whole) as at:
        gone = await at.organizations.get(shops[1].whole)
        gone.delete(world.now() - timedelta(days=1), confirm=gone.slug)
        await at.organizations.save(gone)
    first = await world.operators.organizations(page=1, limit=2)
    assert ([one.id for one in first.data], first.total) == (newest[:2], 5)
    assert first.next is not None
    second = await world.operators.organizations(page=1, limit=2, after=first.next)
    assert [one.id for one in second.data] == newest[2:4]
    assert second.data[1] == gone, "also one that was deleted, whole"
    assert [one.id for one in (await world.operators.organizations(page=2, limit=2)).data] == newest[2:4]
    last = await world.operators.organizations(page=3, limit=2)
    assert ([one.id for one in last.data], last.next) == (newest[4:], None)
    behind = await world.operators.organizations(page=9, limit=2)
    assert (behind.data, behind.total, behind.next) == ([], 5, None)


async def test_operators_learn_the_names_of_organizations(world: World, shop: Tenant, stranger: Tenant) -> None:
    named = await world.operators.named([stranger.owner.organization_id, world.ids.new()])
    assert [organization.slug for organization in named] == ["stranger"]
