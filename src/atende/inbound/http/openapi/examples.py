"""Examples for the OpenAPI, made from the wire structs: by the name of a field where a table has it, else by its type."""

from decimal import Decimal
from typing import Any

from msgspec import inspect

from atende.inbound.http.openapi.sample_values import ABSENT, BY_NAME

UUID = "01933b5e-7c1a-7d42-9f0e-2b6c8d4a1e57"
TIME = "2026-03-31T12:00:00Z"


def example_of(annotation: Any) -> Any:
    """A valid value of the type, as it stands in JSON."""
    return _example(inspect.type_info(annotation), "")


def _example(kind: inspect.Type, name: str) -> Any:
    match kind:
        case inspect.Metadata():
            given = (kind.extra_json_schema or {}).get("examples")
            return given[0] if given else _example(kind.type, name)
        case inspect.StructType():
            return _struct(kind)
        case inspect.UnionType():
            others = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
            return None if name in ABSENT and len(others) < len(kind.types) else _example(others[0], name)
        case inspect.ListType():
            return BY_NAME[name] if name in BY_NAME else [_example(kind.item_type, name)]
        case inspect.EnumType():
            return BY_NAME.get(name) if BY_NAME.get(name) in list(kind.cls) else next(iter(kind.cls)).value
        case inspect.LiteralType():
            return kind.values[0]
        case _:
            return _scalar(kind, name)


def _scalar(kind: inspect.Type, name: str) -> Any:
    if isinstance(kind, inspect.UUIDType):
        return UUID
    if isinstance(kind, inspect.DateTimeType):
        return TIME
    found = BY_NAME.get(name)
    match kind:
        case inspect.StrType():
            return found if isinstance(found, str) else "text"
        case inspect.BoolType():
            return name not in ABSENT
        case inspect.IntType():
            return found if isinstance(found, int) else max(kind.ge or 1, 1)
        case inspect.FloatType():
            return found if isinstance(found, int | float) else 0.5
        case inspect.DecimalType():
            return float(found) if isinstance(found, Decimal) else 12.5
        case inspect.DictType():
            return found if isinstance(found, dict) else {}
        case _:
            return "(binary)"


def _struct(kind: inspect.StructType) -> dict[str, Any]:
    chosen = getattr(kind.cls, "example_fields", None)
    return {
        field.encode_name: _example(field.type, _key(kind.cls.__name__, field.name))
        for field in kind.fields
        if chosen is None or field.name in chosen
    }


def _key(struct: str, field: str) -> str:
    """The key of the table: of the field in this struct, if there is one, else of the field in all structs."""
    return own if (own := f"{struct}.{field}") in BY_NAME else field
