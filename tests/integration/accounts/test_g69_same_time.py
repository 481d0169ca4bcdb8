"""Guarantee 69: signing in takes as long for an account that exists as for one that does not."""

import math
import random
from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import pytest

from atende.core.identity.accounts.sign_in import SignIn
from atende.core.identity.accounts.tokens import Client
from atende.core.identity.model import WrongCredentials
from atende.core.identity.ports import People, Users
from atende.core.kernel import Transaction, personal
from tests.databases import Databases
from tests.figures import LONG_RUN, figure
from tests.world.browser import PASSWORD, Browser
from tests.world.people import PeopleWorld, make_people_world

TRIES, ROUNDS = 2_000, 5
COST = figure(4, full=12)
"""Of bcrypt: every day the least there is, whole that of production."""
SLACK = 0.1 if COST < 12 else 0.0
"""The part of the whole time by which one may be slower. At the least cost, reading the row of an account that exists, 0.04 ms, would
show on a quiet machine. A hash or a transaction that is left out is a third of the whole."""
KINDS = {
    "known, wrong password": ("ana@example.com", "another horse battery"),
    "unknown": ("nobody@example.com", PASSWORD),
    "disabled, right password": ("bia@example.com", PASSWORD),
}


def slower(first: Sequence[float], second: Sequence[float]) -> float:
    """How likely it is by chance that `first` lies above `second` as far as it does (Kolmogorov-Smirnov, one-sided, asymptotic)."""
    first, second = sorted(first), sorted(second)
    distance = max(
        bisect_right(second, value) / len(second) - bisect_right(first, value) / len(first)
        for value in (*first, *second)
    )
    size = len(first) * len(second) / (len(first) + len(second))
    return math.exp(-2 * size * max(0.0, distance) ** 2)


def apart(first: Sequence[float], second: Sequence[float]) -> float:
    """How likely it is by chance that one of them is slower, by more than the slack, as clearly as it is."""
    slack = SLACK * min(median(first), median(second))
    return min(slower(first, [value + slack for value in second]), slower(second, [value + slack for value in first]))


def test_the_statistic_tells_what_differs_and_not_what_does_not() -> None:
    dice = random.Random(69)
    first, second = ([dice.gauss(10, 1) for _ in range(650)] for _ in range(2))
    assert apart(first, second) > 0.01
    assert apart(first, [value + 0.5 for value in second]) > 0.01
    for shift in (-2.0, 2.0):
        assert apart(first, [value + shift for value in second]) < 1e-9
    assert apart([1.0] * 700, [1.0] * 700) == 1.0


@LONG_RUN
@pytest.mark.guarantee(69)
async def test_g69_nobody_can_tell_by_the_clock_who_has_an_account(databases: Databases, tmp_path: Path) -> None:
    """A difference in the work shows in every round; chance does not, on whatever machine: each of the four comparisons of a round
    says so wrongly at most once in a hundred times, all five rounds together once in ten million.
    """
    many: dict[str, Any] = {"login_per_account": 1_000_000, "login_per_address": 1_000_000, "password_cost": COST}
    async with databases.one() as urls, make_people_world(urls, tmp_path, **many) as world:
        for email, _ in KINDS.values():
            if email != "nobody@example.com":
                await Browser(world).register(email)
        await _suspend(world, "bia@example.com")
        found: list[float] = []
        middle: dict[str, str] = {}
        for number in range(ROUNDS):
            taken = await _tries(world, random.Random(number))
            one, *others = taken.values()
            found.append(min(apart(one, other) for other in others))
            middle = {name: f"{median(some) * 1000:.3f} ms" for name, some in taken.items()}
            if found[-1] > 0.01:
                return
        pytest.fail(f"the times differ: p = {found}, in the last round {middle}")


async def _tries(world: PeopleWorld, dice: random.Random) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {name: [] for name in KINDS}
    for number in range(TRIES):
        name = dice.choice(list(KINDS))
        async with world.container() as unit:
            sign_in = await unit.get(SignIn)
            began = perf_counter()
            with pytest.raises(WrongCredentials):
                await sign_in(*KINDS[name], Client(address="198.51.100.7"))
            if number >= 100:  # the first ones warm up
                taken[name].append(perf_counter() - began)
    return taken


async def _suspend(world: PeopleWorld, email: str) -> None:
    people = await world.container.get(People)
    user = await people.by_email(email)
    assert user is not None
    scope = personal(user.id)
    async with world.container() as unit:
        users, transaction = await unit.get(Users), await unit.get(Transaction)
        async with transaction(scope):
            user = await users.get(scope, user.id)
            user.suspend(world.clock.now())
            await users.save(user)
