"""What the doctor says of the models: whether they can be used, and what their endpoints accept."""

from collections.abc import AsyncIterator

import pytest

from atende.fakes import faults
from atende.fakes.openai import FakeOpenAI
from atende.main.commands.doctor.models import look_at_models
from atende.main.commands.doctor.part import Part, State
from atende.main.providers.configuration import read_settings


@pytest.fixture
async def fake() -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI() as served:
        yield served


async def look(**environ: str) -> tuple[Part, Part]:
    model, embedding = await look_at_models(read_settings(environ))
    assert (model.name, embedding.name) == ("model", "embedding")
    return model, embedding


async def test_without_settings_both_are_built_in() -> None:
    assert [part.state for part in await look()] == [State.BUILT_IN] * 2


async def test_what_the_endpoints_accept_is_shown(fake: FakeOpenAI) -> None:
    model, embedding = await look(OPENAI_BASE_URL=f"{fake.url}/v1")
    assert (model.state, embedding.state) == (State.REAL, State.REAL)
    assert model.detail == f"gpt-4o at {fake.url}/v1: JSON mode, max_completion_tokens, tokens reported"
    assert embedding.detail.endswith("1536 dimensions: vectors in base64, tokens reported")


async def test_what_the_endpoints_refuse_is_shown(fake: FakeOpenAI) -> None:
    names = ("response_format", "max_completion_tokens", "temperature", "system_role", "base64", "dimensions")
    fake.faults.set(*(faults.odd(f"refuses_{name}") for name in names), faults.odd("no_usage"))
    fake.default_dimension = 768
    own = {"EMBEDDING_BASE_URL": f"{fake.url}/v1", "EMBEDDING_MODEL": "local", "EMBEDDING_DIMENSION": "768"}
    model, embedding = await look(OPENAI_BASE_URL=f"{fake.url}/v1", **own)
    for words in ("JSON in plain text", "max_tokens", "no temperature", "no system message", "counted here"):
        assert words in model.detail
    for words in ("local at", "vectors as numbers", "its own dimension only", "counted here", "without an index"):
        assert words in embedding.detail


async def test_models_that_cannot_be_used_are_wrong(fake: FakeOpenAI) -> None:
    fake.faults.set(faults.odd("plain_text"), faults.odd("vectors_short"))
    model, embedding = await look(OPENAI_BASE_URL=f"{fake.url}/v1")
    assert (model.state, embedding.state) == (State.WRONG, State.WRONG)
    assert "did not return the JSON object" in model.detail
    assert "1535 numbers where 1536 are set" in embedding.detail


async def test_an_embedding_of_its_own_is_asked_without_a_model(fake: FakeOpenAI) -> None:
    model, embedding = await look(EMBEDDING_BASE_URL=f"{fake.url}/v1")
    assert (model.state, embedding.state) == (State.BUILT_IN, State.REAL)
    fake.faults.set(faults.status(503))
    assert (await look(EMBEDDING_BASE_URL=f"{fake.url}/v1"))[1].state is State.WRONG
