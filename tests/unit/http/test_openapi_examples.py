"""Every operation of the OpenAPI is explained and has examples, and the examples are valid."""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from tests.unit.http.bare_app import bare_app

Json = dict[str, Any]


@pytest.fixture(scope="module")
def document() -> Json:
    found: Json = bare_app().openapi_schema.to_schema()
    return found


def operations(document: Json) -> Iterator[tuple[str, Json]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def contents(operation: Json) -> Iterator[tuple[str, Json]]:
    """Bodies of the request and of successful responses."""
    yield from operation.get("requestBody", {}).get("content", {}).items()
    for status, response in operation["responses"].items():
        if status < "300":
            yield from response.get("content", {}).items()


def test_every_operation_has_a_summary_and_a_description_in_plain_form(document: Json) -> None:
    wrong = []
    for name, operation in operations(document):
        summary, description = operation["summary"], operation["description"]
        if not summary[0].isupper() or summary.endswith((".", "?")) or len(description) < 30:
            wrong.append((name, summary, description))
    assert wrong == []


def test_every_body_has_an_example(document: Json) -> None:
    bodies = [(name, content) for name, operation in operations(document) for _, content in contents(operation)]
    assert [name for name, content in bodies if "example" not in content] == []
    assert len(bodies) > 100


def test_every_example_is_valid(document: Json) -> None:
    wrong = []
    for name, operation in operations(document):
        for media_type, content in contents(operation):
            if "json" not in media_type and "form" not in media_type:
                continue
            schema = {**content["schema"], "components": document["components"]}
            validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
            wrong += [
                (name, list(error.instance_path), error.message) for error in validator.iter_errors(content["example"])
            ]
    assert wrong == []


def test_the_example_of_a_request_can_be_sent(document: Json) -> None:
    """It has what is required, and no field that the struct does not know."""
    for name, operation in operations(document):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            assert isinstance(content["example"], dict), name
