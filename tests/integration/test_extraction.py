"""Files of strangers are read in a process that may be lost: whatever they hold, they end as text or with a reason."""

import asyncio
import contextlib
import json
import os
import re
import resource
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from atende.core.knowledge.document import UnreadableDocument
from atende.core.knowledge.extracted import Extracted
from atende.outbound.extraction.extractor import SubprocessTextExtractor
from atende.outbound.extraction.talk import Limits
from tests.integration.hostile_files import GOOD, HOSTILE, MEBI, pdf


@pytest.fixture
def extractor() -> SubprocessTextExtractor:
    return SubprocessTextExtractor()


async def outcome(extractor: SubprocessTextExtractor, data: bytes, file_type: str) -> Extracted | str:
    try:
        return await extractor.extract(data, file_type=file_type)
    except UnreadableDocument as refused:
        return refused.detail


@pytest.mark.parametrize("name", list(HOSTILE))
async def test_a_hostile_file_ends_as_text_or_with_a_reason(name: str, extractor: SubprocessTextExtractor) -> None:
    file_type, make = HOSTILE[name]
    data, before = make(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = await outcome(extractor, data, file_type)
    if isinstance(found, str):
        assert re.fullmatch(r"[A-Z][^\n]{10,200}[.]", found)
        assert "Error" not in found
    else:
        assert any(found.pages)
        assert "\x00" not in "".join(found.pages)
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) < 300 * 1024


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("empty", "empty"),
        ("blank text", "empty"),
        ("cut in half", "damaged"),
        ("encrypted", "password-protected"),
        ("scanned", "contains no text"),
        ("too many pages", "2001 pages; at most 2000"),
        ("noise as text", "not readable text"),
        ("a picture as text", "image is damaged"),
        ("an archive as pdf", "is a ZIP archive"),
        ("a zip bomb as docx", "unfolds to far more"),
        ("a docx that claims 10 gigabytes", "unfolds to far more"),
        ("a docx with entities", "document type"),
        ("an encrypted docx", "password-protected Office"),
        ("a sheet of a million rows", "more than 400000 cells"),
        ("a flood of pixels", "at most 50 million"),
    ],
)
async def test_the_reason_is_one_that_a_person_understands(
    name: str, reason: str, extractor: SubprocessTextExtractor
) -> None:
    file_type, make = HOSTILE[name]
    with pytest.raises(UnreadableDocument, match=re.escape(reason)):
        await extractor.extract(make(), file_type=file_type)


class TestReading:
    async def test_a_pdf_page_by_page_with_what_it_says_of_itself(self, extractor: SubprocessTextExtractor) -> None:
        found = await extractor.extract(GOOD, file_type="pdf")
        assert found.pages == ("O prazo de troca é de 30 dias.", "A garantia é de 90 dias.")
        assert found.has_pages
        assert (found.metadata["title"], found.metadata["pages"]) == ("Manual", 2)
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", found.metadata["created_date"])

    async def test_markdown_without_its_marks(self, extractor: SubprocessTextExtractor) -> None:
        found = await extractor.extract("# Trocas\n\n- até **30** dias\n".encode(), file_type="md")
        assert found == Extracted(("Trocas\n\n- até 30 dias",), has_pages=False, metadata={"title": "Trocas"})

    async def test_text_of_an_old_windows(self, extractor: SubprocessTextExtractor) -> None:
        found = await extractor.extract("Devolução: 7 dias\r\n".encode("cp1252"), file_type="txt")
        assert found == Extracted(("Devolução: 7 dias",), has_pages=False)

    async def test_a_page_without_text_keeps_the_numbers_of_the_others(
        self, extractor: SubprocessTextExtractor
    ) -> None:
        assert (await extractor.extract(pdf("um", "", "três"), file_type="pdf")).pages == ("um", "", "três")


