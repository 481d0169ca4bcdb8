"""Hashes by which a repeated request is recognised: caller, Idempotency-Key and content."""

import hashlib
import hmac
from collections.abc import Iterable
from typing import Any

from litestar import Request
from litestar.datastructures import UploadFile

from atende.inbound.http.wire.requests import readable_form

_CHUNK = 1024 * 1024
_FORMS = frozenset({"multipart/form-data", "application/x-www-form-urlencoded"})


def key_hash(caller: str, key: str) -> bytes:
    """Of an Idempotency-Key of a known caller; other callers have other hashes for the same key."""
    return _joined(hashlib.sha256(), (b"caller", caller.encode(), key.encode()))


def anonymous_key_hash(request: Request[Any, Any, Any], request_hash: bytes, key: str, secret: bytes) -> bytes:
    """Of an Idempotency-Key of an anonymous caller: the same only for the same request with the same credentials, if any."""
    shown = ["\n".join(request.headers.getall(name, [])) for name in ("cookie", "authorization", "x-api-key")]
    known = [text.encode("latin-1", "replace") for text in shown]
    return _joined(hmac.new(secret, digestmod="sha256"), (b"anonymous", request_hash, *known, key.encode()))


async def request_hash(request: Request[Any, Any, Any], secret: bytes) -> bytes:
    """Of method, path, project and body. It is keyed: a plain hash would make it possible to guess a password in the body.

    A form is hashed field by field, since its boundary differs each time.
    """
    found = hmac.new(secret, digestmod="sha256")
    project = request.headers.get("x-project-id", "").lower().encode("latin-1", "replace")
    target = (request.method.encode(), request.scope["path"].rstrip("/").encode(), request.scope["query_string"])
    _joined(found, (*target, project))
    content_type, _ = request.content_type
    if content_type in _FORMS:
        await _add_form(found, request)
    else:
        _joined(found, (b"body", await request.body()))
    return found.digest()


async def close_form(request: Request[Any, Any, Any]) -> None:
    """Closes the files of a request that was hashed but does not reach a handler."""
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
        while chunk := await value.read(_CHUNK):
            content.update(chunk)
        await value.seek(0)
        _joined(found, (content.digest(),))


def _joined(found: Any, parts: Iterable[bytes]) -> bytes:
    """Each part with its length, so that different parts never look alike."""
    for part in parts:
        found.update(len(part).to_bytes(8, "big") + part)
    digest: bytes = found.digest()
    return digest
