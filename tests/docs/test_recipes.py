"""The lists of `docs/architecture.md`: every file that they name is there, and a vendor is known to nobody but its own files."""

import ast
import re
from pathlib import Path

import pytest

from atende.main.providers.channels import CHANNELS

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "atende"
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
VENDORS = [vendor.name for vendor in CHANNELS]


def named_files() -> list[str]:
    """What the page names as a file or a folder, but for places that every newcomer fills in."""
    named = re.findall(r"`([\w./<>-]+(?:\.py|\.sql|/))`", PAGE)
    return sorted({name for name in named if "/" in name and "<" not in name})


def test_the_page_names_files() -> None:
    assert len(named_files()) > 10


@pytest.mark.parametrize("name", named_files())
def test_every_file_that_is_named_is_there(name: str) -> None:
    assert (ROOT / name).exists() or (SOURCE / name).exists()


def files_of(vendor: str) -> set[Path]:
    http = SOURCE / "inbound" / "http" / "webhooks" / vendor
    return {
        SOURCE / "main" / "providers" / "channels" / f"{vendor}.py",
        SOURCE / "outbound" / f"{vendor}.py",
        SOURCE / "fakes" / f"{vendor}.py",
        *http.glob("*.py"),
    }


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_vendor_stands_where_the_recipe_says(vendor: str) -> None:
    assert {path for path in files_of(vendor) if not path.exists()} == set()
    assert (SOURCE / "inbound" / "http" / "webhooks" / vendor / "webhook.py") in files_of(vendor)


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_vendor_is_imported_by_its_own_files_and_the_tuple_only(vendor: str) -> None:
    own = files_of(vendor) | {path for edge in ("fakes", "outbound") for path in (SOURCE / edge).glob(f"{vendor}_*.py")}
    importers = {path for path in SOURCE.rglob("*.py") if path not in own and _imports(path, vendor)}
    assert importers == {SOURCE / "main" / "providers" / "channels" / "__init__.py"}


def _imports(path: Path, vendor: str) -> bool:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return any(module.startswith("atende.") and vendor in module.split(".") for module in modules)
