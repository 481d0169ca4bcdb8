"""The adapters of OpenAI against endpoints that are compatible in many odd ways.

None of them may end as "not in the documents", as an unknown error, or in a storm of calls.
"""

import json
from collections.abc import AsyncIterator
from uuid import uuid4

import openai
import pytest

from atende.core.kernel import Invalid, Unavailable, Unusable
from atende.core.knowledge.model import Passage, Question, Said
from atende.core.language.text import estimate_tokens
from atende.fakes import faults
from atende.fakes.openai import FakeOpenAI
from atende.fakes.openai_oddities import LARGEST_BATCH, REFUSALS, RESPONSES
from atende.outbound.openai import OpenAIAnswerer, OpenAIEmbedding

RETURNS = "A troca pode ser pedida em até 7 dias após a entrega."
QUESTION = Question(
    text="Em quantos dias posso pedir a troca?",
    language="pt",
    passages=(
        Passage(chunk_id=uuid4(), document_id=uuid4(), document_name="a", version=1, index=0, content=RETURNS, score=1),
    ),
    history=(Said(by_customer=True, text="Oi"), Said(by_customer=True, text="Bom dia")),
)
MUTE = faults.odd("mute")

ANSWERED = {
    *(name for name in REFUSALS if name.endswith(("format", "tokens", "temperature", "role"))),
    *(name for name in RESPONSES if name.endswith("usage")),
    "content_parts",
    "thinks",
    "thinks_unopened",
    "two_objects",
    "words_round_fences",
    "flawed_fields",
}
ASKED_TWICE = {"content_null", "thinks_for_ever", "plain_text"}
ASKED_ONCE = {"no_choices", "null_choices", "refusal", "truncated", "error_in_200"}
EMBEDDED = {"refuses_base64", "refuses_dimensions", "vectors_shuffled", "vectors_without_index"}
FLAWED = {name for name in RESPONSES if name.startswith(("vectors", "data"))} - EMBEDDED


@pytest.fixture
async def fake() -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI() as served:
        yield served


@pytest.fixture
async def answerer(fake: FakeOpenAI) -> AsyncIterator[OpenAIAnswerer]:
    made = OpenAIAnswerer(api_key="", model="small", base_url=f"{fake.url}/v1", timeout=3.0)
    yield made
    await made.close()


@pytest.fixture
async def embedding(fake: FakeOpenAI) -> AsyncIterator[OpenAIEmbedding]:
    made = OpenAIEmbedding(api_key="", model="local", dimension=64, base_url=f"{fake.url}/v1", timeout=3.0, sleep=_soon)
    yield made
    await made.close()


async def _soon(seconds: float) -> None:
    assert 0 < seconds <= 30


def test_every_oddity_is_tried() -> None:
    known = ANSWERED | ASKED_TWICE | ASKED_ONCE | EMBEDDED | FLAWED | {"refuses_large_batches"}
    assert known == {*REFUSALS, *RESPONSES}


@pytest.mark.parametrize("name", sorted(ANSWERED))
async def test_an_answer_comes_through(fake: FakeOpenAI, answerer: OpenAIAnswerer, name: str) -> None:
    fake.faults.set(faults.odd(name))
    for _ in range(2):
        draft = await answerer.answer(QUESTION)
        assert [sentence.text for sentence in draft.sentences] == [RETURNS]
        assert {quote.text for quote in draft.sentences[0].quotes} == {RETURNS}
        assert draft.usage.estimated is (name in {"no_usage", "null_usage", "zero_usage", "odd_usage"})
        assert draft.usage.tokens_in > estimate_tokens(RETURNS)
        assert draft.usage.tokens_out > estimate_tokens(RETURNS)
    assert len(fake.requests) == (3 if name in REFUSALS else 2), "what is refused is learned once"


@pytest.mark.parametrize("name", sorted(ASKED_ONCE | ASKED_TWICE))
async def test_what_is_no_answer_is_unavailable(fake: FakeOpenAI, answerer: OpenAIAnswerer, name: str) -> None:
    fake.faults.set(faults.odd(name))
    with pytest.raises(Unavailable) as caught:
        await answerer.answer(QUESTION)
    assert caught.value.code == "UNAVAILABLE"
    assert isinstance(caught.value, Unusable) is (name != "error_in_200")
    assert "\n" not in caught.value.detail
    assert len(fake.requests) == (2 if name in ASKED_TWICE else 1)


