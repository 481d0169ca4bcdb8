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
