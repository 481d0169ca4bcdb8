"""Answers with the key of the organization that asks, and what becomes of a key that OpenAI refuses."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from atende.core.identity.keys.ports import ProviderKeyRing
from atende.core.identity.keys.provider_keys import AiProvider, ProviderSecret
from atende.core.identity.keys.resolve_provider_key import PlatformKeys, ResolveProviderKey
from atende.core.kernel import Unavailable
from atende.core.knowledge.model import Draft, Question
from atende.fakes.loopback_server import Reply, Request, json_reply
from atende.fakes.openai import FakeOpenAI
from atende.outbound.openai import OpenAIAnswerer

SHOP, OTHER = UUID(int=1), UUID(int=2)
OURS, THEIRS = "sk-of-the-platform", "sk-of-the-customer"


class Ring(ProviderKeyRing):
    def __init__(self) -> None:
        self.keys: dict[UUID, ProviderSecret] = {SHOP: ProviderSecret(THEIRS)}
        self.refusals: list[tuple[UUID, ProviderSecret]] = []

    async def resolve(self, organization_id: UUID, provider: AiProvider) -> ProviderSecret | None:
        assert provider is AiProvider.OPENAI
        return self.keys.get(organization_id)

    async def refused(self, organization_id: UUID, provider: AiProvider, secret: ProviderSecret) -> None:
        self.refusals.append((organization_id, secret))
        del self.keys[organization_id]


class Recording(FakeOpenAI):
    """Remembers whose key came, and may repeat it in its refusal, as careless endpoints do."""

    def __init__(self) -> None:
        super().__init__(api_key=OURS)
        self.shown: list[str] = []
        self.repeats = False

    async def handle(self, request: Request) -> Reply:
        key = request.headers["authorization"].removeprefix("Bearer ")
        self.shown.append(key)
        reply = await super().handle(request)
        if reply.status == 401 and self.repeats:
            return json_reply({"error": {"message": f"Incorrect API key provided: {key}"}}, 401)
        return reply


@pytest.fixture
async def fake() -> AsyncIterator[Recording]:
    async with Recording() as served:
        served.keys.add(THEIRS)
        yield served


@pytest.fixture
def ring() -> Ring:
    return Ring()


@pytest.fixture
async def answerer(fake: Recording, ring: Ring) -> AsyncIterator[OpenAIAnswerer]:
    keys = ResolveProviderKey(ring=ring, platform=PlatformKeys({AiProvider.OPENAI: ProviderSecret(OURS)}))
    made = OpenAIAnswerer(api_key=OURS, model="small", base_url=f"{fake.url}/v1", timeout=3.0, keys=keys)
    yield made
    await made.close()


def asked_by(organization_id: UUID | None) -> Question:
    return Question(text="Qual é o prazo?", language="pt", passages=(), organization_id=organization_id)


async def test_each_organization_is_answered_with_its_own_key(answerer: OpenAIAnswerer, fake: Recording) -> None:
    for organization in (SHOP, OTHER, None, SHOP):
        assert isinstance(await answerer.answer(asked_by(organization)), Draft)
    assert fake.shown == [THEIRS, OURS, OURS, THEIRS]


async def test_a_refused_key_is_reported_and_the_next_attempt_goes_by_the_platforms(
    answerer: OpenAIAnswerer, fake: Recording, ring: Ring
) -> None:
    fake.keys.clear()
    with pytest.raises(Unavailable):
        await answerer.answer(asked_by(SHOP))
    assert ring.refusals == [(SHOP, ProviderSecret(THEIRS))]
    await answerer.answer(asked_by(SHOP))
    assert fake.shown == [THEIRS, OURS]


async def test_the_platforms_own_key_is_nobodys_to_report(
    answerer: OpenAIAnswerer, fake: Recording, ring: Ring
) -> None:
    fake.api_key = "sk-another"
    with pytest.raises(Unavailable):
        await answerer.answer(asked_by(OTHER))
    assert ring.refusals == []


async def test_g72_an_endpoint_that_repeats_the_key_does_not_make_us_repeat_it(
    answerer: OpenAIAnswerer, fake: Recording
) -> None:
    fake.keys.clear()
    fake.api_key, fake.repeats = "sk-another", True
    for organization, key in ((SHOP, THEIRS), (OTHER, OURS)):
        with pytest.raises(Unavailable, match="Incorrect API key provided") as caught:
            await answerer.answer(asked_by(organization))
        assert key not in repr(caught.value)
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__