SAY = """
import struct, sys, json
def say(answer, kind=b"A"):
    data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    sys.stdout.buffer.write(struct.pack(">cI", kind, len(data)) + data)
    sys.stdout.buffer.flush()
"""
CHILDREN = {
    "shows its environment": "import os\nsay({'pages': [repr(sorted(os.environ))]})",
    "never ends": "while True: pass",
    "sleeps": "import time\ntime.sleep(600)",
    "crashes": "import ctypes\nctypes.string_at(0)",
    "says nonsense": "say(b'{')",
    "says too much": "sys.stdout.buffer.write(struct.pack('>cI', b'A', 2**31))\nwhile True: sys.stdout.write('x' * 65536)",
    "says half of it": "sys.stdout.buffer.write(struct.pack('>cI', b'A', 100) + b'x')",
    "speaks another language": "say({}, kind=b'?')",
    "shows a picture of another size": "say(struct.pack('>IIIf', 1, 9, 9, 1.0) + b'x', kind=b'P')",
    "leaves a child": 'import os, time\nif os.fork() == 0:\n  time.sleep(600)\nsay({"pages": [str(os.getpgid(0))]})',
    "leaves a silent child": (
        'import os, time\nif os.fork() == 0:\n  os.close(1)\n  time.sleep(600)\nsay({"pages": ["ok"]})\nos._exit(0)'
    ),
    "does not listen": 'sys.stdin.close()\nsay({"refused": "Não quero."})',
    "sends back a null": 'say({"pages": ["a\\0b"]})',
}


class TestAChildThatWasTakenOver:
    """What the parent bears, with a child that does the worst it could."""

    def extractor(self, tmp_path: Path, name: str, **limits: float) -> SubprocessTextExtractor:
        child = tmp_path / "child.py"
        child.write_text(SAY + CHILDREN[name], encoding="utf-8")
        return SubprocessTextExtractor(limits=Limits(**{"wall_seconds": 20.0, **limits}), child=child)  # type: ignore[arg-type]

    async def test_it_sees_no_secret(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATABASE_URL", "postgres://app:segredo@localhost/atende")
        found = await self.extractor(tmp_path, "shows its environment").extract(b"x", file_type="txt")
        assert found.pages in {("['LC_CTYPE']",), ("[]",)}  # Python's own, where the system knows a UTF-8 for it

    @pytest.mark.parametrize(
        ("name", "reason", "wall"),
        [
            ("never ends", "took too long", 0.5),
            ("sleeps", "took too long", 0.5),
            ("crashes", "cannot be read", 20.0),
            ("says nonsense", "cannot be read", 20.0),
            ("says half of it", "cannot be read", 20.0),
            ("speaks another language", "cannot be read", 20.0),
            ("shows a picture of another size", "cannot be read", 20.0),
            ("says too much", "too much text", 20.0),
            ("does not listen", "Não quero", 20.0),
            ("sends back a null", "cannot be read", 20.0),
        ],
    )
    async def test_it_costs_one_file(self, tmp_path: Path, name: str, reason: str, wall: float) -> None:
        extractor = self.extractor(tmp_path, name, wall_seconds=wall, output_bytes=MEBI)
        with pytest.raises(UnreadableDocument, match=reason):
            await extractor.extract(b"x" * MEBI, file_type="txt")

    async def test_nothing_that_it_started_is_left(self, tmp_path: Path) -> None:
        assert (await self.extractor(tmp_path, "leaves a child").extract(b"x", file_type="txt")).pages
        await _until(lambda: not _working_in(tmp_path))

    async def test_nor_what_hid_from_it(self, tmp_path: Path) -> None:
        found = await self.extractor(tmp_path, "leaves a silent child").extract(b"x", file_type="txt")
        assert found.pages == ("ok",)
        await _until(lambda: not _working_in(tmp_path))

    async def test_a_caller_who_gives_up_leaves_nothing_behind(self, tmp_path: Path) -> None:
        reading = asyncio.create_task(self.extractor(tmp_path, "sleeps").extract(b"x", file_type="txt"))
        await _until(lambda: bool(_working_in(tmp_path)))
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await _until(lambda: not _working_in(tmp_path))


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)


