"""The audit log: what is kept of a change, whose it is, and that a repeated call cannot be recorded twice."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

import pytest

from atende.core.audit.model import ANONYMOUS, SYSTEM, Actor, ActorKind, AuditStatus, Event, Filter, Origin, Record
from atende.core.identity.api_key import api_key_text
from atende.core.kernel import ALL_TENANTS, PLATFORM, TenantScope
from atende.core.work.idempotency import AlreadyApplied, StoredAnswer
from tests.world import Tenant, World

EVERYTHING = Filter()


class _Colour(StrEnum):
    RED = "red"


@dataclass
class _Thing:
    name: str
    secret_hash: bytes


def event(name: str = "one", **more: object) -> Event:
    return replace(Event(action="thing.create", resource_type="thing", resource_id=name), **more)  # type: ignore[arg-type]


async def add(world: World, scope: TenantScope, *events: Event, origin: Origin | None = None) -> None:
    world.origin = origin or Origin()
    for one in events:
        await _call(world, scope, one)


async def _call(world: World, scope: TenantScope, what: Event) -> None:
    """One call, with its answer at the end."""
    called = world.origin.idempotency_id
    async with world.unit() as at:
        async with at.transaction(scope):
            await at.audit.add(scope, what)
        if called is not None:
            await at.idempotency.finish(scope.organization_id, called, StoredAnswer(status=200, body=b""))


async def listed(world: World, scope: TenantScope, wanted: Filter = EVERYTHING) -> list[Record]:
    async with world.begin(scope) as at:
        return (await at.trail.page(scope, wanted, page=1, limit=100)).data


async def names(world: World, scope: TenantScope, wanted: Filter = EVERYTHING) -> list[str]:
    return [record.resource_id for record in await listed(world, scope, wanted)]


async def test_a_record_says_who_did_what_from_where(world: World, shop: Tenant) -> None:
    origin = Origin(
        actor=Actor(ActorKind.KEY, world.ids.new()),
        ip_address="203.0.113.7",
        user_agent="curl/8" + "x" * 600,
        request_id="req-1",
        idempotency_id=world.ids.new(),
    )
    told = event(
        description="a thing",
        old={"colour": _Colour.RED},
        new={"id": origin.actor.id, "at": datetime(2026, 1, 1, tzinfo=UTC), "parts": (1, 2.5, None, True)},
    )
    await add(world, shop.scope, told, origin=origin)
    (record,) = await listed(world, shop.whole)
    assert record == Record(
        id=record.id,
        organization_id=shop.owner.organization_id,
        tenant_id="shop",
        actor=origin.actor,
        action="thing.create",
        resource_type="thing",
        resource_id="one",
        description="a thing",
        old_values={"colour": "red"},
        new_values={"id": str(origin.actor.id), "at": "2026-01-01T00:00:00+00:00", "parts": [1, 2.5, None, True]},
        ip_address="203.0.113.7",
        user_agent=record.user_agent,
        request_id="req-1",
        status=AuditStatus.SUCCESS,
        error_message="",
        created_at=record.created_at,
        idempotency_id=origin.idempotency_id,
    )
    assert len(record.user_agent) == 500
    assert abs(record.created_at - world.now()) < timedelta(minutes=1)


async def test_g90_secrets_are_taken_out_at_any_depth(world: World, shop: Tenant) -> None:
    values = {
        "apiKey": "canary",
        "thing": _Thing("ok", b"canary"),
        "list": [{"new_password": "canary"}],
        "raw": b"canary",
        "odd\0": "nul\0 and half \ud800 characters",
    }
    await add(world, shop.scope, event(old=values, new=values))
    (record,) = await listed(world, shop.whole)
    assert record.old_values == record.new_values
    assert "canary" not in repr(record)
    assert record.new_values is not None
    assert record.new_values["thing"] == {"name": "ok", "secret_hash": "[redacted]"}
    assert record.new_values["odd"] == "nul and half ? characters"


CREDENTIALS = (
    api_key_text(UUID(int=7), 1 << 155),
    api_key_text(UUID(int=7), 1 << 155, brand="acme1"),
    "eyJhbGciOiJIUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiIwMTkwIn0.VbA4sPVlxm3N-QW7_ZDhTeBnBWYm0pY3fPzFCTHd1Wc",
    f"rt_{UUID(int=7).hex}_12_{'aB3-_' * 8}xyz",
    f"{UUID(int=7).hex}.1790000000.{'aB3-_' * 8}xyz",
)


@pytest.mark.parametrize("credential", CREDENTIALS)
async def test_g90_credentials_are_taken_out_wherever_they_stand(world: World, shop: Tenant, credential: str) -> None:
    """Somebody's program may show theirs in a wrong place; known by their form, whatever they are named."""
    origin = Origin(user_agent="x" * 450 + f" till {credential}", request_id=f"id={credential}")
    told = event(f"a {credential}", description=f"GET /docs/{credential}", error=credential, new={"note": [credential]})
    await add(world, shop.scope, told, origin=origin)
    (record,) = await listed(world, shop.whole)
    assert credential[-20:] not in repr(record)
    assert (record.resource_id, record.request_id) == ("a [redacted]", "id=[redacted]")
    assert (record.description, record.error_message) == ("GET /docs/[redacted]", "[redacted]")
    assert record.new_values == {"note": ["[redacted]"]}
    assert record.user_agent == "x" * 450 + " till [redacted]"


