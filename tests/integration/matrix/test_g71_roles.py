"""Guarantee 71: every role may do exactly what the matrix says, in both directions, on every operation of the OpenAPI document."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import pytest_asyncio

from atende.core.identity.permission_texts import DESCRIPTIONS
from atende.core.identity.permissions import FOR_KEYS, MATRIX, PLATFORM, Permission, Role, permissions_of
from atende.inbound.http.security.resource_scope import PermissionTarget
from atende.outbound.postgres.embedded.launcher import Urls
from tests.integration.matrix.callers import Credentials, MatrixWorld, make_matrix_world
from tests.integration.matrix.operations import Operation, operations
from tests.integration.matrix.test_g60_other_tenants import at

ANYWHERE = {PermissionTarget.ANY_ORGANIZATION}


@pytest_asyncio.fixture
async def matrix(database: Urls, tmp_path: Path) -> AsyncIterator[MatrixWorld]:
    async with make_matrix_world(database, tmp_path) as made:
        yield made


@dataclass(frozen=True, slots=True)
class Caller:
    name: str
    credentials: Credentials
    may: frozenset[Permission]


async def callers(matrix: MatrixWorld) -> list[Caller]:
    """Everybody, each with a session of this moment."""
    tenant, world = matrix.ours.tenant, matrix.world
    people = [
        Caller(role, Credentials(token=await matrix.token(person)), MATRIX[role] | {Permission.SELF})
        for role, person in matrix.ours.people.items()
    ]
    keys = [
        Caller(f"key {word}", Credentials(key=await world.key(tenant, word)), permissions_of(frozenset({word})))
        for word in ("*", "read", "write", "documents:read")
    ]
    return [
        *people,
        *keys,
        Caller("operator", Credentials(token=await matrix.token(matrix.operator)), PLATFORM | {Permission.SELF}),
        Caller("stranger", Credentials(token=await matrix.token(matrix.stranger)), frozenset({Permission.SELF})),
    ]


async def test_g71_every_role_on_every_operation(matrix: MatrixWorld) -> None:
    """Who lacks the permission is told which; who has it gets past it, whatever comes then. The ids are our own or nobody's."""
    ids, checked, everybody = matrix.ours.ids | _nobody_s(), 0, await callers(matrix)
    for operation in operations(matrix.world.app):
        if operation.permission is None:
            continue
        path, body = at(operation.path, ids), operation.sample(ids)
        if operation.permission is Permission.SELF:  # some of these end the session that they are called with
            everybody = await callers(matrix)
        for caller in everybody:
            answer = await matrix.call(operation.method, path, json=body, by=caller.credentials)
            said = f"{operation.id} by {caller.name}: {answer.status_code} {answer.text[:300]}"
            assert answer.status_code != 401, said
            if operation.permission_on is PermissionTarget.ANY_CALLER:
                assert (operation.id, answer.status_code) == ("listPermissions", 200), said
            elif operation.permission in caller.may:
                assert not _lacks(answer, operation.permission), said
            elif not _asks_nobody(operation, caller):
                assert _lacks(answer, operation.permission) or _outside(operation, caller, answer), said
            checked += 1
    assert checked > 600


async def test_g71_nobody_gets_in_without_credentials(matrix: MatrixWorld) -> None:
    """The same answer for each operation, whatever is wrong with what was shown."""
    ids, told = matrix.ours.ids, set()
    for operation in operations(matrix.world.app):
        path, body = at(operation.path, ids), operation.sample(ids)
        answer = await matrix.call(operation.method, path, json=body)
        if operation.permission is None:
            assert answer.status_code != 401 or operation.opt.get("sign_in") or operation.id == "refreshTokens", (
                operation.id
            )
            continue
        assert answer.status_code == 401, operation.id
        told.add(answer.text)
    assert len(told) == 1


async def test_g71_the_database_s_seed_is_the_matrix(matrix: MatrixWorld) -> None:
    rows = await matrix.admin.fetch(
        "SELECT role, array_agg(permission::text) AS may FROM role_permission GROUP BY role"
    )
    assert {Role(row["role"]): frozenset(map(Permission, row["may"])) for row in rows} == MATRIX


async def test_g71_the_database_describes_every_permission(matrix: MatrixWorld) -> None:
    rows = await matrix.admin.fetch("SELECT name, resource, action, description FROM permission")
    seeded = {(row["name"], row["resource"], row["action"], row["description"]) for row in rows}
    assert seeded == {(one, one.resource, one.action, said) for one, said in DESCRIPTIONS.items()}


async def test_g71_a_changed_matrix_holds_at_once(matrix: MatrixWorld) -> None:
    viewer = await matrix.token(matrix.ours.people[Role.VIEWER])
    assert (await matrix.call("GET", "/api/v1/documents", by=Credentials(token=viewer))).status_code == 200
    left = sorted(MATRIX[Role.VIEWER] - {Permission.DOCUMENTS_READ})
    operator = await matrix.token(matrix.operator)
    changed = await matrix.call(
        "PUT", "/api/v1/admin/roles/viewer", by=Credentials(token=operator), json={"permissions": left}
    )
    assert changed.status_code == 200, changed.text
    assert (await matrix.call("GET", "/api/v1/documents", by=Credentials(token=viewer))).status_code == 403
    with_key = await matrix.call("GET", "/api/v1/documents", by=Credentials(key=matrix.ours.tenant.api_key))
    assert with_key.status_code == 200, "keys have scopes, not roles"


async def test_g71_no_key_holds_what_is_for_people(database: Urls, matrix: MatrixWorld) -> None:
    """Not even when somebody writes it into the database."""
    key = await matrix.world.key(matrix.ours.tenant, "*")
    connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(database.admin)
    try:
        await connection.execute("UPDATE api_key SET scopes = $1", [str(one) for one in Permission])
    finally:
        await connection.close()
    for operation in operations(matrix.world.app):
        if operation.permission is None or operation.permission in FOR_KEYS:
            continue
        path = at(operation.path, matrix.ours.ids)
        answer = await matrix.call(
            operation.method, path, by=Credentials(key=key), json=operation.sample(matrix.ours.ids)
        )
        assert answer.status_code == 403, f"{operation.id}: {answer.status_code}"


def _nobody_s() -> dict[str, str]:
    """In place of what a permitted call would remove or end: the refusal must come before anything is looked up."""
    spared = (
        "channel_id",
        "document_id",
        "query_id",
        "conversation_id",
        "message_id",
        "invitation_id",
        "key_id",
        "session_id",
        "user_id",
    )
    return {name: str(uuid4()) for name in spared} | {"job_id": "999999999"}


def _lacks(answer: httpx.Response, permission: Permission) -> bool:
    return answer.status_code == 403 and answer.json().get("permission") == permission


def _asks_nobody(operation: Operation, caller: Caller) -> bool:
    """Lists over every organization of a person show what they may see, which may be nothing."""
    return operation.permission_on in ANYWHERE and bool(caller.credentials.token) and not operation.is_change


def _outside(operation: Operation, caller: Caller, answer: httpx.Response) -> bool:
    """Operators and strangers are members of nothing: an organization in the path is not there for them."""
    belongs_nowhere = caller.name in {"operator", "stranger"}
    return belongs_nowhere and operation.permission_on is not None and answer.status_code in {404, 422}
