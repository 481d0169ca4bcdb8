"""Guarantee 70: guessing is slow, headers do not help, and nobody is locked out of where they signed in before."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from dishka import Provider, Scope, provide

from atende.core.identity.accounts.login_limits import DEVICES
from atende.core.kernel import Unavailable
from atende.core.limits.model import Limit, Verdict
from atende.core.limits.policy import RatePolicy
from atende.core.limits.ports import RateLimits
from atende.inbound.http.options import WebOptions
from atende.outbound.postgres.embedded.launcher import Urls
from tests.figures import LONG_RUN, figure
from tests.world.browser import Browser
from tests.world.people import PeopleWorld, make_people_world

PER_ADDRESS, PER_ACCOUNT = 10, 5
MANY = figure(1_000, full=10_000)
LIMITS: dict[str, Any] = {"login_per_address": PER_ADDRESS, "login_per_account": PER_ACCOUNT}
UNCOUNTED = WebOptions(
    aliases=False, credential_cache_seconds=0, rates=RatePolicy(strangers=1_000_000, devices=1_000_000)
)


@pytest_asyncio.fixture
async def world(database: Urls, tmp_path: Path) -> AsyncIterator[PeopleWorld]:
    async with make_people_world(database, tmp_path, options=UNCOUNTED, **LIMITS) as made:
        yield made


@LONG_RUN
@pytest.mark.guarantee(70)
async def test_g70_thousands_of_forwarded_addresses_are_one(world: PeopleWorld) -> None:
    victim, attacker = Browser(world, address="203.0.113.9"), Browser(world, address="198.51.100.66")
    await victim.register("ana@example.com")
    statuses: Counter[int] = Counter()
    for number in range(MANY):
        forged = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        answer = await attacker.post(
            "/auth/login",
            {"email": f"person-{number % 7}@example.com", "password": "guess guess guess"},
            X_Forwarded_For=forged,
            Forwarded=f"for={forged}",
            X_Real_IP=forged,
        )
        statuses[answer.status_code] += 1
    minutes = 1 + 2  # the windows of a minute that the test may lie in, on a slow machine
    assert statuses[401] <= PER_ADDRESS * minutes
    assert statuses[429] == MANY - statuses[401]
    assert (await victim.sign_in("ana@example.com")).status_code == 200


@pytest.mark.guarantee(70)
async def test_g70_nobody_is_locked_out_of_a_device_that_they_know(world: PeopleWorld) -> None:
    known = Browser(world, address="203.0.113.9")
    await known.register("ana@example.com")
    for number in range(PER_ACCOUNT):  # from everywhere, so that it is the account that is counted
        guesser = Browser(world, address=f"198.51.100.{number}")
        assert (await guesser.sign_in("ana@example.com", "guess guess guess")).status_code == 401
    new = Browser(world, address="203.0.113.10")
    refused = await new.sign_in("ana@example.com")
    assert (refused.status_code, refused.json()["code"]) == (429, "ENDPOINT_RATE_LIMIT_EXCEEDED")
    assert 0 < int(refused.headers["retry-after"]) <= 900
    assert (await known.sign_in("ana@example.com")).status_code == 200

    other = Browser(world, address="203.0.113.11")  # a proof for another account is no proof for this one
    await other.register("bia@example.com")
    assert (await other.sign_in("ana@example.com")).status_code == 429
    world.clock.ahead = timedelta(minutes=16)
    assert (await new.sign_in("ana@example.com")).status_code == 200


@pytest.mark.guarantee(70)
async def test_g70_a_known_device_is_no_way_to_guess(world: PeopleWorld) -> None:
    device = Browser(world)
    await device.register("ana@example.com")
    statuses = [(await device.sign_in("ana@example.com", f"guess number {n}")).status_code for n in range(20)]
    assert statuses[:PER_ACCOUNT] == [401] * PER_ACCOUNT
    assert set(statuses[PER_ACCOUNT:]) == {429}


@pytest.mark.guarantee(70)
async def test_g70_proofs_of_one_account_are_no_more_tries_than_a_few_devices(world: PeopleWorld) -> None:
    """Whoever knew a password once may have kept many proofs, and has many addresses."""
    first = Browser(world)
    await first.register("ana@example.com")
    devices = []
    for number in range(4 * DEVICES):
        device = Browser(world, address=f"198.51.100.{number}")
        world.clock.ahead += timedelta(seconds=1) if number % PER_ACCOUNT else timedelta(minutes=16)
        assert (await device.sign_in("ana@example.com")).status_code == 200
        devices.append(device)
    world.clock.ahead += timedelta(minutes=16)
    statuses = [(await one.sign_in("ana@example.com", f"guess {n}")).status_code for n in range(3) for one in devices]
    assert statuses == [401] * (DEVICES * PER_ACCOUNT) + [429] * (len(statuses) - DEVICES * PER_ACCOUNT)


@pytest.mark.guarantee(70)
async def test_g70_no_stranger_at_its_address_keeps_a_known_device_out(database: Urls, tmp_path: Path) -> None:
    few = WebOptions(aliases=False, credential_cache_seconds=0, rates=RatePolicy(strangers=5))
    async with make_people_world(database, tmp_path, options=few, **LIMITS) as world:
        known, strange, guesser = (Browser(world) for _ in range(3))
        await known.register("ana@example.com")
        for _ in range(2):
            statuses = [(await guesser.get("/users/me", X_API_Key="org_wrong")).status_code for _ in range(8)]
            assert statuses[-1] == 429
            assert (await strange.sign_in("ana@example.com")).status_code == 429
            assert (await known.sign_in("ana@example.com")).status_code == 200
            assert await known.is_in(), "what it was given just now opens, too"
            assert (await known.renew()).status_code == 200
            assert await known.is_in()
            guesser.access = f"{known.access[:-6]}AAAAAA"
            assert (await guesser.get("/users/me")).status_code == 429, "a forged token is not looked at"
            world.clock.ahead += timedelta(minutes=1)
        strange.cookies = known.cookies  # its own limit stays
        statuses = [(await strange.renew("rt_none")).status_code for _ in range(25)]
        assert statuses[:20] == [401] * 20
        assert set(statuses[20:]) == {429}


@pytest.mark.guarantee(70)
async def test_g70_a_proof_of_one_account_tries_no_other_faster(database: Urls, tmp_path: Path) -> None:
    few = WebOptions(aliases=False, credential_cache_seconds=0, rates=RatePolicy(strangers=5))
    async with make_people_world(database, tmp_path, options=few, **LIMITS) as world:
        await Browser(world, address="203.0.113.9").register("ana@example.com")
        thief, forger = Browser(world), Browser(world, address="203.0.113.10")
        await thief.register("eve@example.com")
        statuses = [(await thief.sign_in("ana@example.com", f"guess {n}")).status_code for n in range(20)]
        assert statuses.count(401) == PER_ACCOUNT
        proof = str(thief.cookies["atende_device"])
        forged = [f"{proof[:-1]}{'B' if proof[-1] == 'A' else 'A'}", "x", proof.replace(".", ".1", 1), ""]
        for n in range(8):
            forger.cookies = httpx.Cookies()
            forger.cookies.set("atende_device", forged[n % len(forged)], path="/api/v1/auth")
            statuses.append((await forger.sign_in(f"person-{n}@example.com")).status_code)
        assert statuses[20:] == [401] * 5 + [429] * 3


@pytest.mark.guarantee(70)
async def test_g70_an_account_that_is_not_there_is_counted_alike(world: PeopleWorld) -> None:
    await Browser(world).register("ana@example.com")

    async def story(email: str, start: int) -> list[int]:
        return [
            (await Browser(world, address=f"192.0.2.{start + n}").sign_in(email, "guess guess guess")).status_code
            for n in range(PER_ACCOUNT + 3)
        ]

    assert await story("nobody@example.com", 100) == [401] * PER_ACCOUNT + [429] * 3
    assert await story("ana@example.com", 0) == [401] * PER_ACCOUNT + [429] * 3


class NobodyCounts(RateLimits):
    async def hit(self, limits: Sequence[Limit], *, cost: int = 1) -> Verdict:
        raise Unavailable("the store does not answer")


class Broken(Provider):
    @provide(scope=Scope.APP, override=True)
    def limits(self) -> RateLimits:
        return NobodyCounts()


@pytest.mark.guarantee(70)
async def test_g70_while_nobody_counts_nobody_tries(database: Urls, tmp_path: Path) -> None:
    async with make_people_world(database, tmp_path, Broken()) as world:
        for path, body in (
            ("/auth/login", {"email": "ana@example.com", "password": "guess guess guess"}),
            ("/auth/register", {"email": "ana@example.com", "password": "guess guess guess"}),
            ("/auth/forgot-password", {"email": "ana@example.com"}),
        ):
            answer = await Browser(world).post(path, body)
            assert answer.status_code == 503
            assert "retry-after" in answer.headers