@pytest.mark.parametrize(
    "text",
    [
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
        f"{UUID(int=7)}",
        f"shop_{UUID(int=7).hex}",
        "org_1_2",
        "www.example.com.br/eyJ.html",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    ],
)
async def test_what_is_no_credential_stays(world: World, shop: Tenant, text: str) -> None:
    await add(world, shop.scope, event(description=text), origin=Origin(user_agent=text, request_id=text))
    (record,) = await listed(world, shop.whole)
    assert {record.description, record.user_agent, record.request_id} == {text}


async def test_g90_people_are_named_by_id_alone(world: World, shop: Tenant) -> None:
    old = {"email": "a@example.com", "phone": None, "invited": [{"first_name": "Ana", "role": "viewer"}]}
    await add(world, shop.scope, event(old=old))
    (record,) = await listed(world, shop.whole)
    assert record.old_values == {
        "email": "[personal]",
        "phone": None,
        "invited": [{"first_name": "[personal]", "role": "viewer"}],
    }


async def test_a_record_commits_with_its_change_or_not_at_all(world: World, shop: Tenant) -> None:
    with pytest.raises(ZeroDivisionError):
        async with world.begin(shop.scope) as at:
            await at.audit.add(shop.scope, event())
            raise ZeroDivisionError
    assert await world.count("audit_log") == 0


async def test_an_event_may_know_its_actor_better_than_the_http_layer(world: World, shop: Tenant) -> None:
    person = Actor(ActorKind.USER, world.ids.new())
    await add(world, shop.scope, event("a"), event("b", actor=person), origin=Origin(actor=ANONYMOUS))
    await add(world, shop.scope, event("c"))
    assert [record.actor for record in await listed(world, shop.whole)] == [SYSTEM, person, ANONYMOUS]


async def test_g30_one_idempotency_key_has_one_record(world: World, shop: Tenant, stranger: Tenant) -> None:
    origin = Origin(idempotency_id=world.ids.new())
    await add(world, shop.scope, event("first"), origin=origin)
    for who in (shop, stranger):
        with pytest.raises(AlreadyApplied):
            await add(world, who.scope, event("second"), origin=origin)
    assert await names(world, shop.whole) == ["first"]


async def test_g30_what_failed_may_be_tried_again_under_the_same_key(world: World, shop: Tenant) -> None:
    origin = Origin(idempotency_id=world.ids.new())
    failed = event("failed", status=AuditStatus.FAILURE, error="wrong password")
    await add(world, shop.scope, failed, failed, event("good"), origin=origin)
    found = await listed(world, shop.whole)
    assert [(r.resource_id, r.idempotency_id is not None) for r in found] == [
        ("good", True),
        ("failed", False),
        ("failed", False),
    ]


