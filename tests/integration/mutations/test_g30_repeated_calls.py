"""Every mutating operation sent again under its Idempotency-Key: one effect, the first answer, and nobody in another's way."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio
from dishka import Provider, Scope, provide
from litestar.exceptions import LitestarException

from atende.core.kernel import Ids, Unavailable
from atende.core.work.idempotency import IdempotencyKeys, StoredAnswer
from atende.inbound.http.idempotency.redaction import REDACTED
from atende.main.providers.container import Pool
from atende.outbound.postgres.embedded.launcher import Urls
from atende.outbound.postgres.idempotency import PostgresIdempotencyKeys
from atende.outbound.postgres.unit import Unit
from tests.figures import LONG_RUN, figure
from tests.integration.mutations.mutation_world import Call, MutationWorld, make_mutation_world
from tests.integration.mutations.valid_calls import VALID_CALLS

KEY = "Idempotency-Key"
AT_ONCE = figure(10, full=50)
ENDING = {"signOut", "signOutEverywhere", "changePassword", "deleteMyAccount", "deleteOrganization"}
"""What shows who calls ends with these: a repetition is asked for who it is, and is told nothing else."""
SECRET_NAMES = ("token", "apikey", "secret", "password")


class Crash(Exception):
    """The process ends here: nothing after this line is done, as far as the database is concerned."""


class Crashing(PostgresIdempotencyKeys):
    """With `crash` the process dies after everything was done, before it is committed with its answer."""

    crash = False
    unavailable = False

    async def finish(self, organization_id: UUID, begun_id: UUID, answer: StoredAnswer) -> None:
        if Crashing.crash:
            raise Crash
        if Crashing.unavailable:
            raise Unavailable("the database is gone")
        await super().finish(organization_id, begun_id, answer)


class Crashes(Provider):
    @provide(scope=Scope.REQUEST, override=True)
    def keys(self, unit: Unit, pool: Pool, ids: Ids) -> IdempotencyKeys:
        return Crashing(unit, pool, ids)


@pytest_asyncio.fixture
async def mutations(database: Urls, tmp_path: Path) -> AsyncIterator[MutationWorld]:
    Crashing.crash = False
    async with make_mutation_world(database, tmp_path, providers=[Crashes()]) as made:
        yield made


async def effects(mutations: MutationWorld, request_ids: list[str]) -> int:
    return int(
        await mutations.admin.fetchval("SELECT count(*) FROM audit_log WHERE request_id = ANY ($1)", request_ids) or 0
    )


async def until_answered(mutations: MutationWorld, call: Call, name: str, number: int) -> httpx.Response:
    while True:
        answer = await mutations.send(
            call, Idempotency_Key=f"key of {name}".replace(" ", "-"), X_Request_Id=f"{name}-{number}"
        )
        if answer.status_code != 409 or answer.json()["code"] != "IDEMPOTENCY_KEY_IN_USE":
            return answer
        await asyncio.sleep(0.02)


def seen(answer: httpx.Response) -> tuple[int, bytes, str]:
    return answer.status_code, answer.content, answer.headers.get("content-type", "")


def is_secret(name: str) -> bool:
    return any(word in name.lower() for word in SECRET_NAMES) and not name.lower().startswith(
        ("tokentype", "tokensused")
    )


def secrets_in(value: Any) -> dict[str, str]:
    """Texts under a name that sounds like a secret, at any depth."""
    found: dict[str, str] = {}
    if isinstance(value, dict):
        for name, item in value.items():
            if isinstance(item, str) and is_secret(name):
                found[name] = item
            found |= secrets_in(item)
    if isinstance(value, list):
        for item in value:
            found |= secrets_in(item)
    return found


@LONG_RUN
async def test_g30_many_at_once_take_effect_once_and_get_one_answer(mutations: MutationWorld) -> None:
    wrong: dict[str, Any] = {}
    for name, make_call in VALID_CALLS.items():
        call = await make_call(mutations)
        answers = await asyncio.gather(*(until_answered(mutations, call, name, number) for number in range(AT_ONCE)))
        if name in ENDING:
            answers = [answer for answer in answers if answer.status_code not in {401, 404}]
        (first, *more) = [answer for answer in answers if "idempotent-replayed" not in answer.headers]
        replays = [answer for answer in answers if "idempotent-replayed" in answer.headers]
        done = await effects(mutations, [f"{name}-{number}" for number in range(AT_ONCE)])
        shown = secrets_in(first.json()) if first.content else {}
        kept = {seen(answer) for answer in replays}
        once = first.is_success and not more and done == 1 and (name in ENDING or len(replays) == AT_ONCE - 1)
        if not once or len(kept) > 1 or (not shown and not kept <= {seen(first)}):
            wrong[name] = (first.text[:200], len(more), done, len(replays), [one[1][:200] for one in kept])
        for answer in replays[:1] if shown else ():
            if set(secrets_in(answer.json()).values()) != {REDACTED} or answer.json().keys() != first.json().keys():
                wrong[name] = ("shown again", answer.text[:300])
    assert wrong == {}


async def test_g30_another_request_and_other_callers(mutations: MutationWorld) -> None:
    """Another body under the same key is refused; for somebody unknown it is another key, and so it is for other callers."""
    wrong: dict[str, Any] = {}
    for name, make_call in VALID_CALLS.items():
        call = await make_call(mutations)
        first = await mutations.send(call, Idempotency_Key="shared")
        other = await mutations.send(call.other(), Idempotency_Key="shared")
        known = bool(call.token or call.key)
        replayed = "idempotent-replayed" in other.headers
        refused = (name in ENDING and other.status_code in {401, 404}) or (
            other.status_code,
            other.json().get("code"),
        ) == (422, "IDEMPOTENCY_KEY_REUSED")
        if not first.is_success or replayed or (known and not refused):
            wrong[name] = (first.status_code, first.text[:200], other.status_code, other.text[:200])
        stranger = await make_call(mutations)
        theirs = await mutations.send(stranger, Idempotency_Key="shared")
        if not theirs.is_success or "idempotent-replayed" in theirs.headers:
            wrong[f"{name} by another"] = (theirs.status_code, theirs.text[:200])
    assert wrong == {}


async def test_g30_after_a_crash_the_call_is_carried_out_once_and_answered_alike_ever_after(
    mutations: MutationWorld,
) -> None:
    """What was not committed with its answer never was; what was is answered with it."""
    wrong: dict[str, Any] = {}
    for name, make_call in VALID_CALLS.items():
        call = await make_call(mutations)
        Crashing.crash = True
        with contextlib.suppress(LitestarException):  # nothing is answered
            await mutations.send(call, Idempotency_Key="crash", X_Request_Id=f"{name}-first")
        Crashing.crash = False
        left = await effects(mutations, [f"{name}-first"])
        over = "UPDATE idempotency_key SET leased_until = leased_until - $1::interval"
        await mutations.admin.execute(over, timedelta(minutes=2))
        again = await mutations.send(call, Idempotency_Key="crash", X_Request_Id=f"{name}-again")
        done = await effects(mutations, [f"{name}-again"])
        replay = await mutations.send(call, Idempotency_Key="crash", X_Request_Id=f"{name}-replay")
        gone = name in ENDING and replay.status_code in {401, 404}
        same = secrets_in(again.json() if again.content else {}) or seen(replay) == seen(again)
        alike = "idempotent-replayed" in replay.headers and same
        if left or not again.is_success or done != 1 or not (gone or alike):
            wrong[name] = (left, again.status_code, again.text[:300], done, replay.status_code, replay.text[:300])
    assert wrong == {}


async def test_g30_an_effect_that_cannot_be_committed_is_not_told_as_done(mutations: MutationWorld) -> None:
    """The database goes away between the effect and its answer."""
    wrong: dict[str, Any] = {}
    for name, make_call in VALID_CALLS.items():
        call = await make_call(mutations)
        Crashing.unavailable = True
        refused = await mutations.send(call, Idempotency_Key="away", X_Request_Id=f"{name}-first")
        Crashing.unavailable = False
        left = await effects(mutations, [f"{name}-first"])
        over = "UPDATE idempotency_key SET leased_until = leased_until - $1::interval"
        await mutations.admin.execute(over, timedelta(minutes=2))
        again = await mutations.send(call, Idempotency_Key="away", X_Request_Id=f"{name}-again")
        told = refused.status_code, refused.headers["content-type"], "retry-after" in refused.headers
        if told != (503, "application/problem+json", True) or left or not again.is_success:
            wrong[name] = (told, refused.text[:300], left, again.status_code, again.text[:300])
    assert wrong == {}


async def test_g30_no_stored_answer_holds_a_secret_or_a_cookie(mutations: MutationWorld) -> None:
    for make_call in VALID_CALLS.values():
        answer = await mutations.send(await make_call(mutations), Idempotency_Key="k")
        if not answer.content:
            continue
        for secret in secrets_in(answer.json()).values():
            found = "SELECT count(*) FROM idempotency_key WHERE position($1 IN convert_from(body, 'UTF8')) > 0"
            assert await mutations.admin.fetchval(found, secret) == 0, answer.request.url
    headers = await mutations.admin.fetch("SELECT headers FROM idempotency_key WHERE headers IS NOT NULL")
    assert {name for row in headers for name in json.loads(row["headers"])} <= {"content-type", "location"}


async def test_g30_every_secret_in_an_answer_is_declared(mutations: MutationWorld) -> None:
    """By the schemas: what a mutating operation may answer under a name that sounds like a secret stands in `secret_fields`."""
    app = mutations.world.app
    document = app.openapi_schema.to_schema()
    declared = {
        handler.handler_name: set(handler.opt.get("secret_fields", ()))
        for route in app.routes
        for handler in getattr(route, "route_handlers", [])
    }
    by_operation = {name.replace("_", "").lower(): fields for name, fields in declared.items()}
    for item in document["paths"].values():
        for method, operation in item.items():
            if method in {"get", "head"}:
                continue
            name = operation["operationId"]
            answers = [one for status, one in operation["responses"].items() if status < "400"]
            named = {field for one in answers for field in _fields(one, document, set()) if is_secret(field)}
            assert named <= by_operation[name.lower()], (name, named)


def _fields(schema: Any, document: Any, known: set[str]) -> set[str]:
    if isinstance(schema, list):
        return {name for one in schema for name in _fields(one, document, known)}
    if not isinstance(schema, dict):
        return set()
    reference = schema.get("$ref", "").rsplit("/", 1)[-1]
    if reference:
        if reference in known:
            return set()
        return _fields(document["components"]["schemas"][reference], document, known | {reference})
    found = {
        name
        for name, inner in schema.get("properties", {}).items()
        if isinstance(inner, dict) and inner.get("type") != "boolean"
    }
    return found | {name for one in schema.values() for name in _fields(one, document, known)}
