"""The words of the OpenAPI: every parameter says what it is, and no name is one of ours."""

import re
from typing import Any

from tests.unit.http.bare_app import bare_app


def described() -> dict[str, Any]:
    schema: dict[str, Any] = bare_app().openapi_schema.to_schema()
    return schema


def test_every_parameter_is_described() -> None:
    parameters = [
        (path, parameter)
        for path, methods in described()["paths"].items()
        for operation in methods.values()
        for parameter in operation.get("parameters", ())
    ]
    assert [(path, one["name"]) for path, one in parameters if not one.get("description", "").strip()] == []
    assert any(one["in"] == "path" for _, one in parameters)


def test_no_schema_is_named_after_a_module() -> None:
    """The framework puts the module in front where two classes share a name."""
    names = list(described()["components"]["schemas"])
    assert [name for name in names if not re.fullmatch("[A-Z][A-Za-z0-9]*", name)] == []
    assert {"AuditStatus", "Status"} <= set(names)


VERBS = (
    "accept|approve|ask|change|check|connect|create|delete|discard|disconnect|end|export|get|invite|lift|list|process|refresh|register|reindex|remove|replace|replay"
    "|request|resend|reset|restore|return|revoke|rotate|search|send|set|sign|suspend|switch|take|update|upload|validate|verify"
)


def test_operation_ids_are_a_verb_and_a_noun() -> None:
    """They become the names of functions in generated clients."""
    ids = [one["operationId"] for methods in described()["paths"].values() for one in methods.values()]
    assert [one for one in ids if not re.fullmatch(f"({VERBS})([A-Z][a-z]+)+", one)] == []


def test_operations_stand_in_the_order_of_their_controller() -> None:
    paths = list(described()["paths"])
    wanted = ["/api/v1/auth/register", "/api/v1/auth/login", "/api/v1/auth/restore", "/api/v1/auth/refresh"]
    assert sorted(wanted, key=paths.index) == wanted


def test_errors_with_a_code_of_their_own_are_explained() -> None:
    take_over = described()["paths"]["/api/v1/conversations/{conversation_id}/takeover"]["post"]
    assert "`REPLY_IN_FLIGHT`: A reply is on its way" in take_over["responses"]["409"]["description"]
    codes = re.compile("^- `[A-Z][A-Z_]+`: ", re.MULTILINE)
    texts = [
        response["description"]
        for methods in described()["paths"].values()
        for operation in methods.values()
        for response in operation["responses"].values()
        if "\n- " in response["description"]
    ]
    assert len(texts) > 20
    assert [text for text in texts if not codes.search(text)] == []
