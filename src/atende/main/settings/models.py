"""Which models answer and embed, and what they cost, as the settings choose."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from uuid import NAMESPACE_OID, uuid5

from atende.core.credits.price import CHAT, EMBED, Price, Unit
from atende.core.kernel import Invalid, as_credits
from atende.main.settings.model import Settings
from atende.main.settings.values import SettingsError

API = "https://api.openai.com/v1"
BUILT_IN = "hashed-384"
"""The value of EMBEDDING_MODEL for the embedding in this process."""
BUILT_IN_SIZE = 384
SEMANTIC, SEMANTIC_MODEL = "multilingual-e5-small", "multilingual-e5-small-q4"
"""The value of EMBEDDING_MODEL for the model that the extra `semantic` brings, and the name under which its vectors are kept."""


@dataclass(frozen=True, slots=True)
class EmbeddingEndpoint:
    """Where texts are embedded, and by which model."""

    base_url: str
    api_key: str
    model: str
    dimension: int

    @classmethod
    def chosen(cls, settings: Settings) -> "EmbeddingEndpoint | None":
        """None: the built-in embedding. Settings default to those of the answers' endpoint, whose key goes nowhere else."""
        own = settings.embedding_base_url or settings.embedding_api_key
        if settings.embedding_model == BUILT_IN or is_semantic(settings) or not (own or settings.model_is_real):
            return None
        elsewhere = settings.embedding_base_url not in {"", settings.openai_base_url or API}
        return cls(
            base_url=settings.embedding_base_url or settings.openai_base_url or API,
            api_key=settings.embedding_api_key or ("" if elsewhere else settings.openai_api_key),
            model=settings.embedding_model or settings.openai_embedding_model,
            dimension=settings.embedding_dimension or settings.openai_embedding_dimension,
        )


def other_endpoint(settings: Settings) -> EmbeddingEndpoint | None:
    """A second embedding, which the indexes of tenants can be changed to, or go on with after EMBEDDING_MODEL was changed."""
    if not settings.other_embedding_model:
        return None
    first = settings.openai_base_url or API
    elsewhere = settings.other_embedding_base_url not in {"", first}
    return EmbeddingEndpoint(
        base_url=settings.other_embedding_base_url or first,
        api_key=settings.other_embedding_api_key or ("" if elsewhere else settings.openai_api_key),
        model=settings.other_embedding_model,
        dimension=settings.other_embedding_dimension,
    )


def is_semantic(settings: Settings) -> bool:
    """Whether texts are embedded by the model in this process. A server may have a model of that name too."""
    return settings.embedding_model == SEMANTIC and not settings.embedding_base_url


def embedded_as(settings: Settings) -> tuple[str, int]:
    """The name of the embedding, and the dimensions of its vectors."""
    endpoint = EmbeddingEndpoint.chosen(settings)
    if endpoint is not None:
        return endpoint.model, endpoint.dimension
    return (SEMANTIC_MODEL if is_semantic(settings) else BUILT_IN), BUILT_IN_SIZE


def own_prices(settings: Settings) -> tuple[Price, ...]:
    """Prices of models that may have none in the table. An embedding server of one's own costs nothing unless a price is set."""
    found = []
    if settings.openai_llm_credits:
        found.append(_price("OPENAI_LLM_CREDITS", settings.openai_llm_credits, settings.openai_llm_model, CHAT))
    endpoint = EmbeddingEndpoint.chosen(settings)
    asked = settings.embedding_credits or ("0" if settings.embedding_base_url else "")
    if endpoint is not None and asked:
        found.append(_price("EMBEDDING_CREDITS", asked, endpoint.model, EMBED))
    other = other_endpoint(settings)
    asked = settings.other_embedding_credits or ("0" if settings.other_embedding_base_url else "")
    if other is not None and asked:
        found.append(_price("OTHER_EMBEDDING_CREDITS", asked, other.model, EMBED))
    return tuple(found)


def operations(settings: Settings) -> set[tuple[str, str, str]]:
    """What is paid for, by provider, model and operation."""
    endpoint = EmbeddingEndpoint.chosen(settings)
    chat = ("openai", settings.openai_llm_model, CHAT) if settings.model_is_real else ("atende", "extractive", CHAT)
    return {
        chat,
        ("atende", embedded_as(settings)[0], EMBED) if endpoint is None else ("openai", endpoint.model, EMBED),
    }


def _price(setting: str, amount: str, model: str, operation: str) -> Price:
    try:
        per_unit = as_credits(Decimal(amount))
        return Price(
            id=uuid5(NAMESPACE_OID, f"atende:price:settings:{model}:{operation}"),
            provider="openai",
            model=model,
            operation=operation,
            unit=Unit.TOKENS,
            credits_per_unit=per_unit,
            cost_usd_per_unit=Decimal(0),
        )
    except (InvalidOperation, ValueError, Invalid) as error:
        raise SettingsError(f"{setting} must be a number of credits per 1,000 tokens, such as 0.5") from error
