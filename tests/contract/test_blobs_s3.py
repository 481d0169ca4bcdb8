"""What only a bucket can do: parts, encryption, versions, links, and being away. The store is moto's server; it checks no
signatures, so those of links are computed again here, as the store would, and by botocore's own signer.
"""

import hashlib
import hmac
import socket
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import httpx
import pytest
from botocore import auth as botocore_auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from atende.core.kernel import Invalid, NotFound, Unavailable
from atende.outbound.s3 import PART, S3Blobs, S3Options
from tests.contract.buckets import ACCESS, SECRET, bucket, client, moto_server, options, s3_blobs

__all__ = ["bucket", "moto_server", "s3_blobs"]

KEY = "t/shop/documents/1"


async def pieces(size: int, *, piece: int = 300_000, fail_at: int | None = None) -> AsyncIterator[bytes]:
    for start in range(0, size, piece):
        if fail_at is not None and start >= fail_at:
            raise Invalid("too large")
        yield bytes([start // piece % 251]) * min(piece, size - start)


@pytest.mark.parametrize("size", [0, 1, PART, PART + 1, 2 * PART, 2 * PART + 1])
async def test_blobs_above_five_megabytes_go_in_parts(
    s3_blobs: S3Blobs, moto_server: str, bucket: str, size: int
) -> None:
    await s3_blobs.put(KEY, pieces(size))
    whole = b"".join([piece async for piece in pieces(size)])
    assert await s3_blobs.get(KEY) == whole
    await s3_blobs.put(f"{KEY}-bytes", whole)
    assert b"".join([piece async for piece in s3_blobs.read(f"{KEY}-bytes")]) == whole
    store = client(moto_server)
    for key in (KEY, f"{KEY}-bytes"):
        etag = store.head_object(Bucket=bucket, Key=key)["ETag"].strip('"')
        parts = int(etag.partition("-")[2] or 1)
        assert parts == max(1, -(-size // PART))


async def test_an_upload_that_fails_leaves_the_old_blob_and_no_parts(
    s3_blobs: S3Blobs, moto_server: str, bucket: str
) -> None:
    await s3_blobs.put(KEY, b"old")
    with pytest.raises(Invalid):
        await s3_blobs.put(KEY, pieces(4 * PART, fail_at=3 * PART))
    assert await s3_blobs.get(KEY) == b"old"
    assert "Uploads" not in client(moto_server).list_multipart_uploads(Bucket=bucket)


async def test_a_folder_is_deleted_with_uploads_that_were_never_completed(
    s3_blobs: S3Blobs, moto_server: str, bucket: str
) -> None:
    store = client(moto_server)
    store.create_multipart_upload(Bucket=bucket, Key="t/shop/documents/9")
    store.create_multipart_upload(Bucket=bucket, Key="t/shop-two/documents/9")
    await s3_blobs.delete_folder("t/shop")
    assert [one["Key"] for one in store.list_multipart_uploads(Bucket=bucket)["Uploads"]] == ["t/shop-two/documents/9"]


async def test_what_is_deleted_is_deleted_in_all_versions(s3_blobs: S3Blobs, moto_server: str, bucket: str) -> None:
    store = client(moto_server)
    store.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for key in (KEY, f"{KEY}0", "t/shop/documents/2", "t/shop-two/documents/1"):
        for version in range(3):
            await s3_blobs.put(key, bytes([version]))
    await s3_blobs.delete(KEY)
    assert _versions(store, bucket) == {f"{KEY}0": 3, "t/shop/documents/2": 3, "t/shop-two/documents/1": 3}
    await s3_blobs.delete_folder("t/shop")
    assert _versions(store, bucket) == {"t/shop-two/documents/1": 3}
    assert await s3_blobs.get("t/shop-two/documents/1") == b"\x02"
    assert "versioning enabled" in await s3_blobs.look()


def _versions(store: Any, name: str) -> dict[str, int]:
    listed = store.list_object_versions(Bucket=name)
    found = [one["Key"] for one in [*listed.get("Versions", ()), *listed.get("DeleteMarkers", ())]]
    return {key: found.count(key) for key in found}


@pytest.mark.parametrize(
    ("encryption", "kms_key", "stored"),
    [("", "", (None, None)), ("AES256", "", ("AES256", None)), ("aws:kms", "key-1", ("aws:kms", "key-1"))],
)
@pytest.mark.parametrize("size", [10, PART + 1])
async def test_blobs_are_stored_with_type_labels_and_encryption(
    moto_server: str, bucket: str, encryption: str, kms_key: str, stored: tuple[str | None, str | None], size: int
) -> None:
    blobs = S3Blobs(options(moto_server, bucket, encryption=encryption, kms_key=kms_key))
    await blobs.put(KEY, b"x" * size, content_type="application/pdf", labels={"organization-id": "o1"})
    await blobs.close()
    head = client(moto_server).head_object(Bucket=bucket, Key=KEY)
    assert (head["ContentType"], head["Metadata"]) == ("application/pdf", {"organization-id": "o1"})
    if encryption:
        assert (head.get("ServerSideEncryption"), head.get("SSEKMSKeyId")) == stored


async def test_every_key_begins_with_the_prefix(moto_server: str, bucket: str) -> None:
    ours, others = (S3Blobs(options(moto_server, bucket, prefix=prefix)) for prefix in ("one", "two"))
    await ours.put(KEY, b"ours")
    await others.put(KEY, b"theirs")
    assert [one["Key"] for one in client(moto_server).list_objects_v2(Bucket=bucket)["Contents"]] == [
        f"one/{KEY}",
        f"two/{KEY}",
    ]
    await ours.delete_folder("t/shop")
    assert await others.get(KEY) == b"theirs"
    with pytest.raises(NotFound):
        await ours.get(KEY)
    await ours.close()
    await others.close()


async def test_a_link_downloads_the_blob_under_its_name(s3_blobs: S3Blobs) -> None:
    await s3_blobs.put(KEY, b"the text")
    url = await s3_blobs.link(KEY, lifetime=timedelta(minutes=5), filename='relatório "1";.pdf')
    assert url is not None
    async with httpx.AsyncClient(trust_env=False) as http:
        response = await http.get(url)
    assert (response.status_code, response.content) == (200, b"the text")
    named = response.headers["content-disposition"]
    assert named == "attachment; filename*=UTF-8''relat%C3%B3rio%20%221%22%3B.pdf"
    assert SECRET not in url


async def test_a_link_is_signed_as_the_store_computes_it(s3_blobs: S3Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    url = await s3_blobs.link(KEY, lifetime=timedelta(minutes=5), filename="a.pdf")
    assert url is not None
    given = dict(parse_qsl(urlsplit(url).query))
    assert given["X-Amz-Expires"] == "300"
    assert _signature(url) == given["X-Amz-Signature"]
    for tampered in (
        url.replace("documents/1", "documents/2"),
        url.replace("Expires=300", "Expires=301"),
        url.replace("a.pdf", "b.exe"),
    ):
        assert tampered != url
        assert _signature(tampered) != given["X-Amz-Signature"]

    signed_at = datetime.strptime(given["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    monkeypatch.setattr(botocore_auth, "get_current_datetime", lambda **_: signed_at.replace(tzinfo=None))
    plain = {name: value for name, value in given.items() if not name.startswith("X-Amz-")}
    request = AWSRequest("GET", url.partition("?")[0], params=plain)
    signer = botocore_auth.S3SigV4QueryAuth(Credentials(ACCESS, SECRET), "s3", "us-east-1", expires=300)
    signer.add_auth(request)
    assert dict(parse_qsl(urlsplit(request.url).query))["X-Amz-Signature"] == given["X-Amz-Signature"]


def _signature(url: str) -> str:
    """By AWS's description of Signature Version 4 in query parameters."""
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name != "X-Amz-Signature"]
    values = dict(query)
    canonical_query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in sorted(query))
    canonical = "\n".join(["GET", parts.path, canonical_query, f"host:{parts.netloc}\n", "host", "UNSIGNED-PAYLOAD"])
    scope = values["X-Amz-Credential"].partition("/")[2]
    text = "\n".join(["AWS4-HMAC-SHA256", values["X-Amz-Date"], scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{SECRET}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


@pytest.mark.parametrize("lifetime", [timedelta(0), timedelta(days=8)])
async def test_a_link_for_no_time_or_for_too_long_is_refused(s3_blobs: S3Blobs, lifetime: timedelta) -> None:
    with pytest.raises(Invalid, match="7 days"):
        await s3_blobs.link(KEY, lifetime=lifetime, filename="a")


CALLS: dict[str, Callable[[S3Blobs], Any]] = {
    "put": lambda blobs: blobs.put(KEY, b"x"),
    "put in parts": lambda blobs: blobs.put(KEY, b"x" * (PART + 1)),
    "get": lambda blobs: blobs.get(KEY),
    "delete": lambda blobs: blobs.delete(KEY),
    "delete folder": lambda blobs: blobs.delete_folder("t/shop"),
    "look": lambda blobs: blobs.look(),
}


@pytest.mark.parametrize("name", CALLS)
async def test_a_store_that_is_away_is_unavailable(name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    blobs = S3Blobs(options(f"http://127.0.0.1:{port}", "b", attempts=1))
    with pytest.raises(Unavailable, match="does not respond") as caught:
        await CALLS[name](blobs)
    assert SECRET not in repr(caught.value)
    await blobs.close()


@pytest.mark.parametrize("name", CALLS)
async def test_a_bucket_that_is_not_there_is_unavailable(moto_server: str, name: str) -> None:
    blobs = S3Blobs(options(moto_server, "not-there"))
    with pytest.raises(Unavailable, match=r"NoSuchBucket|no such bucket"):
        await CALLS[name](blobs)
    await blobs.close()


def test_amazon_is_the_default() -> None:
    plain = S3Options(bucket="b")
    assert (plain.endpoint, plain.region, plain.encryption, plain.path_style) == ("", "us-east-1", "AES256", False)
