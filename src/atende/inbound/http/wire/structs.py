"""The base classes of what goes over the wire, and how they are written as JSON."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Generic, Self, TypeVar

import msgspec
from litestar import Response
from litestar.serialization import default_serializer
from litestar.types import Serializer
from msgspec import Meta

T = TypeVar("T")

WholeName = Annotated[
    str,
    Meta(
        max_length=201,
        description="Instead of first and last name: it is split at its first space. `firstName` and `lastName` take precedence.",
        examples=["Ana Lima"],
    ),
]


class In(msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """Base of request bodies: camelCase, unknown fields refused."""

    example_fields: ClassVar[tuple[str, ...] | None] = None
    """The fields in the example of the OpenAPI; None for all."""


class Out(msgspec.Struct, rename="camel", kw_only=True):
    """Base of response bodies: camelCase. Amounts are Decimal, in whole credits, and JSON numbers on the wire."""

    @classmethod
    def of(cls, entity: object, **given: Any) -> Self:
        """From the attributes of the entity that have the names of the fields. `given`: fields that it has no attribute for."""
        return msgspec.convert(_Overlay(entity, given) if given else entity, cls, from_attributes=True)


@dataclass(frozen=True, slots=True)
class _Overlay:
    """The attributes of an entity, with some in front of them."""

    _entity: object
    _given: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        return self._given[name] if name in self._given else getattr(self._entity, name)


class ListOut(Out, Generic[T]):
    data: list[T]


class WireResponse(Response[T]):
    """JSON in which a Decimal is a number: exact, never a float on the way."""

    def render(self, content: Any, media_type: str, enc_hook: Serializer = default_serializer) -> bytes:
        if isinstance(content, bytes | str) or not media_type.endswith("json"):
            return super().render(content, media_type, enc_hook)
        return msgspec.json.Encoder(enc_hook=enc_hook, decimal_format="number").encode(content)


EMAIL = r"^[^@\x00]+@[^@\x00]+\.[^@\x00]+$"
"""The rough form; the core looks closer."""
EmailText = Annotated[
    str,
    Meta(
        min_length=5,
        max_length=255,
        pattern=EMAIL,
        description="An e-mail address, in any case; it is stored in lower case.",
        examples=["ana@example.com"],
    ),
]
