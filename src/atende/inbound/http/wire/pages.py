"""Lists page by page: by number, or by a cursor, which stays in place while items are added."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from litestar import Request
from litestar.di import NamedDependency
from litestar.exceptions import ValidationException
from litestar.params import QueryParameter
from msgspec import Meta

from atende.core.identity.principal import Principal
from atende.core.kernel import COUNTED, Page
from atende.inbound.http.options import WebOptions
from atende.inbound.http.wire.cursors import BadCursor, list_id_of, read_cursor, write_cursor
from atende.inbound.http.wire.structs import Out

T = TypeVar("T")
R = TypeVar("R")
DEFAULT_SIZE = 20
LONGEST_CURSOR = 1_024

PageNumber = Annotated[
    int,
    QueryParameter(
        ge=1,
        le=1_000_000,
        description="Number of the page, from 1. Long lists have numbers for their first 500 items; use `cursor` behind them.",
    ),
]
PageSize = Annotated[int, QueryParameter(ge=1, le=100, description="Items on a page, up to 100.")]
CursorText = Annotated[
    str | None,
    QueryParameter(
        name="cursor",
        max_length=LONGEST_CURSOR,
        description="`nextCursor` of the page before, for the same list with the same filters. Use it instead of `page`.",
    ),
]
NextCursor = Annotated[
    str | None,
    Meta(
        description="Send it as `cursor` to get the next page, which added items do not shift. Null on the last page."
    ),
]


class Pagination(Out):
    """Lists are counted up to 500 items; `totalIsMinimum` says whether there are more."""

    page: int
    limit: int
    total: Annotated[int, Meta(description="Items in the list, exact up to 500.")]
    total_pages: Annotated[int, Meta(description="Pages that `total` items fill; these can be asked for by number.")]
    total_is_minimum: Annotated[
        bool,
        Meta(description="Whether the list has more items than `total`, on more pages: follow `nextCursor`."),
    ]


class PageOut(Out, Generic[T]):
    data: list[T]
    pagination: Pagination
    next_cursor: NextCursor


class PageTooDeep(ValidationException):
    """The page begins too far from the start of the list to be asked for by number."""

    def __init__(self, key: str) -> None:
        message = f"only the first {COUNTED:,} items have page numbers and offsets: follow nextCursor to see later ones"
        super().__init__(detail=message, extra=[{"key": key, "message": message, "source": "query"}])


def check_depth(passed: int, *, key: str) -> None:
    """For lists whose database reads all items before a page that is asked for by number. Raises PageTooDeep."""
    if passed >= COUNTED:
        raise PageTooDeep(key)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """The page that a call asks for, as ports take it: `page` counts when there is no `after`.

    `list_id` says which list it is and who sees it; `keys` sign cursors, the newest first.
    """

    page: int
    limit: int
    after: str | None = None
    list_id: bytes = b""
    keys: Sequence[bytes] = field(default=(), repr=False)

    @property
    def arguments(self) -> dict[str, Any]:
        """What the `page` method of a port takes beside its scope and filters. Raises PageTooDeep."""
        if self.after is None:
            check_depth((self.page - 1) * self.limit, key="page")
        return {"page": self.page, "limit": self.limit, "after": self.after}

    def respond(self, found: Page[T], render: Callable[[T], R]) -> PageOut[R]:
        """The body of the answer, with every item rendered."""
        return PageOut(
            data=[render(item) for item in found.data],
            pagination=Pagination.of(found),
            next_cursor=self.next_cursor(found),
        )

    def next_cursor(self, found: Page[Any]) -> str | None:
        """The cursor of the page behind this one; None behind the last."""
        return None if found.next is None else write_cursor(found.page + 1, found.next, self.list_id, self.keys[0])

    def slice(self, items: Sequence[T], key: Callable[[T], str], *, newest_first: bool = False) -> Page[T]:
        """The page of a list that is in memory as a whole, ordered by `key`, which is unique in it."""
        ordered = sorted(items, key=key, reverse=newest_first)
        rest = ordered[(self.page - 1) * self.limit :]
        if (last := self.after) is not None:
            rest = [item for item in ordered if (key(item) < last if newest_first else key(item) > last)]
        shown = rest[: self.limit]
        return Page(shown, self.page, self.limit, len(items), key(shown[-1]) if len(rest) > self.limit else None)


def time_key(at: datetime, id_: UUID) -> str:
    """A sort key: by time, then by id."""
    return f"{at.astimezone(UTC).isoformat(timespec='microseconds')}_{id_}"


async def page_request(
    request: Request[Principal, Any, Any],
    options: NamedDependency[WebOptions],
    page: PageNumber = 1,
    limit: PageSize = DEFAULT_SIZE,
    cursor: CursorText = None,
) -> PageRequest:
    """The dependency of every list. Raises BadCursor for a cursor that was changed, is another caller's or another list's, or
    comes together with a page number.
    """
    return read_page_request(request, options, page=page, limit=limit, cursor=cursor)


def read_page_request(
    request: Request[Principal, Any, Any], options: WebOptions, *, page: int, limit: int, cursor: str | None
) -> PageRequest:
    """The same for a list with parameters of its own."""
    list_id, keys = list_id_of(request), options.cursor_keys
    if cursor is None:
        return PageRequest(page=page, limit=limit, list_id=list_id, keys=keys)
    if {"page", "offset"} & set(request.query_params):
        raise BadCursor("send either a cursor, or a page or offset")
    number, after = read_cursor(cursor, list_id, keys)
    return PageRequest(page=number, limit=limit, after=after, list_id=list_id, keys=keys)
