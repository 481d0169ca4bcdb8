"""Customers' own keys at AI providers over HTTP: written, masked, asked about, removed; and guarantee 72 from outside."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
import structlog

from atende.core.identity.keys.ports import ProviderKeyRing
from atende.core.identity.keys.provider_keys import AiProvider, ProviderSecret, place_of
from atende.core.identity.permissions import MATRIX, Role
from atende.core.tenancy.model import Organization
from atende.fakes import faults
from atende.fakes.providers import FakeProviders
from atende.outbound.postgres.embedded.launcher import Urls
from tests.databases import Databases
from tests.integration.database_dump import everything
from tests.world.people import PeopleWorld, Person, make_people_world

SECRET, OTHER, WRONG = "sk-customer-secret-0001", "sk-customer-secret-0002", "sk-invalid-secret-0003"
CHECKED = ("openai", "replicate", "elevenlabs", "freepik")


@dataclass(slots=True)
class Keys:
    world: PeopleWorld
    fakes: FakeProviders
    owner: Person
    organization: Organization

    async def put(self, provider: str, key: str = SECRET, **more: Any) -> dict[str, Any]:
        answer = await self.owner.put(f"/provider-keys/{provider}", {"apiKey": key} | more)
        assert answer.status_code == 200, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def used(self, provider: str = "openai") -> ProviderSecret | None:
        """What a call to the provider is made with."""
        ring: ProviderKeyRing = await self.world.container.get(ProviderKeyRing)
        return await ring.resolve(self.organization.id, AiProvider(provider))


def _given(fakes: FakeProviders) -> dict[str, Any]:
    return {f"{name}_base_url": f"{fakes.url}/{name}" for name in CHECKED[1:]} | {
        "openai_keys_base_url": f"{fakes.url}/openai"
    }


@pytest_asyncio.fixture
async def keys(database: Urls, tmp_path: Path) -> AsyncIterator[Keys]:
    async with FakeProviders.serve() as fakes, make_people_world(database, tmp_path, **_given(fakes)) as world:
        yield await _desk(world, fakes)


async def _desk(world: PeopleWorld, fakes: FakeProviders) -> Keys:
    owner = await world.person("ana", verified=False)
    return Keys(world, fakes, owner, await world.organization(owner))


@pytest.mark.parametrize("provider", [str(one) for one in AiProvider])
async def test_a_key_is_kept_masked_and_used(keys: Keys, provider: str) -> None:
    made = await keys.put(provider)
    assert (made["provider"], made["keyHint"]) == (provider, "****0001")
    assert (made["isActive"], made["isValid"], made["totalRequests"]) == (True, True, 0)
    assert (made["lastValidatedAt"] is not None) == (provider in CHECKED)
    assert await keys.used(provider) == ProviderSecret(SECRET)
    listed = await keys.owner.get("/provider-keys")
    (shown,) = listed.json()["data"]
    assert (shown["totalRequests"], shown["provider"]) == (1, provider)
    assert SECRET not in listed.text


async def test_a_second_key_takes_the_place_of_the_first(keys: Keys) -> None:
    first = await keys.put("openai")
    second = await keys.put("openai", f"  {OTHER} ", isActive=False)
    assert (second["keyHint"], second["isActive"], second["createdAt"]) == ("****0002", False, first["createdAt"])
    assert (await keys.owner.get("/provider-keys")).json()["pagination"]["total"] == 1
    assert await keys.used() is None


@pytest.mark.parametrize("provider", CHECKED)
async def test_a_key_that_its_provider_refuses_is_not_kept(keys: Keys, provider: str) -> None:
    await keys.put(provider)
    answer = await keys.owner.put(f"/provider-keys/{provider}", {"apiKey": WRONG})
    assert (answer.status_code, answer.json()["code"]) == (422, "PROVIDER_KEY_REFUSED")
    assert WRONG not in answer.text
    assert await keys.used(provider) == ProviderSecret(SECRET)


async def test_validation_says_and_records_what_the_provider_says(keys: Keys) -> None:
    await keys.put("elevenlabs")
    answer = await keys.owner.post("/provider-keys/elevenlabs/validate")
    assert answer.status_code == 200, answer.text
    assert (answer.json()["isValid"], answer.json()["models"]) == (True, ["double_v1", "double_v2"])
    keys.fakes.key_checks["elevenlabs"].keys = set()
    answer = await keys.owner.post("/provider-keys/elevenlabs/validate")
    told = answer.json()
    assert (told["isValid"], told["models"]) == (False, [])
    assert told["validationError"] == "elevenlabs does not know this key (401)"
    assert await keys.used("elevenlabs") is None
    keys.fakes.key_checks["elevenlabs"].keys = None
    assert (await keys.owner.post("/provider-keys/elevenlabs/validate")).json()["validationError"] is None


@pytest.mark.parametrize("status", [302, 429, 500])
async def test_a_provider_that_does_not_answer_judges_nobody(keys: Keys, status: int) -> None:
    keys.fakes.key_checks["replicate"].faults.set(faults.status(status, retry_after=9))
    made = await keys.put("replicate")
    assert (made["isValid"], made["lastValidatedAt"]) == (True, None)
    answer = await keys.owner.post("/provider-keys/replicate/validate")
    assert (answer.status_code, answer.json()["retryAfter"]) == (503, 9)
    (shown,) = (await keys.owner.get("/provider-keys")).json()["data"]
    assert shown == made


async def test_what_cannot_be_asked_yet_is_said(keys: Keys) -> None:
    for provider in ("runway", "midjourney"):
        await keys.put(provider)
        answer = await keys.owner.post(f"/provider-keys/{provider}/validate")
        assert (answer.status_code, answer.json()["code"]) == (422, "PROVIDER_NOT_AVAILABLE")


async def test_a_removed_key_is_gone(keys: Keys) -> None:
    await keys.put("openai")
    assert (await keys.owner.delete("/provider-keys/openai")).status_code == 204
    for method, path in (("DELETE", "/provider-keys/openai"), ("POST", "/provider-keys/openai/validate")):
        assert (await keys.owner.call(method, path)).status_code == 404
    assert (await keys.owner.get("/provider-keys")).json()["data"] == []
    assert await keys.used() is None


@pytest.mark.parametrize("body", [None, {}, {"apiKey": ""}, {"apiKey": "short"}, {"apiKey": 1}, {"key": SECRET}, []])
async def test_what_is_no_key_is_refused(keys: Keys, body: Any) -> None:
    answer = await keys.owner.put("/provider-keys/openai", body)
    assert answer.status_code == 400, answer.text
    assert SECRET not in answer.text


async def test_keys_are_of_one_line_of_plain_letters(keys: Keys) -> None:
    for key in ("sk-with space-1", "sk-with\nline-1", "chave-é-segredo"):
        answer = await keys.owner.put("/provider-keys/openai", {"apiKey": key})
        assert answer.status_code == 422
        assert key not in answer.text
    assert (await keys.owner.put("/provider-keys/acme", {"apiKey": SECRET})).status_code in {400, 404}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OWNER])
async def test_each_role_does_what_the_matrix_says(keys: Keys, role: Role) -> None:
    await keys.put("openai")
    bia = await keys.world.member(keys.organization, role)
    may = {one.action for one in MATRIX[role] if one.resource == "keys"}
    for action, method, path, body in (
        ("read", "GET", "/provider-keys", None),
        ("update", "PUT", "/provider-keys/openai", {"apiKey": OTHER}),
        ("update", "POST", "/provider-keys/openai/validate", None),
        ("delete", "DELETE", "/provider-keys/openai", None),
    ):
        answer = await bia.call(method, path, body)
        assert answer.is_success == (action in may), (role, method, path, answer.text)
        assert answer.is_success or answer.status_code == 403


async def test_no_api_key_and_no_stranger_touches_them(keys: Keys) -> None:
    await keys.put("openai")
    eve = await keys.world.person("eve")
    await keys.world.organization(eve)
    text = (await keys.owner.post("/auth/api-keys", {"scopes": ["*"]})).json()["apiKey"]
    for method, path, body in (
        ("PUT", "/provider-keys/openai", {"apiKey": OTHER}),
        ("POST", "/provider-keys/openai/validate", None),
        ("DELETE", "/provider-keys/openai", None),
    ):
        assert (await keys.world.call(method, path, body, key=text)).status_code == 403
        if method != "PUT":
            assert (await eve.call(method, path, body)).status_code == 404
    assert (await eve.get("/provider-keys")).json()["data"] == []
    assert await keys.used() == ProviderSecret(SECRET)


async def test_every_change_leaves_one_record(keys: Keys) -> None:
    await keys.put("openai")
    await keys.owner.post("/provider-keys/openai/validate")
    await keys.owner.delete("/provider-keys/openai")
    records = [one for one in await keys.world.records(keys.organization.id) if one.resource_type == "provider_key"]
    assert [one.action for one in reversed(records)] == [
        "provider_key.put",
        "provider_key.validate",
        "provider_key.remove",
    ]
    assert {one.actor.id for one in records} == {keys.owner.id}
    assert SECRET not in repr(records)


async def test_g72_the_key_is_in_no_dump_log_error_job_or_answer(databases: Databases, tmp_path: Path) -> None:
    answers: list[str] = []
    async with FakeProviders.serve() as fakes, databases.one() as urls:
        with structlog.testing.capture_logs() as logs:
            async with make_people_world(urls, tmp_path, **_given(fakes)) as world:
                keys = await _desk(world, fakes)
                for provider in CHECKED:
                    await _all_that_can_happen(keys, provider, answers)
                assert {record.organization_id for record in await world.records(keys.organization.id)} == {
                    keys.organization.id
                }
        stored = await everything(urls)
        written = repr([fake.log.of() for fake in (fakes.openai, *fakes.key_checks.values())])
    assert "v1:" in stored
    seen = "\n".join([stored, repr(logs), *answers, written])
    for key in (SECRET, OTHER, WRONG):
        for form in (key, key.encode().hex(), key[3:]):
            assert form not in seen


async def _all_that_can_happen(keys: Keys, provider: str, answers: list[str]) -> None:
    fake = keys.fakes.openai if provider == "openai" else keys.fakes.key_checks[provider]
    again = {"Idempotency-Key": f"once-{provider}"}

    async def call(method: str, path: str, body: Any = None) -> None:
        answers.append((await keys.owner.call(method, f"/provider-keys{path}", body, headers=again)).text)
        again.pop("Idempotency-Key", None)

    await call("PUT", f"/{provider}", {"apiKey": SECRET})
    await call("PUT", f"/{provider}", {"apiKey": WRONG})
    await call("PUT", f"/{provider}", {"apiKey": f"{OTHER}\u00e9"})
    await call("PUT", f"/{provider}", {"apiKey": OTHER, "unknown": OTHER})
    assert await keys.used(provider) == ProviderSecret(SECRET)
    for fault in (faults.status(500), faults.reset(), faults.status(401)):
        fake.faults.set(fault)
        await call("POST", f"/{provider}/validate")
        await call("PUT", f"/{provider}", {"apiKey": OTHER})
    fake.faults.set()
    await call("GET", "")


def test_g72_the_identifiers_of_an_organization_are_part_of_the_seal() -> None:
    places = {place_of(UUID(int=one), provider) for one in (1, 2) for provider in AiProvider}
    assert len(places) == 12
