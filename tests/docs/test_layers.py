"""The contracts of the layers, each seen to break: a copy of the source with one forbidden import must fail that contract."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CIRCLES = "no two neighbours import each other"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("layers")
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    code = "import sys; sys.path.insert(0, 'src'); from importlinter.cli import lint_imports_command as lint; lint()"
    command = [sys.executable, "-c", code, "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("inbound/http/wire/structs.py", "import atende.outbound.files", "main > inbound | outbound | fakes > core"),
        ("outbound/files.py", "import atende.main.settings", "main > inbound | outbound | fakes > core"),
        ("newcomer.py", "", "main > inbound | outbound | fakes > core"),
        ("core/credits/price.py", "import atende.core.knowledge.chunking", "the rooms of the core, in their order"),
        ("core/newcomer.py", "", "the rooms of the core, in their order"),
        ("core/kernel.py", "import msgspec", "the core imports the standard library only"),
        ("core/work/model.py", "import atende.core.work.ports", "a model never knows its ports"),
        ("main/settings/values.py", "import atende.main.providers.container", CIRCLES),
        ("outbound/keyset.py", "import atende.outbound.postgres.pages", CIRCLES),
    ],
)
def test_a_forbidden_import_breaks_its_contract(copy: Path, file: str, line: str, contract: str) -> None:
    target = copy / "src" / "atende" / file
    before = target.read_text(encoding="utf-8") if target.exists() else None
    target.write_text(f"{before or ''}\n{line}\n", encoding="utf-8")
    try:
        done = lint(copy)
    finally:
        target.unlink() if before is None else target.write_text(before, encoding="utf-8")
    broken = {one.removesuffix(" BROKEN") for one in done.stdout.splitlines() if one.endswith(" BROKEN")}
    assert done.returncode != 0, done.stdout
    assert contract in broken, done.stdout
    assert broken <= {contract, CIRCLES}, "an import against the layers may close a circle too, and breaks nothing else"


def test_without_one_nothing_breaks(copy: Path) -> None:
    assert lint(copy).returncode == 0
