"""Answers as events, over a real socket: what is told, and what becomes of an answer whose client hangs up."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
from dishka import Provider, Scope, provide

from atende.core.kernel import Unavailable
from atende.core.knowledge.model import Draft, DraftQuote, DraftSentence, Question, Usage
from atende.core.knowledge.ports import Answerer, OnSentence
from atende.main.processes.lifecycle import bind, serving
from atende.main.seeding import Tenant
from atende.outbound.postgres.embedded.launcher import Urls
from tests.world.http import HttpWorld, make_world

FIRST = "O prazo de entrega para capitais é de três dias úteis."
SECOND = "O frete é grátis para compras acima de duzentos reais."
ASKED = {"query": "Qual é o prazo de entrega para capitais?", "minScore": 0, "stream": True}


class Slow(Answerer):
    """Says two sentences that are in the guide and one that is not, each when it is let."""

    def __init__(self) -> None:
        self.gates = [asyncio.Event() for _ in range(3)]
        self.reached = [asyncio.Event() for _ in range(3)]
        self.fails = False

    provider = "atende"

    def model(self, asked: str | None) -> str:
        return "extractive"

    async def answer(self, question: Question, *, on_sentence: OnSentence | None = None) -> Draft:
        passage = question.passages[0]
        said = []
        for n, text in enumerate((FIRST, SECOND, "A loja abre aos domingos às nove.")):
            self.reached[n].set()
            await self.gates[n].wait()
            if self.fails and n == 1:
                raise Unavailable("the model went away")
            said.append(DraftSentence(text, (DraftQuote(passage.chunk_id, text),)))
            if on_sentence is not None:
                on_sentence(said[-1])
        return Draft(tuple(said), Usage(10, 20))

    def let(self) -> None:
        for gate in self.gates:
            gate.set()


class _Given(Provider):
    def __init__(self, answerer: Answerer) -> None:
        super().__init__()
        self._answerer = answerer

    @provide(scope=Scope.APP, override=True)
    def answerer(self) -> Answerer:
        return self._answerer


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest_asyncio.fixture
async def world(database: Urls, tmp_path: Path, slow: Slow) -> AsyncIterator[HttpWorld]:
    async with make_world(database, tmp_path, providers=[_Given(slow)]) as made:
        yield made


@asynccontextmanager
async def _served(world: HttpWorld) -> AsyncIterator[tuple[Tenant, int]]:
    shop = await world.tenant("loja")
    await world.upload(shop)
    door = bind("127.0.0.1", 0)
    async with serving(world.app, door):
        yield shop, door.getsockname()[1]


def _events(text: str) -> list[tuple[str, Any]]:
    found = [block.split("\n") for block in text.strip().split("\n\n")]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in found]


async def _asked(port: int, shop: Tenant, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        url = f"http://127.0.0.1:{port}/api/v1/rag/query"
        return await client.post(url, json=ASKED, headers={"X-API-Key": shop.api_key} | headers)


async def test_checked_sentences_come_first_and_then_the_whole_answer(world: HttpWorld, slow: Slow) -> None:
    slow.let()
    async with _served(world) as (shop, port):
        answer = await _asked(port, shop)
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = _events(answer.text)
    assert [name for name, _ in events] == ["sentence", "sentence", "answer"]
    assert [data["text"] for _, data in events[:2]] == [FIRST, SECOND]
    assert all(data["citations"][0]["quote"] == data["text"] for _, data in events[:2])
    assert "domingos" not in answer.text
    assert events[2][1]["answer"].startswith(f"{FIRST} {SECOND}")
    assert events[2][1]["outcome"] == "answered"


async def test_a_sentence_is_told_while_the_next_is_still_being_written(world: HttpWorld, slow: Slow) -> None:
    async with _served(world) as (shop, port):
        reader, writer = await _opened(port, shop)
        slow.gates[0].set()
        async with asyncio.timeout(20):
            assert FIRST.encode() in await reader.readuntil(FIRST.encode())
        assert not slow.gates[1].is_set()
        slow.let()
        async with asyncio.timeout(20):
            await reader.readuntil(b"event: answer")
        writer.close()


@pytest.mark.parametrize("stage", [0, 1, 2])
async def test_g22_a_client_that_hangs_up_is_charged_once_for_what_was_generated(
    world: HttpWorld, slow: Slow, database: Urls, stage: int
) -> None:
    admin = await asyncpg.connect(database.admin)
    async with _served(world) as (shop, port):
        before = await admin.fetchval("SELECT count(*) FROM credit_hold WHERE state = 'captured'")
        reader, writer = await _opened(port, shop)
        for gate in slow.gates[:stage]:
            gate.set()
        async with asyncio.timeout(20):
            await slow.reached[stage].wait()
            if stage:
                await reader.readuntil((FIRST, SECOND)[stage - 1].encode())
        writer.transport.abort()
        await asyncio.sleep(0.05)
        slow.let()
        async with asyncio.timeout(20):
            while not await admin.fetchval("SELECT count(*) FROM answer"):
                await asyncio.sleep(0.01)
        assert await admin.fetchval("SELECT count(*) FROM answer") == 1
        assert FIRST in await admin.fetchval("SELECT text FROM answer")
        captured = await admin.fetchval("SELECT count(*) FROM credit_hold WHERE state = 'captured'")
        assert captured - before == 1
        assert await admin.fetchval("SELECT count(*) FROM credit_hold WHERE state = 'held'") == 0
    await admin.close()


async def test_an_error_after_the_first_sentence_is_an_event_and_costs_nothing(
    world: HttpWorld, slow: Slow, database: Urls
) -> None:
    slow.fails = True
    slow.let()
    async with _served(world) as (shop, port):
        events = _events((await _asked(port, shop)).text)
    assert [name for name, _ in events] == ["sentence", "error"]
    assert (events[1][1]["status"], events[1][1]["code"]) == (503, "UNAVAILABLE")
    admin = await asyncpg.connect(database.admin)
    assert await admin.fetchval("SELECT count(*) FROM answer") == 0
    assert await admin.fetchval("SELECT count(*) FROM credit_hold WHERE state = 'held'") == 0
    await admin.close()


async def test_what_refuses_a_question_has_its_own_status(world: HttpWorld, slow: Slow) -> None:
    async with _served(world) as (shop, port), httpx.AsyncClient(trust_env=False) as client:
        url = f"http://127.0.0.1:{port}/api/v1/rag/query"
        answer = await client.post(url, json=ASKED | {"query": " "}, headers={"X-API-Key": shop.api_key})
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")


async def test_g30_under_an_idempotency_key_the_same_events_come_again(
    world: HttpWorld, slow: Slow, database: Urls
) -> None:
    slow.let()
    async with _served(world) as (shop, port):
        first = await _asked(port, shop, **{"Idempotency-Key": "one"})
        again = await _asked(port, shop, **{"Idempotency-Key": "one"})
    assert first.text == again.text
    assert [name for name, _ in _events(first.text)] == ["sentence", "sentence", "answer"]
    admin = await asyncpg.connect(database.admin)
    assert await admin.fetchval("SELECT count(*) FROM answer") == 1
    await admin.close()


async def _opened(port: int, shop: Tenant) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    body = json.dumps(ASKED).encode()
    head = (
        f"POST /api/v1/rag/query HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: {shop.api_key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head.encode() + body)
    return reader, writer
