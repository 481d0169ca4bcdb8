"""The schemas of the wire structs in the OpenAPI, with the limits of their fields and their docstrings.

The framework's own schemas leave out limits of 0 and those inside of a union.
"""

from decimal import Decimal
from typing import Annotated, Any

import msgspec
from litestar._openapi.schema_generation.plugins.struct import StructSchemaPlugin
from litestar.openapi.spec import OpenAPIType, Reference, Schema
from litestar.openapi.spec.schema import SchemaDataContainer
from litestar.params import BodyKwarg
from litestar.plugins import OpenAPISchemaPlugin
from litestar.typing import FieldDefinition

from atende.inbound.http.wire.pages import PageOut
from atende.inbound.http.wire.structs import In, ListOut, Out

_SUFFIXES: dict[Any, str] = {PageOut: "Page", ListOut: "List"}


class RequestSchemas(OpenAPISchemaPlugin):
    """Of request bodies: unknown fields are refused, and every field has its limits."""

    @staticmethod
    def is_plugin_supported_type(value: Any) -> bool:
        return isinstance(value, type) and issubclass(value, In)

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Schema:
        schema = _struct_schema(field_definition, schema_creator)
        schema.additional_properties = False
        info = msgspec.inspect.type_info(field_definition.type_)
        assert isinstance(info, msgspec.inspect.StructType), "In is a struct"
        for field in info.fields:
            _add_limits((schema.properties or {})[field.encode_name], field.type)
        return schema


class ResponseSchemas(OpenAPISchemaPlugin):
    """Of response bodies."""

    @staticmethod
    def is_plugin_supported_type(value: Any) -> bool:
        return isinstance(value, type) and issubclass(value, Out)

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Schema:
        return _struct_schema(field_definition, schema_creator)


class PageSchemas(OpenAPISchemaPlugin):
    """Names the schemas of `PageOut[ProjectOut]` and `ListOut[PlanOut]` ProjectPage and PlanList."""

    def is_plugin_supported_field(self, field_definition: FieldDefinition) -> bool:
        return field_definition.origin in _SUFFIXES

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Schema:
        (item,) = field_definition.args
        name = item.__name__.removesuffix("Out") + _SUFFIXES[field_definition.origin]
        if getattr(field_definition.kwarg_definition, "schema_component_key", None) != name:
            named: Any = Annotated[field_definition.annotation, BodyKwarg(schema_component_key=name)]
            return SchemaDataContainer(data_container=named)
        schema = StructSchemaPlugin().to_openapi_schema(field_definition, schema_creator)
        schema.title = name
        return schema


class DecimalSchemas(OpenAPISchemaPlugin):
    """Decimals are numbers, as `WireResponse` writes them."""

    @staticmethod
    def is_plugin_supported_type(value: Any) -> bool:
        return value is Decimal

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Schema:
        return Schema(type=OpenAPIType.NUMBER)


def _struct_schema(field_definition: FieldDefinition, schema_creator: Any) -> Schema:
    """Described by the docstring of the class itself, not by an inherited one."""
    schema = StructSchemaPlugin().to_openapi_schema(field_definition, schema_creator)
    if text := field_definition.type_.__doc__:
        schema.description = " ".join(text.split())
    return schema


_LIMITS = {"ge": "minimum", "gt": "exclusive_minimum", "le": "maximum", "lt": "exclusive_maximum", "pattern": "pattern"}
_LENGTHS = {"min_length": "min_length", "max_length": "max_length"}
_SIZES = {"min_length": "min_items", "max_length": "max_items"}
_ANY_TEXT = "^[^\\x00]*$"
"""No database column holds the character NUL."""


def _add_limits(schema: Schema | Reference, read: msgspec.inspect.Type) -> None:
    """Copies the limits of the type into its schema."""
    match read:
        case _ if isinstance(schema, Reference):
            return
        case msgspec.inspect.Metadata(type=inner):
            _add_limits(schema, inner)
        case msgspec.inspect.UnionType(types=types):
            for one in types:
                _add_limits(schema, one)
        case msgspec.inspect.CollectionType(item_type=item):
            _copy_limits(_SIZES, read, schema)
            for lists in (schema, *(schema.one_of or ())):
                if isinstance(lists, Schema) and isinstance(lists.items, Schema):
                    _add_limits(lists.items, item)
        case msgspec.inspect.StrType(pattern=pattern):
            _copy_limits(_LIMITS | _LENGTHS, read, schema)
            schema.pattern = pattern or _ANY_TEXT
        case msgspec.inspect.IntType() | msgspec.inspect.FloatType():
            _copy_limits(_LIMITS, read, schema)


def _copy_limits(names: dict[str, str], read: msgspec.inspect.Type, schema: Schema) -> None:
    for ours, name in names.items():
        if (limit := getattr(read, ours, None)) is not None:
            setattr(schema, name, limit)
