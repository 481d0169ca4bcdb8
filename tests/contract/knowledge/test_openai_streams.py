"""Answers of a model that are read while they are written."""

import json
from collections.abc import AsyncIterator

import pytest

from atende.core.kernel import Unavailable, Unusable
from atende.core.knowledge.model import DraftSentence
from atende.fakes.loopback_server import Reply
from atende.fakes.openai import Completion, FakeOpenAI
from atende.outbound.openai import OpenAIAnswerer
from tests.contract.knowledge.test_openai import CARE, RETURNS, question

TWO = json.dumps(
    {
        "sentences": [
            {"text": "Em até 7 dias { sic }.", "quotes": [{"passage": 2, "text": RETURNS[:58]}]},
            {"text": "Lave só com água morna.", "quotes": [{"passage": 1, "text": CARE[:40]}]},
        ],
        "resolved": 0.5,
    },
    ensure_ascii=False,
)


@pytest.fixture
async def fake() -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI(api_key="sk-right") as served:
        yield served


@pytest.fixture
async def answerer(fake: FakeOpenAI) -> AsyncIterator[OpenAIAnswerer]:
    made = OpenAIAnswerer(api_key="sk-right", model="small", base_url=f"{fake.url}/v1", timeout=3.0)
    yield made
    await made.close()


def streamed(fake: FakeOpenAI) -> list[bool]:
    return [bool(one.data["body"].get("stream")) for one in fake.requests]


async def test_the_same_draft_is_told_sentence_by_sentence(fake: FakeOpenAI, answerer: OpenAIAnswerer) -> None:
    fake.script(TWO, TWO)
    told: list[DraftSentence] = []
    draft = await answerer.answer(question(), on_sentence=told.append)
    assert tuple(told) == draft.sentences
    assert [one.text for one in told] == ["Em até 7 dias { sic }.", "Lave só com água morna."]
    whole = await answerer.answer(question())
    assert [one.text for one in whole.sentences] == [one.text for one in draft.sentences]
    assert (draft.resolved, draft.usage) == (0.5, whole.usage)
    assert streamed(fake) == [True, False]


async def test_each_sentence_is_told_before_the_next_is_written(fake: FakeOpenAI, answerer: OpenAIAnswerer) -> None:
    """What breaks off after the first sentence has told it, and is no answer."""
    parts = [{"choices": [{"index": 0, "delta": {"content": TWO[:at]}}]} for at in (TWO.index("Lave"),)]
    lines = [b"data: " + json.dumps(part).encode() + b"\n\n" for part in parts]
    lines.append(b'data: {"error": {"message": "the server is overloaded"}}\n\n')
    fake.script_replies(Reply(content_type="text/event-stream", chunks=tuple(lines)))
    told: list[DraftSentence] = []
    with pytest.raises(Unavailable, match="overloaded"):
        await answerer.answer(question(), on_sentence=told.append)
    assert [one.text for one in told] == ["Em até 7 dias { sic }."]
    assert len(fake.requests) == 1


async def test_what_was_told_is_not_asked_for_again(fake: FakeOpenAI, answerer: OpenAIAnswerer) -> None:
    """An object that is never closed is asked for once more, but not after a sentence of it was told."""
    cut = TWO[: TWO.index(', {"text": "Lave')]
    fake.script(cut, TWO)
    told: list[DraftSentence] = []
    with pytest.raises(Unusable):
        await answerer.answer(question(), on_sentence=told.append)
    assert len(told) == len(fake.requests) == 1
    fake.script(TWO)
    assert len((await answerer.answer(question(), on_sentence=told.append)).sentences) == 2


async def test_thoughts_are_not_told(fake: FakeOpenAI, answerer: OpenAIAnswerer) -> None:
    thought = '<think>{"sentences": [{"text": "Talvez 9 dias.", "quotes": []}]}</think>'
    fake.script(thought + TWO)
    told: list[DraftSentence] = []
    await answerer.answer(question(), on_sentence=told.append)
    assert [one.text for one in told] == ["Em até 7 dias { sic }.", "Lave só com água morna."]


@pytest.mark.parametrize("word", ["stream_options", "streaming is not supported", "no"])
async def test_an_endpoint_that_refuses_to_stream_is_asked_without(
    fake: FakeOpenAI, answerer: OpenAIAnswerer, word: str
) -> None:
    refusal = Reply(status=400, body=json.dumps({"error": {"message": word}}).encode())
    fake.script_replies(refusal)
    fake.script(TWO, TWO)
    told: list[DraftSentence] = []
    for _ in range(2):
        await answerer.answer(question(), on_sentence=told.append)
    assert len(fake.requests) == 3
    assert [one.text for one in told][:2] == (
        ["Em até 7 dias { sic }.", "Lave só com água morna."] if word == "stream_options" else []
    )


async def test_an_endpoint_that_does_not_stream_all_the_same_is_read(
    fake: FakeOpenAI, answerer: OpenAIAnswerer
) -> None:
    message = {"choices": [{"message": {"content": TWO}, "finish_reason": "stop"}]}
    fake.script_replies(Reply(body=json.dumps(message).encode()))
    draft = await answerer.answer(question(), on_sentence=lambda _: None)
    assert len(draft.sentences) == 2


async def test_a_stream_without_anything_is_no_answer(fake: FakeOpenAI, answerer: OpenAIAnswerer) -> None:
    fake.script_replies(Reply(content_type="text/event-stream", chunks=(b": ping\n\n", b"data: [DONE]\n\n")))
    with pytest.raises(Unusable, match="no choices"):
        await answerer.answer(question(), on_sentence=lambda _: None)
    fake.script(Completion(content="", refusal="I cannot help with that."))
    with pytest.raises(Unusable, match="refused"):
        await answerer.answer(question(), on_sentence=lambda _: None)
