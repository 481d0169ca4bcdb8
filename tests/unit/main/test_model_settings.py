"""Which endpoint embeds, with whose key, and for which price."""

from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest

from atende.core.credits.ports import Prices
from atende.core.credits.price import DEFAULT_PRICES, Price, PriceNotFound
from atende.core.credits.price_list import PriceList
from atende.main.providers.configuration import read_settings
from atende.main.settings import SettingsError
from atende.main.settings.models import API, EmbeddingEndpoint, operations, own_prices
from atende.outbound.configured_prices import ConfiguredPrices

LOCAL = "http://127.0.0.1:11434/v1"
LARGE = "text-embedding-3-large"


@pytest.mark.parametrize(
    ("environ", "chosen"),
    [
        ({}, None),
        ({"OPENAI_API_KEY": "k"}, (API, "k", LARGE, 1536)),
        ({"OPENAI_BASE_URL": LOCAL}, (LOCAL, "", LARGE, 1536)),
        ({"OPENAI_API_KEY": "k", "EMBEDDING_MODEL": "hashed-384"}, None),
        ({"EMBEDDING_BASE_URL": LOCAL, "EMBEDDING_MODEL": "m", "EMBEDDING_DIMENSION": "384"}, (LOCAL, "", "m", 384)),
        ({"EMBEDDING_API_KEY": "e"}, (API, "e", LARGE, 1536)),
        ({"OPENAI_API_KEY": "k", "EMBEDDING_BASE_URL": LOCAL}, (LOCAL, "", LARGE, 1536)),
        ({"OPENAI_API_KEY": "k", "EMBEDDING_BASE_URL": API}, (API, "k", LARGE, 1536)),
        ({"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": LOCAL, "EMBEDDING_BASE_URL": LOCAL}, (LOCAL, "k", LARGE, 1536)),
        ({"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": LOCAL, "EMBEDDING_BASE_URL": API}, (API, "", LARGE, 1536)),
        ({"OPENAI_API_KEY": "k", "EMBEDDING_API_KEY": "e", "EMBEDDING_BASE_URL": LOCAL}, (LOCAL, "e", LARGE, 1536)),
        ({"OPENAI_API_KEY": "k", "OPENAI_EMBEDDING_DIMENSION": "3072"}, (API, "k", LARGE, 3072)),
    ],
)
def test_the_embedding_has_settings_of_its_own(
    environ: dict[str, str], chosen: tuple[str, str, str, int] | None
) -> None:
    assert EmbeddingEndpoint.chosen(read_settings(environ)) == (EmbeddingEndpoint(*chosen) if chosen else None)


def test_the_embedding_does_not_decide_who_answers() -> None:
    settings = read_settings({"EMBEDDING_BASE_URL": LOCAL, "EMBEDDING_MODEL": "m"})
    assert not settings.model_is_real
    assert operations(settings) == {("atende", "extractive", "chat"), ("openai", "m", "embed")}


@pytest.mark.parametrize(
    ("environ", "prices"),
    [
        ({"OPENAI_API_KEY": "k"}, {}),
        ({"EMBEDDING_API_KEY": "k"}, {}),
        ({"EMBEDDING_BASE_URL": LOCAL, "EMBEDDING_MODEL": "m"}, {"m": 0}),
        ({"EMBEDDING_BASE_URL": LOCAL, "EMBEDDING_MODEL": "m", "EMBEDDING_CREDITS": "0.25"}, {"m": 250_000}),
        ({"OPENAI_API_KEY": "k", "OPENAI_LLM_MODEL": "m", "OPENAI_LLM_CREDITS": "2"}, {"m": 2_000_000}),
    ],
)
def test_a_model_of_ones_own_has_a_price_of_ones_own(environ: dict[str, str], prices: dict[str, int]) -> None:
    assert {price.model: price.credits_per_unit for price in own_prices(read_settings(environ))} == prices


@pytest.mark.parametrize("text", ["much", "-1", "1e-9", "nan", "inf"])
def test_a_price_that_is_none_stops_the_start(text: str) -> None:
    with pytest.raises(SettingsError, match="EMBEDDING_CREDITS must be a number of credits"):
        read_settings({"EMBEDDING_BASE_URL": LOCAL, "EMBEDDING_CREDITS": text})


@pytest.mark.parametrize("environ", [{"EMBEDDING_DIMENSION": "-1"}, {"OPENAI_EMBEDDING_DIMENSION": "0"}])
def test_a_dimension_that_is_none_stops_the_start(environ: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="EMBEDDING_DIMENSION"):
        read_settings(environ)


class Stored(Prices):
    async def find(self, provider: str, model: str, operation: str) -> Price:
        return PriceList(DEFAULT_PRICES).find(provider, model, operation)

    async def current(self) -> PriceList:
        return PriceList(DEFAULT_PRICES)


async def test_the_table_of_prices_wins_over_the_settings() -> None:
    configured = own_prices(
        read_settings(
            {"OPENAI_API_KEY": "k", "OPENAI_LLM_CREDITS": "9", "EMBEDDING_BASE_URL": LOCAL, "EMBEDDING_MODEL": "m"}
        )
    )
    prices = ConfiguredPrices(Stored(), configured)
    current = await prices.current()
    for find in (prices.find, _found(current)):
        assert (await find("openai", "gpt-4o", "chat")).cost_usd_per_unit > Decimal(0)
        assert (await find("openai", "m", "embed")).credits_per_unit == 0
        with pytest.raises(PriceNotFound):
            await find("openai", "other", "embed")
    assert len(current.prices) == len(DEFAULT_PRICES) + 1


def _found(prices: PriceList) -> Callable[[str, str, str], Awaitable[Price]]:
    async def find(provider: str, model: str, operation: str) -> Price:
        return prices.find(provider, model, operation)

    return find
