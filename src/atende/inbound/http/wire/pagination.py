"""Lists page by page: by number, or by a cursor that what is put in meanwhile does not move. Cursors are signed."""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

from litestar import Request
from litestar.di import NamedDependency
from litestar.exceptions import ValidationException
from litestar.params import QueryParameter

from atende.core.identity.principal import Principal
from atende.core.kernel import Page
from atende.inbound.http.options import WebOptions
from atende.inbound.http.wire.structs import DEFAULT_SIZE, PageNumber, PageSize

T = TypeVar("T")
LONGEST = 1_024
_MAC = 16
_NOT_FILTERS = frozenset({"cursor", "limit", "page", "offset"})

CursorText = Annotated[
    str | None,
    QueryParameter(
        name="cursor",
        max_length=LONGEST,
        description="`nextCursor` of the page before, for the same list with the same filters; in place of `page`.",
    ),
]


class BadCursor(ValidationException):
    """A cursor that we did not make, or not for this list."""

    def __init__(self, message: str) -> None:
        super().__init__(detail=message, extra=[{"key": "cursor", "message": message, "source": "query"}])


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The part of a list that a call asks for, as its port takes it: `page` counts when there is no `after`."""

    page: int
    limit: int
    after: str | None = None
    list_id: bytes = b""
    """Which list this is, for whom: a cursor of another one is refused."""
    keys: Sequence[bytes] = field(default=(), repr=False)

    def next(self, found: Page[Any]) -> str | None:
        """The cursor of the page behind this one."""
        if found.next is None:
            return None
        said = f"{found.page + 1}~{found.next}".encode()
        return urlsafe_b64encode(_seal(self.keys[0], self.list_id, said) + said).decode().rstrip("=")

    def cut(self, every: Sequence[T], key: Callable[[T], str], *, newest_first: bool = False) -> Page[T]:
        """The page of a list that is at hand as a whole, in the order of `key`, which no two of it share."""
        ordered = sorted(every, key=key, reverse=newest_first)
        left = ordered[(self.page - 1) * self.limit :]
        if (last := self.after) is not None:
            left = [one for one in ordered if (key(one) < last if newest_first else key(one) > last)]
        shown = left[: self.limit]
        return Page(shown, self.page, self.limit, len(every), key(shown[-1]) if len(left) > self.limit else None)


def place(at: datetime, id_: UUID) -> str:
    """A key in the order of time, then of ids."""
    return f"{at.astimezone(UTC).isoformat(timespec='microseconds')}_{id_}"


async def asked_page(
    request: Request[Principal, Any, Any],
    options: NamedDependency[WebOptions],
    page: PageNumber = 1,
    limit: PageSize = DEFAULT_SIZE,
    cursor: CursorText = None,
) -> Asked:
    """For every list. Raises BadCursor for a cursor that is edited, foreign, of other filters, or beside a page number."""
    return asked(request, options, page=page, limit=limit, cursor=cursor)


def asked(
    request: Request[Principal, Any, Any], options: WebOptions, *, page: int, limit: int, cursor: str | None
) -> Asked:
    """The same for a list that reads its own parameters."""
    list_id, keys = _list_id(request), options.cursor_keys
    if cursor is None:
        return Asked(page=page, limit=limit, list_id=list_id, keys=keys)
    if {"page", "offset"} & set(request.query_params):
        raise BadCursor("send a cursor, or a page or offset, not both")
    number, after = opened(cursor, list_id, keys)
    return Asked(page=number, limit=limit, after=after, list_id=list_id, keys=keys)


def opened(cursor: str, list_id: bytes, keys: Sequence[bytes]) -> tuple[int, str]:
    """The number of the page and where it begins."""
    try:
        raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except ValueError:
        raw = b""
    seal, said = raw[:_MAC], raw[_MAC:]
    ours = [hmac.compare_digest(seal, _seal(key, list_id, said)) for key in keys]
    # One spelling only: base64 may be written in ways that mean the same bytes.
    if not any(ours) or urlsafe_b64encode(raw).decode().rstrip("=") != cursor:
        raise BadCursor("this cursor is not of this list with these filters: start again at its first page")
    number, _, after = said.decode().partition("~")
    return int(number), after


def _list_id(request: Request[Principal, Any, Any]) -> bytes:
    """The operation and what its path names, whose data it lists, and the filters: a cursor holds for nothing else."""
    caller = request.user
    filters = sorted(item for item in request.query_params.multi_items() if item[0] not in _NOT_FILTERS)
    parts = [
        request.route_handler.handler_name,
        *(f"{name}={value}" for name, value in sorted(request.path_params.items())),
        f"{caller.organization_id}/{caller.user_id}/{caller.project_id}/{request.headers.get('x-project-id', '').lower()}",
        *(f"{name}={value}" for name, value in filters),
    ]
    told = [part.encode("utf-8", "backslashreplace") for part in parts]
    return hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in told)).digest()


def _seal(key: bytes, list_id: bytes, said: bytes) -> bytes:
    return hmac.new(key, list_id + said, hashlib.sha256).digest()[:_MAC]
