"""Looking for viruses with clamd: what it finds, and every way in which it may not answer."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from atende.core.kernel import Unavailable
from atende.core.knowledge.document import UnreadableDocument
from atende.fakes.clamd import EICAR, FakeClamd
from atende.outbound.clamd import ClamdScan, NotScanned

TEST_FILE = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"-".join([b"EICAR", b"STANDARD", b"ANTIVIRUS", b"TEST", b"FILE!$H+H*"])
"""The file that every scanner knows, put together here so that none takes this one for it."""


@pytest.fixture
async def clamd() -> AsyncIterator[FakeClamd]:
    async with FakeClamd(largest=300_000) as served:
        yield served


async def test_a_file_is_looked_through_whole(clamd: FakeClamd) -> None:
    scan, data = ClamdScan(clamd.url), bytes(range(256)) * 1_000
    assert await scan.find(data) is None
    assert await scan.find(b"") is None
    assert clamd.scanned == [data, b""]


async def test_a_virus_is_named(clamd: FakeClamd) -> None:
    assert await ClamdScan(clamd.url).find(b"text " * 20_000 + TEST_FILE) == EICAR


async def test_a_file_that_is_too_large_for_it_is_no_file_without_viruses(clamd: FakeClamd) -> None:
    with pytest.raises(UnreadableDocument, match="StreamMaxLength"):
        await ClamdScan(clamd.url).find(b"x" * 1_000_000)


async def test_a_scanner_that_does_not_answer_finds_nothing_out(clamd: FakeClamd) -> None:
    clamd.silent = True
    with pytest.raises(Unavailable):
        await ClamdScan(clamd.url, timeout=0.2).find(b"text")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(Unavailable):
            await ClamdScan(f"tcp://127.0.0.1:{taken.getsockname()[1]}").find(b"text")
    with pytest.raises(Unavailable):
        await ClamdScan("unix:///nowhere/clamd.ctl").find(b"text")


@pytest.mark.parametrize("said", [b"", b"stream: something ERROR\0", b"UNKNOWN COMMAND\0"])
async def test_an_answer_that_is_neither_yes_nor_no_is_no_answer(said: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\0")
        writer.write(said)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        with pytest.raises(Unavailable):
            await ClamdScan(f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}").find(b"text")
    finally:
        server.close()


async def test_it_says_its_version(clamd: FakeClamd) -> None:
    assert (await ClamdScan(clamd.url).version()).startswith("ClamAV")


async def test_without_a_scanner_everything_passes() -> None:
    assert await NotScanned().find(TEST_FILE) is None
