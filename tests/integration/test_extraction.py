"""Files of strangers are read in a process that may be lost: whatever they hold, they end as text or with a reason."""

import asyncio
import contextlib
import io
import json
import os
import re
import resource
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from atende.core.knowledge.model import Extracted, UnreadableDocument
from atende.outbound.extraction import Limits, SubprocessTextExtractor

MEBI = 1024 * 1024


def pdf(*pages: str, password: str | None = None, title: str = "") -> bytes:
    target = io.BytesIO()
    canvas = Canvas(target, encrypt=StandardEncryption(password) if password else None)
    canvas.setTitle(title)
    for page in pages:
        for n, line in enumerate(page.split("\n")):
            canvas.drawString(50, 780 - 15 * n, line)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def raw_pdf(stream: bytes, *, filters: str = "/FlateDecode", length: int | None = None, count: int = 1) -> bytes:
    """A PDF by hand, one page whose content is `stream` as it is given."""
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [3 0 R] /Count {count} >>".encode(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(stream) if length is None else length} /Filter [{filters}] >>\nstream\n".encode()
        + stream
        + b"\nendstream",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, offsets = b"%PDF-1.7\n", []
    for number, part in enumerate(parts, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n".encode() + part + b"\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    trailer = f"xref\n0 6\n0000000000 65535 f \n{table}trailer << /Size 6 /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF"
    return body + trailer.encode()


def bomb(layers: int, size: int) -> bytes:
    """Nested Flate: a few kilobytes that unfold to `size` bytes of drawing."""
    data = b"BT /F1 12 Tf (x) Tj ET\n" * (size // 23)
    for _ in range(layers):
        data = zlib.compress(data, 9)
    return raw_pdf(data, filters="/FlateDecode " * layers)


GOOD = pdf("O prazo de troca é de 30 dias.", "A garantia é de 90 dias.", title="Manual")
HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "empty": ("pdf", lambda: b""),
    "blank text": ("txt", lambda: b" \n\t\r\n"),
    "only a mark": ("pdf", lambda: b"%PDF-1.7\n"),
    "cut in half": ("pdf", lambda: GOOD[: len(GOOD) // 2]),
    "without its table": ("pdf", lambda: GOOD[: GOOD.rindex(b"xref")]),
    "bytes turned round": ("pdf", lambda: b"%PDF-1.7\n" + GOOD[:20:-1]),
    "encrypted": ("pdf", lambda: pdf("segredo", password="dono")),
    "scanned": ("pdf", lambda: pdf("", "")),
    "flate bomb": ("pdf", lambda: bomb(2, 100 * MEBI)),
    "flate bomb of five layers": ("pdf", lambda: bomb(5, 50 * MEBI)),
    "claims a gigabyte": ("pdf", lambda: raw_pdf(zlib.compress(b"BT ET"), length=2**30)),
    "claims a billion pages": ("pdf", lambda: raw_pdf(zlib.compress(b"BT ET"), count=10**9)),
    "pages that hold each other": ("pdf", lambda: GOOD.replace(b"/Parent", b"/Kids [2 0 R] /Parent")),
    "deep arrays": ("pdf", lambda: GOOD.replace(b"trailer\n<<", b"trailer\n<< /X " + b"[" * 200_000 + b"]" * 200_000)),
    "too many pages": ("pdf", lambda: pdf(*["x"] * 2_001)),
    "noise after the mark": ("pdf", lambda: b"%PDF-1.7\n" + noise(200_000)),
    "noise as text": ("txt", lambda: noise(100_000)),
    "a picture as text": ("txt", lambda: b"\x89PNG\r\n\x1a\n" + noise(1_000)),
    "an archive as pdf": ("pdf", lambda: b"PK\x03\x04" + noise(1_000)),
    "a pdf as text": ("txt", lambda: GOOD),
    "a pdf as markdown": ("md", lambda: GOOD),
    "a program as markdown": ("md", lambda: b"\x7fELF" + noise(1_000)),
    "half a letter": ("txt", lambda: "prazo de devoluçã".encode()[:-1] + b"\x81\x8d"),
    "nested quotes": ("md", lambda: b">" * 100_000 + b" fundo"),
    "nested lists": ("md", lambda: b"".join(b" " * n + b"- a\n" for n in range(2_000))),
    "nested brackets": ("md", lambda: b"[" * 100_000 + b"texto" + b"](x)" * 100_000),
    "nested stars": ("md", lambda: b"*a **b " * 50_000),
    "one endless line": ("txt", lambda: b"palavra " * 600_000),
    "an endless table": ("md", lambda: b"|a" * 20_000 + b"\n" + b"|-" * 20_000 + b"\n" + b"|b" * 20_000),
}


def noise(size: int) -> bytes:
    seed, found = b"\x07", bytearray()
    while len(found) < size:
        seed = zlib.crc32(seed).to_bytes(4, "big") + seed[:60]
        found += seed
    return bytes(found[:size])


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
        ("scanned", "looks scanned"),
        ("too many pages", "2001 pages; at most 2000"),
        ("noise as text", "not text that can be read"),
        ("a picture as text", "is an image"),
        ("an archive as pdf", "promises a PDF, but the file is a ZIP archive"),
        ("a pdf as text", "is a PDF"),
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


CHILDREN = {
    "shows its environment": "import os, json, sys\njson.dump({'pages': [repr(sorted(os.environ))], 'metadata': {}}, sys.stdout)",
    "never ends": "while True: pass",
    "sleeps": "import time\ntime.sleep(600)",
    "crashes": "import ctypes\nctypes.string_at(0)",
    "says nonsense": "print('{')",
    "says too much": "import sys\nwhile True: sys.stdout.write('x' * 65536)",
    "leaves a child": 'import os, time, sys\nif os.fork() == 0:\n  time.sleep(600)\nprint(\'{"pages": ["%d"]}\' % os.getpgid(0))',
    "does not listen": 'import sys\nsys.stdin.close()\nprint(\'{"refused": "Não quero."}\')',
    "sends back a null": 'print(\'{"pages": ["a\\\\u0000b"]}\')',
}


class TestAChildThatWasTakenOver:
    """What the parent bears, with a child that does the worst it could."""

    def extractor(self, tmp_path: Path, name: str, **limits: float) -> SubprocessTextExtractor:
        child = tmp_path / "child.py"
        child.write_text(CHILDREN[name], encoding="utf-8")
        return SubprocessTextExtractor(limits=Limits(**{"wall_seconds": 20.0, **limits}), child=child)  # type: ignore[arg-type]

    async def test_it_sees_no_secret(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATABASE_URL", "postgres://app:segredo@localhost/atende")
        found = await self.extractor(tmp_path, "shows its environment").extract(b"x", file_type="txt")
        assert found.pages == ("['LC_CTYPE']",)

    @pytest.mark.parametrize(
        ("name", "reason", "wall"),
        [
            ("never ends", "took too long", 0.5),
            ("sleeps", "took too long", 0.5),
            ("crashes", "cannot be read", 20.0),
            ("says nonsense", "cannot be read", 20.0),
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
        with pytest.raises(UnreadableDocument, match="too long"):
            await self.extractor(tmp_path, "leaves a child", wall_seconds=1.0).extract(b"x", file_type="txt")
        await _until(lambda: not _working_in(tmp_path))

    async def test_a_caller_who_gives_up_leaves_nothing_behind(self, tmp_path: Path) -> None:
        reading = asyncio.create_task(self.extractor(tmp_path, "sleeps").extract(b"x", file_type="txt"))
        await _until(lambda: bool(_working_in(tmp_path)))
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await _until(lambda: not _working_in(tmp_path))


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
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


SOURCE = Path(__file__).parents[2] / "src" / "atende" / "outbound" / "extract_child.py"
CONFINED = f"""
import json, os, resource, socket, sys
scope = {{'__name__': 'child', '__file__': {str(SOURCE)!r}}}
exec(open(scope['__file__']).read(), scope)
scope['limit'](memory_bytes=int(sys.argv[2]), cpu_seconds=int(sys.argv[3]))
scope['leave_the_system']()
def tried(what):
    try: return what() and 'done'
    except (OSError, MemoryError) as error: return type(error).__name__
limits = [resource.getrlimit(k)[1] for k in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE)]
seen = {{
    'memory': tried(lambda: bytearray(10**9)),
    'secrets': tried(lambda: open('/proc/%d/environ' % os.getppid(), 'rb').read()),
    'write': tried(lambda: open('/tmp/extracted', 'w').write('x')),
    'root': os.geteuid() == 0,
}}
json.dump({{'pages': [json.dumps([limits, seen])]}}, sys.stdout)
"""


async def test_what_the_child_cannot_do(tmp_path: Path) -> None:
    child = tmp_path / "child.py"
    child.write_text(CONFINED, encoding="utf-8")
    found = await SubprocessTextExtractor(child=child).extract(b"x", file_type="txt")
    limits, seen = json.loads(found.pages[0])
    assert limits == [512 * MEBI, 30, 0]
    assert seen["memory"] == "MemoryError"
    assert seen["secrets"] in {"FileNotFoundError", "PermissionError"} or os.geteuid() != 0
    assert seen["write"] != "done" or not Path("/tmp/extracted").read_bytes()
    assert not seen["root"]


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
