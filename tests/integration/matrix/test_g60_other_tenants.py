"""Guarantee 60: whatever is asked with another tenant's ids, wherever they stand, nothing is told and nothing changes.

The matrix is generated: every operation of the OpenAPI document is called with the ids of a second organization in its path, query,
body and headers. An operation with an id that the matrix does not know fails the suite.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest_asyncio

from atende.outbound.postgres.embedded.launcher import Urls
from tests.integration.matrix.callers import CANARY, Credentials, Json, MatrixWorld, make_matrix_world
from tests.integration.matrix.operations import Operation, operations, uuids

NOBODY_S = {"key", "slug", "provider", "role"}
"""Names in paths that are words, the same for everybody."""
REFUSED = {403, 404}


@pytest_asyncio.fixture
async def matrix(database: Urls, tmp_path: Path) -> AsyncIterator[MatrixWorld]:
    async with make_matrix_world(database, tmp_path) as made:
        yield made


async def callers(matrix: MatrixWorld) -> dict[str, Credentials]:
    """Who tries: the most powerful of another organization, and somebody without any. Each with a session of their own."""
    ours = matrix.ours
    return {
        "owner": Credentials(token=await matrix.token(ours.owner)),
        "key": Credentials(key=ours.tenant.api_key),
        "bound key": Credentials(key=matrix.bound_key),
        "stranger": Credentials(token=await matrix.token(matrix.stranger)),
    }


def tells_of(house_ids: Json, answer: httpx.Response, sent: str) -> list[str]:
    """Which of another organization's ids and words stand in an answer that were not sent with the question."""
    words = {str(value) for name, value in house_ids.items() if name not in NOBODY_S and len(str(value)) > 8} | {CANARY}
    return [word for word in words if word in answer.text and word not in sent]


def at(path: str, ids: Json) -> str:
    for name, value in ids.items():
        path = path.replace("{" + name + "}", str(value))
    assert "{" not in path, f"the matrix has no id for {path}: give it one in cast.py"
    return path


def mixed(operation: Operation, theirs: Json, ours: Json) -> list[Json]:
    """Every way to put a foreign id into the path: each one alone among our own, and all of them."""
    foreign = [name for name in operation.in_path if name not in NOBODY_S]
    return [ours | {name: theirs[name]} for name in foreign] + ([ours | theirs] if len(foreign) > 1 else [])


async def test_g60_ids_in_paths(matrix: MatrixWorld) -> None:
    theirs, ours = matrix.theirs.ids, matrix.ours.ids
    before, checked = await matrix.state_of(matrix.theirs), 0
    for operation in operations(matrix.world.app):
        if operation.permission is None:
            continue
        for ids in mixed(operation, theirs, ours):
            for name, credentials in (await callers(matrix)).items():
                path, sent = at(operation.path, ids), operation.request(ids)
                answer = await matrix.call(operation.method, path, by=credentials, **sent)
                said = f"{operation.id} by {name} at {path}: {answer.status_code} {answer.text[:300]}"
                assert answer.status_code in REFUSED, said
                assert not tells_of(theirs, answer, path), said
                missing = ids | {
                    one: str(uuid4()) for one in operation.in_path if ids[one] == theirs[one] and one not in NOBODY_S
                }
                if "job_id" in operation.in_path and ids["job_id"] == theirs["job_id"]:
                    missing["job_id"] = "999999999"
                same = await matrix.call(operation.method, at(operation.path, missing), by=credentials, **sent)
                assert same.status_code == answer.status_code, f"{said} but {same.status_code} for what nobody has"
                assert _without_ids(same.text, missing) == _without_ids(answer.text, ids), said
                checked += 1
    assert checked > 150
    assert await matrix.state_of(matrix.theirs) == before


async def test_g60_ids_in_queries_bodies_and_headers(matrix: MatrixWorld) -> None:
    theirs, ours = matrix.theirs.ids, matrix.ours.ids
    before, checked = await matrix.state_of(matrix.theirs), 0
    for operation in operations(matrix.world.app):
        if operation.permission is None:
            continue
        for name, credentials in (await callers(matrix)).items():
            path = at(operation.path, ours)
            for sent in _foreign(operation, theirs, ours):
                answer = await matrix.call(operation.method, path, **sent, by=credentials)
                said = f"{operation.id} by {name} with {sent}: {answer.status_code} {answer.text[:300]}"
                assert answer.status_code < 500, said
                assert not tells_of(theirs, answer, str(sent)), said
                assert "params" in sent or answer.status_code in {400, 403, 404, 422}, said
                checked += 1
    assert checked > 60
    assert await matrix.state_of(matrix.theirs) == before


def _foreign(operation: Operation, theirs: Json, ours: Json) -> list[Json]:
    """Requests of ours with one foreign id in each."""
    found: list[Json] = [
        {"params": {name: theirs[name]}} for name, schema in operation.in_query.items() if [*uuids(schema, name)]
    ]
    if operation.body is not None and not operation.form:
        places = uuids(operation.body)
        found += [{"json": operation.sample(ours | {place[-1]: theirs[place[-1]]})} for place in places]
    if operation.narrows:
        found.append({"headers": {"X-Project-Id": theirs["project_id"]}, "json": operation.sample(ours)})
    return found


def _without_ids(text: str, ids: Json) -> str:
    for value in ids.values():
        text = text.replace(str(value), "")
    return text