async def test_many_refusals_at_once_are_all_learned(fake: FakeOpenAI, answerer: OpenAIAnswerer) -> None:
    names = [name for name in REFUSALS if name in ANSWERED]
    fake.faults.set(*map(faults.odd, names))
    assert (await answerer.answer(QUESTION)).sentences
    assert len(fake.requests) == len(names) + 1
    body = fake.requests[-1].data["body"]
    assert set(body) == {"model", "messages", "max_tokens"}
    (message,) = body["messages"]
    assert message["role"] == "user"
    assert json.loads(message["content"].split("\n\n")[-1])["earlier"][0] == {"from": "customer", "text": "Oi"}


@pytest.mark.parametrize("name", sorted(ANSWERED & REFUSALS.keys()))
async def test_refusals_without_a_reason_cost_the_least(fake: FakeOpenAI, answerer: OpenAIAnswerer, name: str) -> None:
    fake.faults.set(faults.odd(name), MUTE)
    assert (await answerer.answer(QUESTION)).sentences
    assert len(answerer.capabilities("small").learned) == 1
    assert len(fake.requests) <= 5
    await answerer.answer(QUESTION)
    assert answerer.capabilities("other").learned == frozenset(), "each model has its own"


async def test_refusals_of_everything_end(fake: FakeOpenAI, answerer: OpenAIAnswerer) -> None:
    fake.faults.set(faults.status(400))
    with pytest.raises(Invalid, match="400"):
        await answerer.answer(QUESTION)
    assert len(fake.requests) == 16
    fake.faults.set()
    await answerer.answer(QUESTION)
    assert answerer.capabilities("small").learned == frozenset(), "nothing is learned from what did not help"


@pytest.mark.parametrize("code", ["context_length_exceeded", "content_filter", "model_not_found"])
async def test_a_refusal_of_the_content_is_not_tried_in_other_forms(
    fake: FakeOpenAI, answerer: OpenAIAnswerer, code: str
) -> None:
    fake.faults.set(faults.status(400, code=code))
    with pytest.raises(Invalid, match=code):
        await answerer.answer(QUESTION)
    assert len(fake.requests) == 1


async def test_an_endpoint_that_is_down_is_left_alone_for_a_while(fake: FakeOpenAI, answerer: OpenAIAnswerer) -> None:
    fake.faults.set(faults.status(503))
    for _ in range(20):
        with pytest.raises(Unavailable):
            await answerer.answer(QUESTION)
    assert len(fake.requests) == 5
    with pytest.raises(Unavailable, match="called again in a few seconds") as caught:
        await answerer.answer(QUESTION)
    assert 0 < (caught.value.retry_after or 0) <= 5


@pytest.mark.parametrize("mute", [False, True])
@pytest.mark.parametrize("name", sorted(EMBEDDED))
async def test_vectors_come_through(fake: FakeOpenAI, embedding: OpenAIEmbedding, name: str, *, mute: bool) -> None:
    texts = [f"texto {n}" for n in range(130)]
    right = (await embedding.embed(texts)).vectors
    other = OpenAIEmbedding(api_key="", model="local", dimension=64, base_url=f"{fake.url}/v1", timeout=3.0)
    if name == "refuses_dimensions":
        other = OpenAIEmbedding(api_key="", model="local", dimension=1536, base_url=f"{fake.url}/v1", timeout=3.0)
        right = (await other.embed(texts)).vectors
        await other.close()
        other = OpenAIEmbedding(api_key="", model="local", dimension=1536, base_url=f"{fake.url}/v1", timeout=3.0)
    fake.faults.set(faults.odd(name), *([MUTE] if mute else []))
    asked = len(fake.requests)
    embedded = await other.embed(texts)
    assert [[round(value, 5) for value in vector] for vector in embedded.vectors] == [
        [round(value, 5) for value in vector] for vector in right
    ]
    assert len(fake.requests) - asked <= 7
    assert other.batch == 100
    await other.close()


@pytest.mark.parametrize("name", sorted(FLAWED))
async def test_flawed_vectors_are_one_error_after_one_call(
    fake: FakeOpenAI, embedding: OpenAIEmbedding, name: str
) -> None:
    fake.faults.set(faults.odd(name))
    with pytest.raises(Unavailable) as caught:
        await embedding.embed([f"texto {n}" for n in range(250)])
    assert isinstance(caught.value, Unusable) is (name != "data_null")
    assert (caught.value.code, "\n" in caught.value.detail) == ("UNAVAILABLE", False)
    assert len(fake.requests) == 1


