"""What the documents say is true."""

import re
from pathlib import Path

import pytest

from atende.main.providers.configuration import GROUPS, read_settings
from atende.main.settings import setting_names
from atende.outbound.postgres.embedded.roles import roles_sql

ROOT = Path(__file__).parents[2]
PAGES = sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_setting_is_listed_with_its_default() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    listed = dict(line.split("#")[0].strip().split("=", 1) for line in lines if "=" in line.split("#")[0])
    assert set(listed) == setting_names(GROUPS)
    assert read_settings({name: value for name, value in listed.items() if value}) == read_settings({})


def test_the_roles_script_is_the_programs_own() -> None:
    assert (ROOT / "deploy" / "roles.sql").read_text(encoding="utf-8").strip() == roles_sql().strip()


def test_sessions_named_in_the_readme_exist() -> None:
    named = re.search(r"all sessions: `([a-z ]+)`", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert named is not None
    noxfile = (ROOT / "noxfile.py").read_text(encoding="utf-8")
    assert all(f"\ndef {session}(session" in noxfile for session in named.group(1).split())


def test_no_registry_and_no_path_of_one_machine_is_written_down() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        assert "://" not in lock.read_text(encoding="utf-8")
