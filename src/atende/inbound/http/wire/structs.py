"""The wire: how structs are written in JSON, and how lists are cut into pages."""

from typing import Annotated, Any, TypeVar

import msgspec
from litestar import Response
from litestar.params import QueryParameter
from litestar.serialization import default_serializer
from litestar.types import Serializer
from msgspec import Meta

from atende.core.kernel import Page

T = TypeVar("T")


class In(msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """Base of what callers send: camelCase, unknown fields refused."""


class Out(msgspec.Struct, rename="camel", kw_only=True):
    """Base of what callers get: camelCase. Amounts are Decimal, in whole credits, and JSON numbers on the wire."""


class Pagination(Out):
    page: int
    limit: int
    total: int
    total_pages: int


PageNumber = Annotated[int, QueryParameter(ge=1, le=1_000_000, description="The page, from 1.")]
PageSize = Annotated[int, QueryParameter(ge=1, le=100, description="Items on a page, up to 100.")]
DEFAULT_SIZE = 20


NextCursor = Annotated[
    str | None,
    msgspec.Meta(
        description="Where the next page begins, whatever is put in meanwhile; null at the end. For `cursor`."
    ),
]


def pagination(page: Page[Any]) -> Pagination:
    return Pagination(page=page.page, limit=page.limit, total=page.total, total_pages=page.total_pages)


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
        description="An e-mail address, in any case; it is stored in small letters.",
        examples=["ana@example.com"],
    ),
]
