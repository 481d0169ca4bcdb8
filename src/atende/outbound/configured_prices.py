"""Prices of models that only the settings know."""

from collections.abc import Sequence

from atende.core.credits.ports import Prices
from atende.core.credits.price import Price, PriceNotFound
from atende.core.credits.price_list import PriceList


class ConfiguredPrices(Prices):
    """The prices of `stored`, and `configured` ones for what has none there."""

    def __init__(self, stored: Prices, configured: Sequence[Price]) -> None:
        self._stored, self._configured = stored, PriceList(tuple(configured))

    async def find(self, provider: str, model: str, operation: str) -> Price:
        try:
            return await self._stored.find(provider, model, operation)
        except PriceNotFound:
            return self._configured.find(provider, model, operation)

    async def current(self) -> PriceList:
        found = (await self._stored.current()).prices
        known = {_name(price) for price in found}
        return PriceList((*found, *(price for price in self._configured.prices if _name(price) not in known)))


def _name(price: Price) -> tuple[str, str, str]:
    return price.provider, price.model, price.operation
