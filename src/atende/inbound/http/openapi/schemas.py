"""What the OpenAPI says of the structs on the wire: what is refused, within which limits, and what they say of themselves;
and what the parts of addresses are.

The framework's own schemas leave out limits of 0 and those that stand inside of a union.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from litestar._openapi.schema_generation.plugins.struct import StructSchemaPlugin
from litestar.enums import ParamType
from litestar.openapi.spec import OpenAPIType, Operation, Parameter, Reference, Schema
from litestar.openapi.spec.schema import SchemaDataContainer
from litestar.params import BodyKwarg
from litestar.plugins import OpenAPISchemaPlugin
from litestar.typing import FieldDefinition

from atende.inbound.http.wire.pages import PageOut
from atende.inbound.http.wire.structs import In, ListOut, Out

PATH_WORDS = {
    "account_id": "Id of a billing account.",
    "conversation_id": "Id of a conversation.",
    "document_id": "Id of a document.",
    "invitation_id": "Id of an invitation of this organization.",
    "job_id": "Number of a job that was given up.",
    "key": "Name of a switch of the project.",
    "key_id": "Id of an API key; not the key itself.",
    "message_id": "Id of a message.",
    "organization_id": "Id of an organization.",
    "project_id": "Id of a project.",
    "provider": "The AI provider that the key is for.",
    "query_id": "Id of a question, as the answer to it has it.",
    "session_id": "Id of a session of the caller.",
    "slug": "Short name of a plan, as the list of plans has it.",
    "user_id": "Id of a person.",
}
"""What stands in an address, by its name there."""


_SUFFIXES: dict[Any, str] = {PageOut: "Page", ListOut: "List"}


@dataclass
class DocumentedOperation(Operation):
    """What is in its address is said wherever a type does not say it."""

    def __post_init__(self) -> None:
        for parameter in self.parameters or ():
            if isinstance(parameter, Parameter) and parameter.param_in == ParamType.PATH and not parameter.description:
                parameter.description = PATH_WORDS.get(parameter.name)


class RequestSchemas(OpenAPISchemaPlugin):
    """Unknown fields are refused, and so is what is beyond the limits of a field."""

    @staticmethod
    def is_plugin_supported_type(value: Any) -> bool:
        return isinstance(value, type) and issubclass(value, In)

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Schema:
        schema = _described(field_definition, schema_creator)
        schema.additional_properties = False
        info = msgspec.inspect.type_info(field_definition.type_)
        assert isinstance(info, msgspec.inspect.StructType), "a struct is described as one"
        for field in info.fields:
            _limit((schema.properties or {})[field.encode_name], field.type)
        return schema


class ResponseSchemas(OpenAPISchemaPlugin):
    @staticmethod
    def is_plugin_supported_type(value: Any) -> bool:
        return isinstance(value, type) and issubclass(value, Out)

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Schema:
        return _described(field_definition, schema_creator)


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
    """Says in the OpenAPI what `WireResponse` does."""

    @staticmethod
    def is_plugin_supported_type(value: Any) -> bool:
        return value is Decimal

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Schema:
        return Schema(type=OpenAPIType.NUMBER)


def _described(field_definition: FieldDefinition, schema_creator: Any) -> Schema:
    """With the docstring of the class; one that has none of its own has None, whatever it inherits from."""
    schema = StructSchemaPlugin().to_openapi_schema(field_definition, schema_creator)
    if text := field_definition.type_.__doc__:
        schema.description = " ".join(text.split())
    return schema


_LIMITS = {"ge": "minimum", "gt": "exclusive_minimum", "le": "maximum", "lt": "exclusive_maximum", "pattern": "pattern"}
_LENGTHS = {"min_length": "min_length", "max_length": "max_length"}
_SIZES = {"min_length": "min_items", "max_length": "max_items"}
_ANY_TEXT = "^[^\\x00]*$"
"""No database column holds the character NUL."""


def _limit(schema: Schema | Reference, read: msgspec.inspect.Type) -> None:
    """Puts the limits of what is read into its schema."""
    match read:
        case _ if isinstance(schema, Reference):
            return
        case msgspec.inspect.Metadata(type=inner):
            _limit(schema, inner)
        case msgspec.inspect.UnionType(types=types):
            for one in types:
                _limit(schema, one)
        case msgspec.inspect.CollectionType(item_type=item):
            _copy(_SIZES, read, schema)
            for lists in (schema, *(schema.one_of or ())):
                if isinstance(lists, Schema) and isinstance(lists.items, Schema):
                    _limit(lists.items, item)
        case msgspec.inspect.StrType(pattern=pattern):
            _copy(_LIMITS | _LENGTHS, read, schema)
            schema.pattern = pattern or _ANY_TEXT
        case msgspec.inspect.IntType() | msgspec.inspect.FloatType():
            _copy(_LIMITS, read, schema)


def _copy(names: dict[str, str], read: msgspec.inspect.Type, schema: Schema) -> None:
    for ours, name in names.items():
        if (limit := getattr(read, ours, None)) is not None:
            setattr(schema, name, limit)
