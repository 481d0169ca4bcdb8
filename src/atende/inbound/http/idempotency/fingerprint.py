"""What makes two requests the same: hashes of who asks, under which key, for what."""

import hashlib
import hmac
from collections.abc import Iterable
from typing import Any

from litestar import Request
from litestar.datastructures import UploadFile

from atende.inbound.http.wire.requests import readable_form

_PIECE = 1024 * 1024
_FORMS = frozenset({"multipart/form-data", "application/x-www-form-urlencoded"})


def key_hash(caller: str, key: str) -> bytes:
    """Of a key of a caller who is known: nobody else has it."""
    return _joined(hashlib.sha256(), (b"caller", caller.encode(), key.encode()))


def stranger_hash(request: Request[Any, Any, Any], asked: bytes, key: str, secret: bytes) -> bytes:
    """Of a key of somebody unknown: only who asks for the very same, with the same credentials if any, meets it again."""
    shown = ["\n".join(request.headers.getall(name, [])) for name in ("cookie", "authorization", "x-api-key")]
    known = [text.encode("latin-1", "replace") for text in shown]
    return _joined(hmac.new(secret, digestmod="sha256"), (b"stranger", asked, *known, key.encode()))


async def request_hash(request: Request[Any, Any, Any], secret: bytes) -> bytes:
    """Of method, address, project and body. It is keyed, since a body may hold a password, which a plain hash would betray.

    A form is hashed field by field: its boundary is another one each time that it is sent.
    """
    found = hmac.new(secret, digestmod="sha256")
    project = request.headers.get("x-project-id", "").lower().encode("latin-1", "replace")
    place = (request.method.encode(), request.scope["path"].rstrip("/").encode(), request.scope["query_string"])
    _joined(found, (*place, project))
    content_type, _ = request.content_type
    if content_type in _FORMS:
        await _add_form(found, request)
    else:
        _joined(found, (b"body", await request.body()))
    return found.digest()


async def close_form(request: Request[Any, Any, Any]) -> None:
    """For a request that was hashed and goes no further: its files are closed here, since no handler will."""
    if request.content_type[0] in _FORMS:
        await (await request.form()).close()


async def _add_form(found: Any, request: Request[Any, Any, Any]) -> None:
    await readable_form(request)
    for name, value in (await request.form()).multi_items():
        if not isinstance(value, UploadFile):
            _joined(found, (b"field", name.encode(), str(value).encode()))
            continue
        _joined(found, (b"file", name.encode(), value.filename.encode(), str(value.content_type).encode()))
        await value.seek(0)
        content = hashlib.sha256()
        while piece := await value.read(_PIECE):
            content.update(piece)
        await value.seek(0)
        _joined(found, (content.digest(),))


def _joined(found: Any, parts: Iterable[bytes]) -> bytes:
    """Each part with its length, so that none can be taken for two."""
    for part in parts:
        found.update(len(part).to_bytes(8, "big") + part)
    digest: bytes = found.digest()
    return digest
