"""Every mutating operation of the OpenAPI document, called so that it succeeds, leaves exactly one audit record."""

from typing import Any
from uuid import uuid4

from tests.integration.mutations.mutation_world import MutationWorld
from tests.integration.mutations.valid_calls import VALID_CALLS

MUTATING = ("post", "put", "patch", "delete")


def mutating_operations(mutations: MutationWorld) -> dict[str, tuple[str, str]]:
    """Method and path by operation id."""
    paths: dict[str, dict[str, Any]] = mutations.world.app.openapi_schema.to_schema()["paths"]
    return {
        item[method]["operationId"]: (method.upper(), path)
        for path, item in paths.items()
        for method in MUTATING
        if method in item
    }


async def test_g90_every_mutating_operation_has_a_recipe(mutations: MutationWorld) -> None:
    assert set(VALID_CALLS) == set(mutating_operations(mutations))


async def test_g90_every_mutation_leaves_exactly_one_record(mutations: MutationWorld) -> None:
    wrong: dict[str, Any] = {}
    for name, (method, path) in mutating_operations(mutations).items():
        call = await VALID_CALLS[name](mutations)
        assert call.method == method, name
        assert call.path.count("/") == path.removeprefix("/api/v1").count("/"), (name, path)
        request_id = uuid4().hex
        answer = await mutations.send(call, X_Request_Id=request_id)
        recorded = await mutations.recorded(request_id)
        if not answer.is_success or len(recorded) != 1 or answer.headers["x-request-id"] != request_id:
            wrong[name] = (answer.status_code, answer.text[:300], recorded)
    assert wrong == {}
