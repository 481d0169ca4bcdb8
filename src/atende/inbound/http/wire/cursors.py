"""Cursors of lists. A cursor is signed and holds for one list with one set of filters, as one caller sees it."""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any

from litestar import Request
from litestar.exceptions import ValidationException

from atende.core.identity.principal import Principal

_MAC = 16
"""Bytes of the signature in front of a cursor."""
_NOT_FILTERS = frozenset({"cursor", "limit", "page", "offset"})


class BadCursor(ValidationException):
    """The cursor was not issued by this API, or not for this list."""

    def __init__(self, message: str) -> None:
        super().__init__(detail=message, extra=[{"key": "cursor", "message": message, "source": "query"}])


def write_cursor(page: int, after: str, list_id: bytes, key: bytes) -> str:
    """A cursor to the page with this number, which begins behind the item with the sort key `after`."""
    text = f"{page}~{after}".encode()
    return urlsafe_b64encode(_sign(key, list_id, text) + text).decode().rstrip("=")


def read_cursor(cursor: str, list_id: bytes, keys: Sequence[bytes]) -> tuple[int, str]:
    """The number of the page, and the sort key that it begins behind. Raises BadCursor."""
    try:
        raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except ValueError:
        raw = b""
    signature, text = raw[:_MAC], raw[_MAC:]
    matches = [hmac.compare_digest(signature, _sign(key, list_id, text)) for key in keys]
    # One spelling only: base64 may be written in ways that mean the same bytes.
    if not any(matches) or urlsafe_b64encode(raw).decode().rstrip("=") != cursor:
        raise BadCursor("this cursor is not from this list with these filters: start again at the first page")
    number, _, after = text.decode().partition("~")
    return int(number), after


def list_id_of(request: Request[Principal, Any, Any]) -> bytes:
    """A digest of the operation, the ids in its path, the caller and the filters: a cursor is valid for nothing else."""
    caller = request.user
    filters = sorted(item for item in request.query_params.multi_items() if item[0] not in _NOT_FILTERS)
    parts = [
        request.route_handler.handler_name,
        *(f"{name}={value}" for name, value in sorted(request.path_params.items())),
        f"{caller.organization_id}/{caller.user_id}/{caller.project_id}/{request.headers.get('x-project-id', '').lower()}",
        *(f"{name}={value}" for name, value in filters),
    ]
    encoded = [part.encode("utf-8", "backslashreplace") for part in parts]
    return hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in encoded)).digest()


def _sign(key: bytes, list_id: bytes, text: bytes) -> bytes:
    return hmac.new(key, list_id + text, hashlib.sha256).digest()[:_MAC]