@pytest.mark.parametrize("mute", [False, True])
async def test_batches_that_are_refused_get_smaller(
    fake: FakeOpenAI, embedding: OpenAIEmbedding, *, mute: bool
) -> None:
    fake.faults.set(faults.odd("refuses_large_batches"), *([MUTE] if mute else []))
    texts = [f"texto {n}" for n in range(150)]
    embedded = await embedding.embed(texts)
    sizes = [len(entry.data["body"]["input"]) for entry in fake.requests]
    assert sum(size for size in sizes if size <= LARGEST_BATCH) == 150, "nothing is paid for twice"
    assert sum(size > LARGEST_BATCH for size in sizes) <= 5
    assert LARGEST_BATCH // 2 <= embedding.batch <= LARGEST_BATCH
    fake.faults.set()
    assert embedded.vectors[137] == (await embedding.embed([texts[137]])).vectors[0]


async def test_a_text_that_is_refused_is_the_texts_fault(fake: FakeOpenAI, embedding: OpenAIEmbedding) -> None:
    await embedding.embed(["a", "b"])
    fake.faults.set(faults.status(400))
    with pytest.raises(Invalid):
        await embedding.embed(["c"])
    assert len(fake.requests) == 2
    assert embedding.batch == 100


async def test_tokens_of_texts_are_counted_if_they_are_not_reported(
    fake: FakeOpenAI, embedding: OpenAIEmbedding
) -> None:
    fake.faults.set(faults.odd("no_usage"))
    embedded = await embedding.embed([RETURNS] * 3)
    assert embedded.usage.tokens_in == 3 * estimate_tokens(RETURNS)
    assert embedded.usage.estimated
    assert embedding.capabilities.counts_usage is False


async def test_a_batch_that_fails_after_others_is_tried_again_alone(
    fake: FakeOpenAI, embedding: OpenAIEmbedding
) -> None:
    class Flaky:
        asked = 0

    def strike(side: str, path: str = "") -> list[faults.Fault]:
        Flaky.asked += side == "answer"
        failing = side == "answer" and Flaky.asked in {2, 3}
        return [faults.status(503, retry_after=2)] if failing else []

    fake.faults.strike = strike  # type: ignore[method-assign]
    embedded = await embedding.embed([f"texto {n}" for n in range(250)])
    assert len(embedded.vectors) == 250
    assert [len(entry.data["body"]["input"]) for entry in fake.requests] == [100, 100, 100, 100, 50]


async def test_oddities_are_repeatable_by_seed() -> None:
    async def refused(seed: int) -> list[bool]:
        async with FakeOpenAI(seed=seed, faults=[faults.odd("refuses_temperature", rate=0.5)]) as fake:
            client = openai.AsyncOpenAI(api_key="k", base_url=f"{fake.url}/v1", max_retries=0)
            outcomes = []
            for _ in range(12):
                try:
                    await client.chat.completions.create(
                        model="m", messages=[{"role": "user", "content": "?"}], temperature=0.3
                    )
                    outcomes.append(False)
                except openai.BadRequestError as error:
                    outcomes.append("temperature" in str(error))
            await client.close()
            return outcomes

    first = await refused(7)
    assert set(first) == {True, False}
    assert await refused(7) == first


async def test_the_official_client_sees_the_oddities_as_we_do(fake: FakeOpenAI) -> None:
    client = openai.AsyncOpenAI(api_key="k", base_url=f"{fake.url}/v1", max_retries=0)
    fake.faults.set(faults.odd("no_choices"), faults.odd("no_usage"))
    completion = await client.chat.completions.create(model="m", messages=[{"role": "user", "content": "?"}])
    assert (completion.choices, completion.usage) == ([], None)
    fake.faults.set(faults.odd("vectors_nested"))
    response = await client.embeddings.create(model="m", input="a", dimensions=4, encoding_format="float")
    assert len(str(response.data[0].embedding[0]).split(",")) == 4
    fake.faults.set(faults.odd("refuses_base64"))
    with pytest.raises(openai.BadRequestError):
        await client.embeddings.create(model="m", input="a", dimensions=4)
    await client.close()
