"""Prices: the default table, and the arithmetic with each of the traps it was made for."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from atende.core.credits.price import (
    DEFAULT_PRICES,
    Price,
    PriceNotFound,
    ResolutionNotPriced,
    Unit,
    longer_side,
    round_up,
)
from atende.core.kernel import CREDIT, MAX_AMOUNT, Credits, Invalid, NotFound, as_credits


def default(name: str) -> Price:
    found = [price for price in DEFAULT_PRICES if f"{price.provider}/{price.model}" == name]
    assert len(found) == 1, name
    return found[0]


def price(unit: Unit, amount: str = "1", **tiers: str) -> Price:
    return Price(
        id=UUID(int=1),
        provider="p",
        model="m",
        operation="o",
        unit=unit,
        credits_per_unit=as_credits(amount),
        cost_usd_per_unit=Decimal("0.01"),
        resolution_multipliers={tier.removeprefix("px"): Decimal(factor) for tier, factor in tiers.items()},
    )


@pytest.mark.parametrize(
    ("name", "credits_per_unit", "usd", "unit", "tiers"),
    [
        ("freepik/mystic", 1, "0.02", "image", {"512": 1, "1024": 2, "2048": 4}),
        ("replicate/flux-schnell", 1, "0.003", "image", {"512": 1, "1024": 1, "2048": 2}),
        ("replicate/flux-pro", 3, "0.055", "image", {"512": 1, "1024": 1, "2048": 2}),
        ("replicate/sdxl", 1, "0.004", "image", {}),
        ("replicate/kling-1.5", 10, "0.10", "second", {}),
        ("replicate/minimax", 15, "0.15", "second", {}),
        ("openai/dall-e-3", 4, "0.04", "image", {"1024": 1, "1792": 2}),
        ("openai/dall-e-3-hd", 8, "0.08", "image", {"1024": 1, "1792": 2}),
        ("elevenlabs/eleven_multilingual_v2", 1, "0.30", "minute", {}),
    ],
)
def test_default_prices_of_generation(
    name: str, credits_per_unit: int, usd: str, unit: str, tiers: dict[str, int]
) -> None:
    found = default(name)
    assert (found.operation, found.unit.value, found.is_active) == ("generate", unit, True)
    assert (found.credits_per_unit, found.cost_usd_per_unit) == (credits_per_unit * CREDIT, Decimal(usd))
    assert found.resolution_multipliers == tiers


def test_default_prices_are_unique_and_keep_their_ids() -> None:
    assert len({(p.provider, p.model, p.operation) for p in DEFAULT_PRICES}) == len(DEFAULT_PRICES)
    assert len({p.id for p in DEFAULT_PRICES}) == len(DEFAULT_PRICES)
    assert default("openai/gpt-4o").id == UUID("37ae27b4-7307-5444-9e26-c71b6abdb08c")


def test_default_prices_of_text_are_a_credit_for_each_cent_of_cost() -> None:
    sold = [p for p in DEFAULT_PRICES if p.unit is Unit.TOKENS]
    assert {p.model for p in sold} == {
        *("hashed-384", "multilingual-e5-small-q4", "gpt-4o", "gpt-4o-mini", "gpt-4-turbo", "gpt-3.5-turbo"),
        *("text-embedding-3-large", "text-embedding-3-small"),
    }
    for p in sold:
        assert p.credits_per_unit == p.cost_usd_per_unit * 100 * CREDIT, p.model
        assert p.operation == ("chat" if p.model.startswith("gpt") else "embed")


@pytest.mark.parametrize(
    ("name", "measure", "expected"),
    [
        ("freepik/mystic", {}, "1"),
        ("freepik/mystic", {"quantity": 3}, "3"),
        ("freepik/mystic", {"resolution": "512x512"}, "1"),
        ("freepik/mystic", {"resolution": "513x16"}, "2"),
        ("freepik/mystic", {"resolution": "16x1024"}, "2"),
        ("freepik/mystic", {"resolution": "1025x1025", "quantity": 2}, "8"),
        ("freepik/mystic", {"resolution": "2048"}, "4"),
        ("replicate/flux-pro", {"resolution": "1024X768"}, "3"),
        ("replicate/flux-pro", {"resolution": "2048×2048"}, "6"),
        ("openai/dall-e-3", {"resolution": "256x256"}, "4"),
        ("openai/dall-e-3-hd", {"resolution": "1024x1792"}, "16"),
        # No tiers: nothing to multiply by, whatever the resolution is called.
        ("replicate/sdxl", {"resolution": "16:9"}, "1"),
        ("replicate/sdxl", {"resolution": "8192x8192"}, "1"),
        # Seconds count for what is priced by the second or minute, and never for images.
        ("replicate/sdxl", {"seconds": 30}, "1"),
        ("replicate/kling-1.5", {"seconds": 5}, "50"),
        ("replicate/kling-1.5", {"seconds": 4.01}, "50"),
        ("replicate/kling-1.5", {"seconds": 5, "quantity": 2}, "100"),
        ("replicate/minimax", {"seconds": Decimal("0.000001")}, "15"),
        # Audio by the minute, not by the second.
        ("elevenlabs/eleven_multilingual_v2", {"seconds": 1}, "1"),
        ("elevenlabs/eleven_multilingual_v2", {"seconds": 60}, "1"),
        ("elevenlabs/eleven_multilingual_v2", {"seconds": 60.001}, "2"),
        ("elevenlabs/eleven_multilingual_v2", {"seconds": 121}, "3"),
        ("atende/extractive", {"tokens": 5_000}, "1"),
        ("atende/hashed-384", {"tokens": 5_000}, "0"),
        ("openai/gpt-4o", {"tokens": 0}, "0"),
        ("openai/gpt-4o", {"tokens": 1}, "0.5"),
        ("openai/gpt-4o", {"tokens": 1_000}, "0.5"),
        ("openai/gpt-4o", {"tokens": 1_001}, "1"),
        ("openai/gpt-4o-mini", {"tokens": 4_500}, "0.15"),
        ("openai/text-embedding-3-large", {"tokens": 100_000}, "1.3"),
    ],
)
def test_price_arithmetic(name: str, measure: dict[str, Any], expected: str) -> None:
    assert default(name).credits_for(**measure) == as_credits(expected)


@pytest.mark.parametrize(
    ("name", "measure", "expected"),
    [
        ("freepik/mystic", {"resolution": "2048x2048", "quantity": 2}, "0.16"),
        ("elevenlabs/eleven_multilingual_v2", {"seconds": 61}, "0.60"),
        ("openai/text-embedding-3-small", {"tokens": 1_500}, "0.00004"),
        ("atende/extractive", {}, "0"),
    ],
)
def test_cost_in_dollars_is_that_of_the_same_units(name: str, measure: dict[str, Any], expected: str) -> None:
    assert default(name).usd_for(**measure) == Decimal(expected)


@pytest.mark.parametrize("resolution", ["2049x16", "16x2049", "4096", "999999x1"])
def test_above_the_last_tier_is_refused(resolution: str) -> None:
    with pytest.raises(ResolutionNotPriced, match="above the largest") as refused:
        default("freepik/mystic").credits_for(resolution=resolution)
    assert refused.value.extras == {"largest": 2048}


@pytest.mark.parametrize(
    "resolution", ["16:9", "4k", "", "x", "0x512", "512x0", "0", "-512x512", "1e3x1", "١٠٢٤", "9" * 7]
)
def test_what_is_not_a_size_in_pixels_is_refused(resolution: str) -> None:
    with pytest.raises(ResolutionNotPriced, match="in pixels"):
        default("freepik/mystic").credits_for(resolution=resolution)
    assert longer_side(" 640 ") == 640


def test_multiplied_once_then_rounded_up() -> None:
    """Rounding each unit or each image first would give 6, and 1 credit for each 0.1."""
    assert price(Unit.IMAGE, "1", px512="1.5").credits_for(quantity=3, resolution="512") == 5 * CREDIT
    assert price(Unit.IMAGE, "1", px512="0.1").credits_for(quantity=10, resolution="512") == 1 * CREDIT
    assert price(Unit.IMAGE, "0.000001", px512="0.1").credits_for(quantity=11, resolution="512") == 2
    assert price(Unit.IMAGE, "0.5", px512="1.5").credits_for(resolution="512") == as_credits("0.75")


def test_tiers_are_compared_as_numbers() -> None:
    assert price(Unit.IMAGE, px1024="2", px512="1").credits_for(resolution="600") == 2 * CREDIT
    assert price(Unit.IMAGE, px900="1", px1024="2").credits_for(resolution="900") == 1 * CREDIT


NOT_NUMBERS = [-1, -0.5, True, "5", float("nan"), float("inf"), Decimal("nan"), Decimal("snan"), Decimal("inf"), 2**63]


@pytest.mark.parametrize("value", [*NOT_NUMBERS, None])
def test_g28_a_measure_that_is_missing_or_no_number_has_no_price(value: Any) -> None:
    for unit, measure in ((Unit.SECOND, "seconds"), (Unit.MINUTE, "seconds"), (Unit.TOKENS, "tokens")):
        with pytest.raises(Invalid, match=measure):
            price(unit).credits_for(**{measure: value})
    with pytest.raises(Invalid, match="quantity"):
        price(Unit.IMAGE).credits_for(quantity=value)
    with pytest.raises(Invalid, match="tokens"):
        price(Unit.TOKENS).credits_for(tokens=1.5)  # type: ignore[arg-type]


def test_g28_a_price_that_overflows_is_refused() -> None:
    dear = replace(price(Unit.TOKENS), credits_per_unit=Credits(MAX_AMOUNT))
    assert dear.credits_for(tokens=1_000) <= MAX_AMOUNT
    with pytest.raises(Invalid, match="more than the ledger can count"):
        dear.credits_for(tokens=1_001)
    with pytest.raises(Invalid, match="more than the ledger can count"):
        dear.usd_for(tokens=MAX_AMOUNT, quantity=MAX_AMOUNT)


@pytest.mark.parametrize(
    "changes",
    [
        {"credits_per_unit": -1},
        {"credits_per_unit": MAX_AMOUNT + 1},
        {"credits_per_unit": 1.5},
        {"credits_per_unit": True},
        {"cost_usd_per_unit": Decimal("-0.01")},
        {"cost_usd_per_unit": Decimal("nan")},
        {"cost_usd_per_unit": Decimal(10_000)},
        {"resolution_multipliers": {"16:9": Decimal(1)}},
        {"resolution_multipliers": {"0": Decimal(1)}},
        {"resolution_multipliers": {"512": Decimal(0)}},
        {"resolution_multipliers": {"512": Decimal("inf")}},
        {"resolution_multipliers": {"512": Decimal("nan")}},
        {"resolution_multipliers": {"512": Decimal(1_001)}},
    ],
)
def test_a_price_that_cannot_mean_anything_is_invalid(changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        replace(price(Unit.IMAGE), **changes)


def test_a_missing_price_says_which() -> None:
    missing = PriceNotFound("openai", "gpt-9", "chat")
    assert isinstance(missing, NotFound)
    assert missing.code == "PRICE_NOT_FOUND"
    assert "openai/gpt-9, chat" in missing.detail
    assert missing.extras == {"provider": "openai", "model": "gpt-9", "operation": "chat"}


@given(
    amount=st.one_of(st.fractions(0, 10**30), st.decimals(0, 10**20, places=9), st.floats(0, 1e15), st.integers(0)),
    step=st.sampled_from([1, 60, 1_000, CREDIT]),
)
@example(amount=2**62 + 1, step=1)
@example(amount=Decimal("1." + "0" * 40 + "1"), step=1)
@example(amount=Fraction(CREDIT * 10**20 + 1), step=CREDIT)
def test_rounding_gives_the_least_multiple_not_below(amount: float | Decimal | Fraction, step: int) -> None:
    rounded = round_up(amount, step)
    assert rounded % step == 0
    assert 0 <= rounded - Fraction(amount) < step


@given(
    micro=st.integers(0, 10**9),
    factor=st.decimals(Decimal("0.000001"), 1_000, places=6),
    quantity=st.integers(0, 10**6),
)
def test_the_price_is_the_exact_product_and_less_than_one_step_more(micro: int, factor: Decimal, quantity: int) -> None:
    priced = replace(
        price(Unit.IMAGE), credits_per_unit=Credits(micro), resolution_multipliers={"512": factor}
    ).credits_for(quantity=quantity, resolution="512")
    exact = Fraction(factor) * micro * quantity
    assert exact <= priced < exact + (1 if micro % CREDIT else CREDIT)


@given(first=st.integers(0, 10**7), second=st.integers(0, 10**7))
def test_a_hold_for_more_tokens_covers_fewer_and_two_calls_cover_one(first: int, second: int) -> None:
    p = default("openai/gpt-4o")
    apart = p.credits_for(tokens=first) + p.credits_for(tokens=second)
    assert p.credits_for(tokens=max(first, second)) <= p.credits_for(tokens=first + second) <= apart
