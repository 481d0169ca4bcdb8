"""The values that a parameter or field allows, for error messages."""

from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from litestar.handlers import BaseRouteHandler


def allowed_values(handler: BaseRouteHandler | None, path: str) -> list[str]:
    """Of the parameter with this name, or of the field at this path of the body; empty if there is no list of values."""
    if handler is None:
        return []
    parameters = handler.parsed_fn_signature.parameters
    first, *rest = path.split(".")
    if first in parameters and first != "data":
        return _values(parameters[first].annotation)
    if "data" not in parameters:
        return []
    return _values(_field(parameters["data"].annotation, [first, *rest]))


def _field(annotation: Any, names: list[str]) -> Any:
    if not names:
        return annotation
    for kind in _alternatives(annotation):
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            named = {field.encode_name: field.name for field in msgspec.structs.fields(kind)}
            if names[0] in named:
                return _field(get_type_hints(kind)[named[names[0]]], names[1:])
    return NoneType


def _values(annotation: Any) -> list[str]:
    found: list[str] = []
    for kind in _alternatives(annotation):
        if get_origin(kind) is Literal:
            found += [str(one) for one in get_args(kind)]
        elif isinstance(kind, type) and issubclass(kind, Enum):
            found += [str(one.value) for one in kind]
    return found


def _alternatives(annotation: Any) -> list[Any]:
    """The members of a union, without their annotations."""
    if get_origin(annotation) is Annotated:
        return _alternatives(get_args(annotation)[0])
    if get_origin(annotation) in {Union, UnionType}:
        return [one for part in get_args(annotation) for one in _alternatives(part)]
    return [annotation]
