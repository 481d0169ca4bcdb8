"""The prices of one moment."""

from dataclasses import dataclass

from atende.core.credits.price import Price, PriceNotFound
from atende.core.kernel import Credits


@dataclass(frozen=True, slots=True)
class PriceList:
    """All active prices, read at once: what is held for work and what is captured for it are reckoned with the same ones."""

    prices: tuple[Price, ...]

    def find(self, provider: str, model: str, operation: str) -> Price:
        """Raises PriceNotFound."""
        for price in self.prices:
            if (price.provider, price.model, price.operation) == (provider, model, operation):
                return price
        raise PriceNotFound(provider, model, operation)

    def cost(self, provider: str, model: str, operation: str, *, quantity: int = 1, tokens: int) -> Credits:
        """Raises PriceNotFound, and Invalid as Price.credits_for."""
        return self.find(provider, model, operation).credits_for(quantity=quantity, tokens=tokens)
