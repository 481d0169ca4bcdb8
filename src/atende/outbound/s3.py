"""Blobs in a bucket of Amazon S3 or of a compatible store, through aiobotocore, which is imported at the first call."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import structlog

from atende.core.kernel import Invalid, NotFound, Unavailable, Unusable
from atende.core.knowledge.ports import NO_LABELS, Blobs
from atende.outbound.blob_keys import checked
from atende.outbound.http_responses import is_loopback

log = structlog.get_logger(__name__)

PART = 5 * 1024 * 1024
"""Bytes of a part of a multipart upload, the smallest that S3 accepts. Smaller blobs are stored with one request."""
_PIECE = 1024 * 1024
_AT_ONCE = 10
_LONGEST_LINK = timedelta(days=7)
_ABSENT = frozenset({"NoSuchKey", "NoSuchVersion", "404"})
_NO_VERSIONS = frozenset({"NotImplemented", "MethodNotAllowed", "AccessDenied", "501", "405", "403"})


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Options:
    """`endpoint` empty: Amazon. Without keys, the usual sources of credentials are used (environment, profile, role of the host).

    `encryption`: AES256 (keys of S3), aws:kms (with `kms_key`, else the account's default key), or empty: as the bucket says.
    All keys of blobs begin with `prefix` and a slash, unless it is empty. `attempts`: for each request, with pauses between them.
    """

    bucket: str
    region: str = "us-east-1"
    endpoint: str = ""
    access_key: str = ""
    secret_key: str = ""
    path_style: bool = False
    prefix: str = ""
    encryption: str = "AES256"
    kms_key: str = ""
    timeout: float = 60.0
    attempts: int = 3


class S3Blobs(Blobs):
    """A blob is stored completely or not at all. What is deleted is deleted in all its versions."""

    def __init__(self, options: S3Options) -> None:
        self._options = options
        self._bucket = options.bucket
        self._stack = AsyncExitStack()
        self._client: Any = None
        self._starting = asyncio.Lock()

    async def close(self) -> None:
        await self._stack.aclose()
        self._client = None

    async def put(
        self,
        key: str,
        data: bytes | AsyncIterable[bytes],
        *,
        content_type: str = "application/octet-stream",
        labels: Mapping[str, str] = NO_LABELS,
    ) -> None:
        about = {"ContentType": content_type, "Metadata": dict(labels), **self._encryption()}
        name, client = self._name(key), await self._connected()
        parts = _parts(data)
        first, second = await anext(parts, b""), await anext(parts, None)
        with s3_errors():
            if second is None:
                await client.put_object(Bucket=self._bucket, Key=name, Body=first, **about)
                return
            upload = await client.create_multipart_upload(Bucket=self._bucket, Key=name, **about)
            target = {"Bucket": self._bucket, "Key": name, "UploadId": upload["UploadId"]}
            try:
                await self._upload(client, target, _following(first, second, parts))
            except BaseException:
                with suppress(Exception):
                    await asyncio.shield(client.abort_multipart_upload(**target))
                raise

    async def get(self, key: str) -> bytes:
        return b"".join([piece async for piece in self.read(key)])

    async def read(self, key: str) -> AsyncIterator[bytes]:
        name, client = self._name(key), await self._connected()
        with s3_errors():
            response = await client.get_object(Bucket=self._bucket, Key=name)
            async with response["Body"] as body:
                async for piece in body.iter_chunks(_PIECE):
                    yield piece

    async def link(self, key: str, *, lifetime: timedelta, filename: str) -> str | None:
        """Signed here, without asking the store: a link to a blob that is not there is answered with 404 by the store."""
        if not timedelta(0) < lifetime <= _LONGEST_LINK:
            raise Invalid(f"a link is valid for at most {_LONGEST_LINK.days} days")
        shown = f"attachment; filename*=UTF-8''{quote(filename, safe='')}"
        target = {"Bucket": self._bucket, "Key": self._name(key), "ResponseContentDisposition": shown}
        client = await self._connected()
        with s3_errors():
            url = await client.generate_presigned_url(
                "get_object", Params=target, ExpiresIn=int(lifetime.total_seconds())
            )
        return str(url)

    async def delete(self, key: str) -> None:
        name, client = self._name(key), await self._connected()
        with s3_errors():
            await client.delete_object(Bucket=self._bucket, Key=name)
        await self._delete_versions(client, name, lambda found: found == name)

    async def delete_folder(self, folder: str) -> None:
        """Uploads that were never completed are removed too."""
        prefix, client = f"{self._name(folder)}/", await self._connected()
        with s3_errors():
            pages = client.get_paginator("list_multipart_uploads").paginate(Bucket=self._bucket, Prefix=prefix)
            async for page in pages:
                for one in page.get("Uploads", ()):
                    target = {"Key": one["Key"], "UploadId": one["UploadId"]}
                    await client.abort_multipart_upload(Bucket=self._bucket, **target)
            pages = client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
            async for page in pages:
                await self._delete_all(client, [{"Key": one["Key"]} for one in page.get("Contents", ())])
        await self._delete_versions(client, prefix, lambda found: found.startswith(prefix))

    async def look(self) -> str:
        """What the bucket is like, in words. Changes nothing. Raises Unavailable."""
        client = await self._connected()
        with s3_errors():
            try:
                await client.head_bucket(Bucket=self._bucket)
            except _client_error() as error:
                if _reason(error) in {"404", "NoSuchBucket"}:
                    raise Unavailable("there is no such bucket") from error
                raise
            try:
                versions = (await client.get_bucket_versioning(Bucket=self._bucket)).get("Status", "off")
            except _client_error():
                versions = "not known"
        encrypted = self._options.encryption or "as the bucket says"
        return f"versioning {versions.lower()}, encryption {encrypted}"

    async def _upload(self, client: Any, target: dict[str, str], parts: AsyncIterator[bytes]) -> None:
        done, number = [], 0
        async for part in parts:
            number += 1
            response = await client.upload_part(**target, PartNumber=number, Body=part)
            done.append({"PartNumber": number, "ETag": response["ETag"]})
        await client.complete_multipart_upload(**target, MultipartUpload={"Parts": done})

    async def _delete_versions(self, client: Any, prefix: str, wanted: Callable[[str], bool]) -> None:
        """Stores without versions have nothing to delete here."""
        with s3_errors():
            try:
                pages = client.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=prefix)
                async for page in pages:
                    found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
                    targets = [
                        {"Key": one["Key"], "VersionId": one["VersionId"]} for one in found if wanted(one["Key"])
                    ]
                    await self._delete_all(client, targets)
            except _client_error() as error:
                if _reason(error) not in _NO_VERSIONS:
                    raise
                log.warning("s3.versions_not_listed", bucket=self._bucket, reason=_reason(error))

    async def _delete_all(self, client: Any, targets: list[dict[str, str]]) -> None:
        for start in range(0, len(targets), _AT_ONCE):
            group = targets[start : start + _AT_ONCE]
            await asyncio.gather(*(client.delete_object(Bucket=self._bucket, **one) for one in group))

    def _name(self, key: str) -> str:
        return "/".join([*filter(None, [self._options.prefix]), *checked(key)])

    def _encryption(self) -> dict[str, str]:
        options = self._options
        found = {"ServerSideEncryption": options.encryption} if options.encryption else {}
        return found | ({"SSEKMSKeyId": options.kms_key} if options.kms_key else {})

    async def _connected(self) -> Any:
        async with self._starting:
            if self._client is None:
                making = await asyncio.to_thread(_client, self._options)
                with s3_errors():
                    self._client = await self._stack.enter_async_context(making)
        return self._client


def _client(options: S3Options) -> Any:
    from aiobotocore.config import AioConfig
    from aiobotocore.session import get_session

    # Compatible stores often know no checksums but those that S3 has always required.
    checksums = "when_required" if options.endpoint else "when_supported"
    config = AioConfig(
        signature_version="s3v4",
        s3={"addressing_style": "path" if options.path_style else "auto"},
        connect_timeout=10,
        read_timeout=options.timeout,
        retries={"mode": "standard", "max_attempts": options.attempts},
        request_checksum_calculation=checksums,
        response_checksum_validation=checksums,
        proxies={} if is_loopback(options.endpoint) else None,
    )
    return get_session().create_client(
        "s3",
        region_name=options.region,
        endpoint_url=options.endpoint or None,
        aws_access_key_id=options.access_key or None,
        aws_secret_access_key=options.secret_key or None,
        config=config,
    )


def _client_error() -> type[Exception]:
    from botocore.exceptions import ClientError

    found: type[Exception] = ClientError
    return found


def _reason(error: Exception) -> str:
    response: Any = getattr(error, "response", {})
    return str(response.get("Error", {}).get("Code", ""))


@contextmanager
def s3_errors() -> Iterator[None]:
    """Translates errors of the SDK: NotFound, Unusable for archived blobs, and Unavailable for all others."""
    from aiohttp import ClientError as HttpError
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        reason = _reason(error)
        if reason in _ABSENT:
            raise NotFound("no such blob") from None
        if reason == "InvalidObjectState":
            raise Unusable("this file is archived: restore it in the file store first") from error
        raise Unavailable(f"the file store refuses this: {reason}") from error
    except (BotoCoreError, HttpError, TimeoutError, OSError) as error:
        raise Unavailable(f"the file store does not respond: {type(error).__name__}") from error


async def _parts(data: bytes | AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """Parts of PART bytes; the last one may be smaller. Nothing for empty data."""
    if isinstance(data, bytes):
        for start in range(0, len(data), PART):
            yield data[start : start + PART]
        return
    waiting = bytearray()
    async for piece in data:
        waiting += piece
        while len(waiting) > PART:
            yield bytes(waiting[:PART])
            del waiting[:PART]
    if waiting:
        yield bytes(waiting)


async def _following(first: bytes, second: bytes, others: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    yield second
    async for part in others:
        yield part