def _working_in(folder: Path) -> list[str]:
    """Processes whose command line names the folder; a dead one has no command line any more."""
    found = []
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if process.name.isdecimal() and os.fsencode(folder) in (process / "cmdline").read_bytes():
                found.append(process.name)
    return found


SOURCE = Path(__file__).parents[2] / "src" / "atende" / "outbound" / "extraction" / "confinement.py"
CONFINED = (
    SAY
    + f"""
import json, os, resource, socket, sys
scope = {{'__name__': 'confinement'}}
exec(open({str(SOURCE)!r}).read(), scope)
scope['limit'](memory_bytes=int(sys.argv[3]), cpu_seconds=int(sys.argv[4]))
scope['leave_the_system']()
def tried(what):
    try: return what() and 'done'
    except (OSError, MemoryError) as error: return type(error).__name__
limits = [resource.getrlimit(k)[1] for k in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE)]
seen = {{
    'memory': tried(lambda: bytearray(10**9)),
    'secrets': tried(lambda: open('/proc/%d/environ' % os.getppid(), 'rb').read()),
    'write': tried(lambda: open('/tmp/extracted', 'w').write('x')),
    'files': tried(lambda: open('/etc/passwd').read()),
    'names': tried(lambda: os.stat('/etc/passwd')),
    'network': tried(lambda: socket.socket()),
    'root': os.geteuid() == 0,
}}
say({{'pages': [json.dumps([limits, seen])]}})
"""
)


def _namespaces_are_allowed() -> bool:
    try:
        return subprocess.run(["unshare", "--user", "--mount", "true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


async def test_what_the_child_cannot_do(tmp_path: Path) -> None:
    child = tmp_path / "child.py"
    child.write_text(CONFINED, encoding="utf-8")
    found = await SubprocessTextExtractor(child=child).extract(b"x", file_type="txt")
    limits, seen = json.loads(found.pages[0])
    assert limits == [512 * MEBI, 30, 0]
    assert seen["memory"] == "MemoryError"
    assert seen["secrets"] != "done"
    assert seen["files"] == "OSError"
    assert seen["names"] == ("FileNotFoundError" if _namespaces_are_allowed() else "done")
    assert seen["write"] != "done"
    assert seen["network"] == "OSError"
    assert not seen["root"]


async def test_a_loop_that_is_closed_meanwhile_is_not_held_up(tmp_path: Path) -> None:
    child = tmp_path / "child.py"
    child.write_text(SAY + "sys.stdin.buffer.read(9)\nsay(b'{')", encoding="utf-8")

    async def five() -> None:
        extractor = SubprocessTextExtractor(child=child)
        await asyncio.gather(*(extractor.extract(b"x", file_type="txt") for _ in range(5)))

    def run() -> None:
        with pytest.raises(UnreadableDocument):
            asyncio.run(five())

    async with asyncio.timeout(60):
        await asyncio.to_thread(run)


async def test_two_are_read_at_a_time_and_the_others_wait(extractor: SubprocessTextExtractor) -> None:
    found = await asyncio.gather(*(extractor.extract(GOOD, file_type="pdf") for _ in range(6)))
    assert {extracted.pages for extracted in found} == {found[0].pages}


@pytest.mark.guarantee(55)
async def test_g55_a_bad_file_among_good_ones_costs_no_other(extractor: SubprocessTextExtractor) -> None:
    files = [
        ("pdf", GOOD),
        *((kind, make()) for kind, make in (HOSTILE["cut in half"], HOSTILE["encrypted"])),
        ("pdf", GOOD),
    ]
    found = await asyncio.gather(
        *(extractor.extract(data, file_type=kind) for kind, data in files), return_exceptions=True
    )
    assert [isinstance(one, UnreadableDocument) for one in found] == [False, True, True, False]
