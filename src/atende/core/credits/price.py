"""Prices per unit, and the calculation of the cost of work in credits and US dollars."""

import math
import re
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from uuid import NAMESPACE_OID, UUID, uuid5

from atende.core.kernel import CREDIT, MAX_AMOUNT, Credits, Invalid, NotFound, as_credits

GENERATE = "generate"
CHAT = "chat"
EMBED = "embed"

MICRO = 1_000_000
MAX_MULTIPLIER = 1_000
_SIZE = re.compile(r"([0-9]{1,6})(?:[x×]([0-9]{1,6}))?")


class Unit(StrEnum):
    """The unit of a price."""

    ANSWER = "answer"
    TOKENS = "1k_tokens"
    IMAGE = "image"
    SECOND = "second"
    MINUTE = "minute"


class PriceNotFound(NotFound):
    """There is no price for this work."""

    def __init__(self, provider: str, model: str, operation: str) -> None:
        name = f"{provider}/{model}, {operation}"
        super().__init__(
            f"there is no active price for {name}: add one, or choose a model that has one",
            provider=provider,
            model=model,
            operation=operation,
        )


class ResolutionNotPriced(Invalid):
    """There is no price for this resolution."""


def round_up(amount: float | Decimal | Fraction, step: int = 1) -> int:
    """The smallest multiple of `step` that is at least `amount`, exactly. Nothing else in the product rounds credits."""
    return -(-math.ceil(amount) // step) * step


def longer_side(resolution: str) -> int:
    """Pixels of the longer side of `1024x768` or `1024`. Raises ResolutionNotPriced, also for aspect ratios such as 16:9."""
    size = _SIZE.fullmatch(resolution.strip().lower())
    sides = [int(side) for side in size.groups(default="1")] if size else [0]
    if min(sides) == 0:
        raise ResolutionNotPriced("a resolution must be given in pixels, such as 1024x1024")
    return max(sides)


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Price of one unit of an operation of a model: micro-credits for the customer, US dollars for the installation.

    `resolution_multipliers` maps tiers (the longer side in pixels, as text) to factors. (provider, model, operation) is unique.
    """

    id: UUID
    provider: str
    model: str
    operation: str
    unit: Unit
    credits_per_unit: Credits
    cost_usd_per_unit: Decimal
    resolution_multipliers: dict[str, Decimal] = field(default_factory=dict)
    is_active: bool = True

    def __post_init__(self) -> None:
        if type(self.credits_per_unit) is not int or not 0 <= self.credits_per_unit <= MAX_AMOUNT:
            raise Invalid(f"a price must be a whole number of micro-credits from 0 to {MAX_AMOUNT}")
        if not (self.cost_usd_per_unit.is_finite() and 0 <= self.cost_usd_per_unit < 10_000):
            raise Invalid("a cost per unit must be at least 0 and less than 10,000 dollars")
        for tier, factor in self.resolution_multipliers.items():
            if not re.fullmatch(r"[1-9][0-9]{0,5}", tier):
                raise Invalid("a resolution tier must be the longer side in pixels, such as 1024")
            if not (factor.is_finite() and Decimal("0.000001") <= factor <= MAX_MULTIPLIER):
                raise Invalid(f"a resolution multiplier must be between 0.000001 and {MAX_MULTIPLIER}")

    def credits_for(
        self,
        *,
        quantity: int = 1,
        tokens: int | None = None,
        seconds: float | Decimal | None = None,
        resolution: str | None = None,
    ) -> Credits:
        """Cost in micro-credits of `quantity` pieces of work, each of this many tokens or seconds, depending on the unit.

        The product is rounded up: to whole credits if the price is in whole credits, otherwise to a micro-credit. Raises Invalid
        if a needed measure is missing or not valid, and ResolutionNotPriced above the largest tier.
        """
        factor = self._factor(quantity=quantity, tokens=tokens, seconds=seconds, resolution=resolution)
        step = 1 if self.credits_per_unit % CREDIT else CREDIT
        return Credits(_bounded(round_up(self.credits_per_unit * factor, step)))

    def usd_for(
        self,
        *,
        quantity: int = 1,
        tokens: int | None = None,
        seconds: float | Decimal | None = None,
        resolution: str | None = None,
    ) -> Decimal:
        """Cost of the same work for the installation, in dollars, rounded up to a millionth. Raises the errors of credits_for."""
        factor = self._factor(quantity=quantity, tokens=tokens, seconds=seconds, resolution=resolution)
        return Decimal(_bounded(round_up(Fraction(self.cost_usd_per_unit) * MICRO * factor))) / MICRO

    def multiplier(self, resolution: str | None) -> Decimal:
        """The factor of the smallest tier that is at least the longer side; 1 without tiers or without a resolution."""
        if resolution is None or not self.resolution_multipliers:
            return Decimal(1)
        side = longer_side(resolution)
        tiers = sorted((int(tier), factor) for tier, factor in self.resolution_multipliers.items())
        for tier, factor in tiers:
            if side <= tier:
                return factor
        largest = tiers[-1][0]
        raise ResolutionNotPriced(
            f"{resolution} is above the largest priced resolution: request at most {largest} pixels", largest=largest
        )

    def _factor(
        self, *, quantity: int, tokens: int | None, seconds: float | Decimal | None, resolution: str | None
    ) -> int | Fraction:
        units = _whole(quantity, "quantity")
        if self.unit is Unit.TOKENS:
            units *= round_up(_whole(tokens, "tokens"), 1_000) // 1_000
        elif self.unit is Unit.SECOND:
            units *= round_up(_duration(seconds))
        elif self.unit is Unit.MINUTE:
            units *= round_up(_duration(seconds), 60) // 60
        factor = self.multiplier(resolution)
        return units if factor == 1 else units * Fraction(factor)  # fractions are slow, and most work has none


def _whole(value: int | None, name: str) -> int:
    if type(value) is not int or not 0 <= value <= MAX_AMOUNT:
        raise Invalid(f"{name} is required: a whole number from 0 on")
    return value


def _duration(seconds: float | Decimal | None) -> float | Decimal:
    real = type(seconds) in {int, float} or (isinstance(seconds, Decimal) and not seconds.is_nan())
    if seconds is None or not real or not 0 <= seconds <= MAX_AMOUNT:
        raise Invalid("seconds are required: a number from 0 on")
    return seconds


def _bounded(amount: int) -> int:
    if amount > MAX_AMOUNT:
        raise Invalid("this costs more than the ledger can count: request less at once")
    return amount


def _price(name: str, operation: str, unit: Unit, amount: str, usd: str, **tiers: int) -> Price:
    provider, model = name.split("/")
    return Price(
        id=uuid5(NAMESPACE_OID, f"atende:price:{name}:{operation}"),
        provider=provider,
        model=model,
        operation=operation,
        unit=unit,
        credits_per_unit=as_credits(amount),
        cost_usd_per_unit=Decimal(usd),
        resolution_multipliers={tier.removeprefix("px"): Decimal(factor) for tier, factor in tiers.items()},
    )


# Text is sold like most of the table: 1 credit per US cent of cost. A chat price has one rate for input and output tokens, twice
# the provider's rate for input, because a turn with passages is mostly input. It covers turns in which a third (gpt-4o: 0.0025 in,
# 0.01 out per 1,000 tokens) to a half (gpt-4-turbo: 0.01, 0.03) of the tokens are output. For gpt-4o it is the upper end of the
# known cost of such answers, 2.50 to 5.00 dollars per million tokens. Models in our own process have no external cost: an
# extractive answer has a price per answer, its embeddings are free.
DEFAULT_PRICES: tuple[Price, ...] = (
    _price("freepik/mystic", GENERATE, Unit.IMAGE, "1", "0.02", px512=1, px1024=2, px2048=4),
    _price("replicate/flux-schnell", GENERATE, Unit.IMAGE, "1", "0.003", px512=1, px1024=1, px2048=2),
    _price("replicate/flux-pro", GENERATE, Unit.IMAGE, "3", "0.055", px512=1, px1024=1, px2048=2),
    _price("replicate/sdxl", GENERATE, Unit.IMAGE, "1", "0.004"),
    _price("replicate/kling-1.5", GENERATE, Unit.SECOND, "10", "0.10"),
    _price("replicate/minimax", GENERATE, Unit.SECOND, "15", "0.15"),
    _price("openai/dall-e-3", GENERATE, Unit.IMAGE, "4", "0.04", px1024=1, px1792=2),
    _price("openai/dall-e-3-hd", GENERATE, Unit.IMAGE, "8", "0.08", px1024=1, px1792=2),
    _price("elevenlabs/eleven_multilingual_v2", GENERATE, Unit.MINUTE, "1", "0.30"),
    _price("atende/extractive", CHAT, Unit.ANSWER, "1", "0"),
    _price("atende/hashed-384", EMBED, Unit.TOKENS, "0", "0"),
    _price("atende/multilingual-e5-small-q4", EMBED, Unit.TOKENS, "0", "0"),
    _price("openai/gpt-4o", CHAT, Unit.TOKENS, "0.5", "0.005"),
    _price("openai/gpt-4o-mini", CHAT, Unit.TOKENS, "0.03", "0.0003"),
    _price("openai/gpt-4-turbo", CHAT, Unit.TOKENS, "2", "0.02"),
    _price("openai/gpt-3.5-turbo", CHAT, Unit.TOKENS, "0.1", "0.001"),
    _price("openai/text-embedding-3-large", EMBED, Unit.TOKENS, "0.013", "0.00013"),
    _price("openai/text-embedding-3-small", EMBED, Unit.TOKENS, "0.002", "0.00002"),
)
