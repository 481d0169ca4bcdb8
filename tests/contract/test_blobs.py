"""Blobs as files, in a bucket and in the fake: whole or not there, private, and never outside their folder."""

import asyncio
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from atende.core.kernel import Invalid, NotFound
from atende.core.knowledge.ports import Blobs
from atende.fakes.ports.blobs import FakeBlobs
from atende.outbound.files import FileBlobs
from atende.outbound.s3 import S3Blobs
from tests.contract.buckets import bucket, moto_server, options, s3_blobs

__all__ = ["bucket", "moto_server", "s3_blobs"]

KEY = "t/shop/documents/0192f3c4-0000-7000-8000-000000000001"


@pytest.fixture(params=["fake", "files", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    if request.param == "s3":
        stored: S3Blobs = request.getfixturevalue("s3_blobs")
        return stored
    return FakeBlobs() if request.param == "fake" else FileBlobs(tmp_path / "data" / "files")


async def in_pieces(data: bytes, *, fails: bool = False) -> AsyncIterator[bytes]:
    for start in range(0, len(data), 70_000):
        yield data[start : start + 70_000]
    if fails:
        raise Invalid("the upload was broken off")


async def test_what_was_put_is_got_back(blobs: Blobs) -> None:
    data = bytes(range(256)) * 1_000
    await blobs.put(KEY, data)
    await blobs.put(f"{KEY}-empty", b"")
    assert await blobs.get(KEY) == data
    assert await blobs.get(f"{KEY}-empty") == b""
    await blobs.put(KEY, b"newer")
    assert await blobs.get(KEY) == b"newer"


async def test_blobs_are_stored_and_read_in_pieces(blobs: Blobs) -> None:
    data = bytes(range(256)) * 5_000
    await blobs.put(KEY, in_pieces(data), content_type="text/plain", labels={"organization-id": "o"})
    assert b"".join([piece async for piece in blobs.read(KEY)]) == data
    await blobs.put(KEY, in_pieces(b""))
    assert await blobs.get(KEY) == b""
    with pytest.raises(NotFound):
        _ = [piece async for piece in blobs.read(f"{KEY}-other")]


async def test_a_stream_that_breaks_off_leaves_what_was_there(blobs: Blobs) -> None:
    for before in (None, b"old"):
        if before is not None:
            await blobs.put(KEY, before)
        with pytest.raises(Invalid, match="broken off"):
            await blobs.put(KEY, in_pieces(b"x" * 200_000, fails=True))
        if before is None:
            with pytest.raises(NotFound):
                await blobs.get(KEY)
        else:
            assert await blobs.get(KEY) == before


async def test_what_is_not_there_is_not_found(blobs: Blobs) -> None:
    for key in (KEY, "t/shop", "t/shop/documents"):
        with pytest.raises(NotFound):
            await blobs.get(key)
    await blobs.put(KEY, b"x")
    for key in ("t/shop/documents", f"{KEY}/below", "t/branch/documents/1"):
        with pytest.raises(NotFound):
            await blobs.get(key)


async def test_what_was_deleted_is_gone_and_may_be_deleted_again(blobs: Blobs) -> None:
    await blobs.put(KEY, b"x")
    await blobs.delete(KEY)
    await blobs.delete(KEY)
    await blobs.delete("t/never/was")
    with pytest.raises(NotFound):
        await blobs.get(KEY)


async def test_a_blob_that_is_replaced_is_never_seen_in_part(blobs: Blobs) -> None:
    versions = {bytes([n]) * 200_000 for n in range(8)}
    await blobs.put(KEY, next(iter(versions)))
    seen: set[bytes] = set()

    async def read() -> None:
        seen.update([await blobs.get(KEY) for _ in range(20)])

    await asyncio.gather(*(blobs.put(KEY, data) for data in versions), read(), read())
    assert seen <= versions


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/etc/passwd",
        "../x",
        "t/../../x",
        "t/./x",
        "t//x",
        "t/x/",
        ".hidden",
        "t/.writing-x",
        "t\\x",
        "t/x\0",
        "t/á",
        "t/x\n",
        "t/" + "x" * 300,
        "x/" * 600 + "x",
    ],
)
async def test_keys_cannot_lead_elsewhere(tmp_path: Path, key: str) -> None:
    nowhere = S3Blobs(options("http://127.0.0.1:1", "never-asked"))
    for action in (nowhere.put(key, b"x"), nowhere.get(key), nowhere.delete(key), nowhere.delete_folder(key)):
        with pytest.raises(Invalid):
            await action
    blobs = FileBlobs(tmp_path / "inside" / "files")
    for action in (blobs.put(key, b"x"), blobs.get(key), blobs.delete(key)):
        with pytest.raises(Invalid):
            await action
    assert list(tmp_path.iterdir()) == []


async def test_files_are_private_and_leave_nothing_behind(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path / "files")
    await blobs.put(KEY, b"x")
    made = list(tmp_path.rglob("*"))
    assert [path.name for path in made if path.is_file()] == [KEY.rsplit("/", 1)[1]]
    for path in made:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o600 if path.is_file() else 0o700), path


async def test_a_write_that_fails_leaves_the_old_blob_and_no_rest(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path / "files")
    await blobs.put(KEY, b"old")
    with pytest.raises(TypeError):
        await blobs.put(KEY, "not bytes")  # type: ignore[arg-type]
    assert await blobs.get(KEY) == b"old"
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


async def test_blobs_outlive_the_adapter(tmp_path: Path) -> None:
    await FileBlobs(tmp_path / "files").put(KEY, b"x")
    assert await FileBlobs(tmp_path / "files").get(KEY) == b"x"


async def test_a_folder_is_deleted_with_all_that_is_in_it_and_nothing_beside(blobs: Blobs) -> None:
    kept = ("t/shop-two/documents/1", "t/shop", "t/branch/documents/1")
    gone = ("t/shop-one/documents/1", "t/shop-one/documents/2", "t/shop-one/pictures/deep/1")
    for key in (*kept, *gone):
        await blobs.put(key, b"x")
    await blobs.delete_folder("t/shop-one")
    await blobs.delete_folder("t/shop-one")
    await blobs.delete_folder("t/shop")
    for key in gone:
        with pytest.raises(NotFound):
            await blobs.get(key)
    for key in kept:
        assert await blobs.get(key) == b"x"


async def test_a_folder_outside_is_never_deleted(tmp_path: Path) -> None:
    beside = tmp_path / "beside"
    beside.mkdir()
    for folder in ("..", "../beside", "t/../../beside", "", "/"):
        with pytest.raises(Invalid):
            await FileBlobs(tmp_path / "files").delete_folder(folder)
    assert beside.is_dir()
