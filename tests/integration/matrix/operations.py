"""Every operation of the API, as its OpenAPI document and its routes declare it, and sample requests made out of the schemas."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from litestar import Litestar
from litestar.routes import HTTPRoute

from atende.core.identity.permissions import Permission
from atende.inbound.http.app import CANONICAL
from atende.inbound.http.security.authorization import declared_permission

Json = dict[str, Any]
BODIES: dict[str, Json] = {
    "acceptInvitation": {"token": "0" * 32 + ".1." + "a" * 43},
    "verifyEmail": {"token": "0" * 32 + ".1." + "a" * 43},
    "resetPassword": {"token": "0" * 32 + ".1." + "a" * 43, "password": "correct horse 7"},
    "createInvitation": {"email": "somebody@example.com", "role": "viewer"},
    "createUser": {"email": "somebody.else@example.com", "role": "viewer"},
    "changeMemberRole": {"role": "viewer"},
    "updateUser": {"role": "viewer"},
    "createProject": {"name": "Another"},
    "updateProject": {"name": "Renamed"},
    "setProjectStatus": {"status": "inactive"},
    "switchOrganization": {},
    "setOrganizationLimits": {"limits": {"max_projects": 3}},
    "updateRole": {"permissions": ["organization:read"]},
    "setProviderKey": {"apiKey": "sk-test-0123456789abcdef"},
}
"""Bodies that mean something, where one made out of the schema would be refused before anything is looked up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    id: str
    method: str
    path: str
    permission: Permission | None
    permission_on: str | None
    in_path: tuple[str, ...]
    in_query: Json
    narrows: bool
    """Takes X-Project-Id."""
    body: Json | None
    form: bool
    opt: Json = field(default_factory=dict)

    @property
    def is_change(self) -> bool:
        return self.method not in {"GET", "HEAD"}

    def request(self, ids: Json) -> Json:
        """The body, as a client is told to send it: JSON, or a form with a file."""
        return {"files": {"file": ("a.txt", b"um texto")}} if self.form else {"json": self.sample(ids)}

    def sample(self, ids: Json) -> Json | None:
        """A body in which every id is one of these."""
        if self.body is None or self.form:
            return None
        return _with_ids(_made(self.body, "") | BODIES.get(self.id, {}), self.body, ids)


def operations(app: Litestar) -> list[Operation]:
    """Those of the OpenAPI document, in its order. Fails when a route of the API is missing there."""
    document = app.openapi_schema.to_schema()
    schemas = document["components"]["schemas"]
    handlers = {
        (route.path_format, method): handler
        for route in app.routes
        if isinstance(route, HTTPRoute) and route.path.startswith(CANONICAL)
        for handler in route.route_handlers
        for method in handler.http_methods - {"OPTIONS", "HEAD"}
    }
    found = []
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            if not isinstance(told, dict) or "operationId" not in told or method == "head":
                continue
            handler = handlers.pop((path, method.upper()), None)
            if handler is None:
                continue
            parameters = told.get("parameters") or []
            content = (told.get("requestBody") or {}).get("content", {})
            kind, body = next(iter(content.items()), (None, None))
            found.append(
                Operation(
                    id=told["operationId"],
                    method=method.upper(),
                    path=path,
                    permission=declared_permission(handler),
                    permission_on=handler.opt.get("permission_on"),
                    in_path=tuple(one["name"] for one in parameters if one["in"] == "path"),
                    in_query={
                        one["name"]: _whole(one["schema"], schemas) for one in parameters if one["in"] == "query"
                    },
                    narrows=any((one["in"], one["name"].lower()) == ("header", "x-project-id") for one in parameters),
                    body=_whole(body["schema"], schemas) if body else None,
                    form=kind == "multipart/form-data",
                    opt=dict(handler.opt),
                )
            )
    hidden = [key for key, handler in handlers.items() if handler.resolve_include_in_schema()]
    assert not hidden, f"routes outside of the OpenAPI document: {hidden}"
    return found


def uuids(schema: Json, name: str = "") -> Iterator[tuple[str, ...]]:
    """Where ids stand in a body."""
    if schema.get("format") == "uuid":
        yield (name,)
    for option in schema.get("oneOf", []) + schema.get("anyOf", []):
        yield from uuids(option, name)
    for child, inner in schema.get("properties", {}).items():
        for rest in uuids(inner, child):
            yield (name, *rest) if name else rest


def _whole(schema: Json, schemas: Json, depth: int = 6) -> Json:
    """With every reference followed."""
    if depth == 0:
        return {}
    if "$ref" in schema:
        return _whole(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas, depth - 1)
    made = dict(schema)
    for key in ("oneOf", "anyOf", "allOf"):
        if key in made:
            made[key] = [_whole(one, schemas, depth - 1) for one in made[key]]
    if "properties" in made:
        made["properties"] = {name: _whole(one, schemas, depth - 1) for name, one in made["properties"].items()}
    if isinstance(made.get("items"), dict):
        made["items"] = _whole(made["items"], schemas, depth - 1)
    return made


def _made(schema: Json, name: str) -> Any:
    """The smallest value that the schema allows: what is required, and every id."""
    options = schema.get("oneOf") or schema.get("anyOf")
    if options:
        return _made(next((one for one in options if one.get("type") != "null"), options[0]), name)
    if "properties" in schema:
        inner = schema["properties"]
        wanted = set(schema.get("required", [])) | {one for one in inner if _is_id(inner[one])}
        return {one: _made(inner[one], one) for one in inner if one in wanted}
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    plain = {"object": {}, "array": [], "boolean": True, "integer": schema.get("minimum", 1), "number": 1}
    return plain[kind] if kind in plain else _text(schema, name.lower())


def _text(schema: Json, name: str) -> str:
    if schema.get("format") == "uuid":
        return str(uuid4())
    if "email" in name:
        return "somebody@example.com"
    return "correct horse 7" if "password" in name else "x" * max(int(schema.get("minLength", 1)), 1)


def _is_id(schema: Json) -> bool:
    return any(True for _ in uuids(schema))


def _with_ids(value: Json, schema: Json, ids: Json) -> Json:
    for place in uuids(schema):
        target = value
        for part in place[:-1]:
            target = target.get(part) or {}
        target[place[-1]] = ids[place[-1]]
    return value
