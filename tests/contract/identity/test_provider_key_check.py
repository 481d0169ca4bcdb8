"""Asking providers about keys, against their fakes: what is a no, what is a yes, and what is no answer at all."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from atende.core.identity.keys.provider_keys import AiProvider, ProviderNotAvailable, ProviderSecret, Verdict
from atende.core.kernel import Unavailable
from atende.fakes import faults
from atende.fakes.key_checks import FakeElevenLabs, FakeFreepik, FakeReplicate
from atende.fakes.loopback_server import LoopbackServer, Reply, Request
from atende.fakes.openai import FakeOpenAI
from atende.fakes.provider import FakeProvider
from atende.fakes.providers import FakeProviders
from atende.outbound.provider_key_check import HttpProviderKeyCheck

RIGHT, WRONG, NARROW = (ProviderSecret(f"sk-{word}-000000") for word in ("right", "wrong", "narrow"))
MODELS = {
    AiProvider.OPENAI: ("gpt-4o", "text-embedding-3-large"),
    AiProvider.ELEVENLABS: ("double_v1", "double_v2"),
    AiProvider.REPLICATE: (),
    AiProvider.FREEPIK: (),
}
MADE: dict[AiProvider, Callable[[], FakeProvider]] = {
    AiProvider.OPENAI: lambda: FakeOpenAI(api_key=RIGHT.text),
    AiProvider.REPLICATE: lambda: FakeReplicate(keys=[RIGHT.text, NARROW.text], narrow=[NARROW.text]),
    AiProvider.ELEVENLABS: lambda: FakeElevenLabs(keys=[RIGHT.text, NARROW.text], narrow=[NARROW.text]),
    AiProvider.FREEPIK: lambda: FakeFreepik(keys=[RIGHT.text, NARROW.text], narrow=[NARROW.text]),
}


@dataclass(frozen=True)
class Checked:
    provider: AiProvider
    fake: FakeProvider
    check: HttpProviderKeyCheck

    async def ask(self, secret: ProviderSecret) -> Verdict:
        return await self.check.check(self.provider, secret)


@pytest.fixture(params=list(MADE))
async def checked(request: pytest.FixtureRequest) -> AsyncIterator[Checked]:
    provider: AiProvider = request.param
    async with MADE[provider]() as fake:
        check = HttpProviderKeyCheck({provider: f"{fake.url}/v1/"}, timeout=2.0)
        yield Checked(provider, fake, check)
        await check.close()


@asynccontextmanager
async def _answering(reply: Reply) -> AsyncIterator[tuple[HttpProviderKeyCheck, list[Request]]]:
    seen: list[Request] = []

    async def handle(request: Request) -> Reply:
        seen.append(request)
        return reply

    server = LoopbackServer(handle, asyncio.Event())
    await server.start()
    check = HttpProviderKeyCheck({AiProvider.OPENAI: server.url}, timeout=2.0)
    try:
        yield check, seen
    finally:
        await check.close()
        await server.stop()


async def test_a_known_key_is_valid_and_shows_its_models(checked: Checked) -> None:
    assert await checked.ask(RIGHT) == Verdict(valid=True, models=MODELS[checked.provider])
    assert [entry.data["method"] for entry in checked.fake.requests] == ["GET"]


async def test_an_unknown_key_is_invalid_and_the_reason_does_not_hold_it(checked: Checked) -> None:
    verdict = await checked.ask(WRONG)
    assert (verdict.valid, verdict.error) == (False, f"{checked.provider} does not know this key (401)")


async def test_a_key_that_may_not_see_what_was_asked_for_is_valid(checked: Checked) -> None:
    if checked.provider is AiProvider.OPENAI:
        checked.fake.faults.set(faults.status(403))
        assert await checked.ask(RIGHT) == Verdict(valid=True)
    else:
        assert await checked.ask(NARROW) == Verdict(valid=True)


@pytest.mark.parametrize("status", [302, 400, 404, 408, 429, 500, 503])
async def test_whatever_is_no_verdict_is_tried_again_later(checked: Checked, status: int) -> None:
    checked.fake.faults.set(faults.status(status, retry_after=7))
    with pytest.raises(Unavailable) as caught:
        await checked.ask(RIGHT)
    assert caught.value.retry_after == 7
    assert RIGHT.text not in repr(caught.value)


@pytest.mark.parametrize("mode", ["reset", "accept_then_hang"])
async def test_silence_is_no_verdict_and_its_error_does_not_hold_the_key(checked: Checked, mode: faults.Mode) -> None:
    checked.fake.faults.set(faults.Fault(mode=mode, side="answer"))
    with pytest.raises(Unavailable) as caught:
        await checked.ask(RIGHT)
    assert RIGHT.text not in repr(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


async def test_a_redirect_does_not_carry_the_key_elsewhere() -> None:
    async with _answering(Reply(body=b"{}")) as (other, seen):
        elsewhere = other._addresses[AiProvider.OPENAI]
        async with _answering(Reply(status=307, headers={"location": f"{elsewhere}/models"})) as (check, asked):
            with pytest.raises(Unavailable):
                await check.check(AiProvider.OPENAI, RIGHT)
            assert len(asked) == 1
        assert seen == []


@pytest.mark.parametrize("body", [b"", b"<html>welcome</html>", b"\xff", b"[" * 20_000])
async def test_a_page_that_is_no_answer_of_the_provider_is_no_verdict(body: bytes) -> None:
    async with _answering(Reply(body=body)) as (check, _):
        with pytest.raises(Unavailable):
            await check.check(AiProvider.OPENAI, RIGHT)


async def test_a_strange_list_of_models_is_passed_over() -> None:
    async with _answering(Reply(body=b'{"data": [1, {"id": 2}, {"id": "b"}, {"id": "a"}, null]}')) as (check, _):
        assert await check.check(AiProvider.OPENAI, RIGHT) == Verdict(valid=True, models=("a", "b"))
    async with _answering(Reply(body=b"[]")) as (check, _):
        assert await check.check(AiProvider.OPENAI, RIGHT) == Verdict(valid=True)


async def test_an_address_without_a_server_is_no_verdict() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        check = HttpProviderKeyCheck({AiProvider.OPENAI: f"http://127.0.0.1:{taken.getsockname()[1]}"}, timeout=2.0)
        with pytest.raises(Unavailable):
            await check.check(AiProvider.OPENAI, RIGHT)
        await check.close()


async def test_providers_that_are_not_known_here_yet_are_named() -> None:
    check = HttpProviderKeyCheck()
    for provider in (AiProvider.RUNWAY, AiProvider.MIDJOURNEY):
        assert not check.can_check(provider)
        with pytest.raises(ProviderNotAvailable, match=str(provider)):
            await check.check(provider, RIGHT)
    assert all(check.can_check(provider) for provider in MADE)


async def test_the_fakes_of_all_in_one_know_every_key_but_the_invalid_ones() -> None:
    async with FakeProviders.serve() as fakes:
        check = HttpProviderKeyCheck({provider: f"{fakes.url}/{provider}" for provider in MADE})
        for provider in MADE:
            assert (await check.check(provider, RIGHT)).valid
            assert not (await check.check(provider, ProviderSecret("sk-invalid-1"))).valid
        await check.close()