async def test_g30_of_many_at_once_one_is_recorded(world: World, shop: Tenant) -> None:
    world.origin = Origin(idempotency_id=world.ids.new())

    async def one(number: int) -> bool:
        try:
            await _call(world, shop.scope, event(str(number)))
        except AlreadyApplied:
            return False
        return True

    assert sorted(await asyncio.gather(*(one(number) for number in range(10)))) == [False] * 9 + [True]
    assert len(await listed(world, shop.whole)) == 1


async def test_each_sees_their_own_records(world: World, shop: Tenant, branch: Tenant, stranger: Tenant) -> None:
    await add(world, shop.scope, event("shop"))
    await add(world, branch.scope, event("branch"))
    await add(world, shop.whole, event("whole"))
    await add(world, stranger.scope, event("stranger"))
    await add(world, PLATFORM.scope, event("platform"))
    assert await names(world, shop.whole) == ["whole", "branch", "shop"]
    assert await names(world, shop.scope) == ["shop"]
    assert await names(world, stranger.whole) == ["stranger"]
    assert await names(world, TenantScope(PLATFORM.organization_id, ALL_TENANTS)) == ["platform"]
    async with world.begin(stranger.whole) as at:
        assert (await at.trail.page(shop.whole, EVERYTHING, page=1, limit=10)).total == 0
    with pytest.raises(Exception, match=r"row-level security|another tenant"):
        async with world.begin(stranger.scope) as at:
            await at.audit.add(shop.scope, event())


async def test_the_list_can_be_narrowed(world: World, shop: Tenant) -> None:
    person = Actor(ActorKind.USER, world.ids.new())
    await add(world, shop.scope, event("a"), event("b", action="thing.delete"), event("c", resource_type="other"))
    await add(world, shop.scope, event("d", actor=person), event("e", status=AuditStatus.FAILURE))
    middle = (await listed(world, shop.whole))[2].created_at
    for wanted, expected in (
        (Filter(action="thing.delete"), ["b"]),
        (Filter(resource_type="other"), ["c"]),
        (Filter(resource_type="thing", resource_id="a"), ["a"]),
        (Filter(actor_id=person.id), ["d"]),
        (Filter(status=AuditStatus.FAILURE), ["e"]),
        (Filter(since=middle + timedelta(days=1)), []),
        (Filter(until=middle - timedelta(days=1)), []),
        (Filter(since=middle - timedelta(days=1), until=middle + timedelta(days=1)), list("edcba")),
    ):
        assert await names(world, shop.whole, wanted) == expected, wanted


async def test_the_list_goes_on_where_it_stopped(world: World, shop: Tenant) -> None:
    await add(world, shop.scope, *(event(str(number)) for number in range(5)))
    async with world.begin(shop.whole) as at:
        first = await at.trail.page(shop.whole, EVERYTHING, page=1, limit=2)
        assert [first.total, first.total_pages] == [5, 3]
        await at.audit.add(shop.scope, event("later"))
        second = await at.trail.page(shop.whole, EVERYTHING, page=1, limit=2, after=first.next)
        third = await at.trail.page(shop.whole, EVERYTHING, page=1, limit=2, after=second.next)
        numbered = await at.trail.page(shop.whole, EVERYTHING, page=2, limit=2)
    seen = [[record.resource_id for record in page.data] for page in (first, second, third, numbered)]
    assert seen == [["4", "3"], ["2", "1"], ["0"], ["3", "2"]]
    assert third.next is None


async def test_organizations_with_records_are_known(world: World, shop: Tenant, stranger: Tenant) -> None:
    await add(world, shop.scope, event())
    found: list[UUID] = await world.chain.organizations()
    assert found == [shop.owner.organization_id]
