"""What the server alone decides cannot be sent along: every mutating operation with fields that are not its own."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from atende.outbound.postgres.embedded.launcher import Urls
from tests.integration.database_dump import everything
from tests.integration.mutations.mutation_world import Call, MutationWorld
from tests.integration.mutations.test_g90_audit import mutating_operations
from tests.integration.mutations.valid_calls import VALID_CALLS

THEIRS = str(UUID(int=74))
ASSIGNED: dict[str, Any] = {
    "id": THEIRS,
    "tenantId": "somebody-else",
    "organizationId": THEIRS,
    "projectId": THEIRS,
    "ownerId": THEIRS,
    "userId": THEIRS,
    "createdBy": THEIRS,
    "createdAt": "2001-01-01T00:00:00Z",
    "deletedAt": None,
    "role": "owner",
    "permissions": ["platform:manage"],
    "scopes": ["*"],
    "status": "active",
    "isOperator": True,
    "isVerified": True,
    "emailVerifiedAt": "2001-01-01T00:00:00Z",
    "plan": "enterprise",
    "customLimits": {"max_projects": -1},
    "balance": 1_000_000,
    "credits": 1_000_000,
    "secretHash": "00",
    "passwordHash": "00",
    "sessionVersion": 0,
    "__proto__": {},
}
"""By their names in JSON; they are sent by those of the columns too."""
COUNTERS = ("rate_limit",)
FREE = "replaceProjectConfiguration"
"""Its body is a document of the caller's own, kept as it is."""


def column(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def own_fields(schema: Mapping[str, Any], method: str, path: str) -> set[str]:
    """The fields of its body that an operation has itself."""
    content = schema["paths"][path][method.lower()].get("requestBody", {}).get("content", {})
    found: set[str] = set()
    for one in content.values():
        for form in [one["schema"], *one["schema"].get("oneOf", []), *one["schema"].get("anyOf", [])]:
            name = form.get("$ref", "").rpartition("/")[2]
            found |= set((schema["components"]["schemas"][name] if name else form).get("properties", {}))
    return found


async def refused(mutations: MutationWorld, call: Call, name: str, value: Any) -> bool:
    if call.files is not None:
        call = replace(call, files=call.files | {name: (None, str(value))})
    else:
        call = replace(call, body=(call.body or {}) | {name: value})
    answer = await mutations.send(call)
    return 400 <= answer.status_code < 500 and name in answer.text


async def test_g74_no_operation_takes_fields_that_are_not_its_own(mutations: MutationWorld, database: Urls) -> None:
    schema: dict[str, Any] = mutations.world.app.openapi_schema.to_schema()
    tried, wrong = 0, list[tuple[str, str]]()
    for operation, (method, path) in mutating_operations(mutations).items():
        if "requestBody" not in schema["paths"][path][method.lower()] or operation == FREE:
            continue
        call = await VALID_CALLS[operation](mutations)
        before = await everything(database, but=COUNTERS)
        for name in sorted({*ASSIGNED, *map(column, ASSIGNED)} - own_fields(schema, method, path)):
            value = next(value for given, value in ASSIGNED.items() if name in {given, column(given)})
            tried += 1
            if not await refused(mutations, call, name, value):
                wrong.append((operation, name))
        if await everything(database, but=COUNTERS) != before:
            wrong.append((operation, "something changed"))
        assert (await mutations.send(call)).is_success, (
            operation,
            "it was refused for its field, and for nothing else",
        )
    assert wrong == []
    assert tried > 700


async def test_g74_what_a_configuration_says_of_its_project_changes_nothing_of_it(mutations: MutationWorld) -> None:
    call = await VALID_CALLS[FREE](mutations)
    before = (await mutations.send(call)).json()
    after = (
        await mutations.send(replace(call, body={**ASSIGNED, **{column(name): ASSIGNED[name] for name in ASSIGNED}}))
    ).json()
    assert after["configuration"]["tenantId"] == ASSIGNED["tenantId"]
    differing = {name for name in before if before[name] != after[name]}
    assert differing <= {"configuration", "updatedAt"}
