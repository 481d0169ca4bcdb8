"""The README's promise, as a newcomer meets it: the demo out of a built wheel, installed elsewhere, with an empty HOME."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package as its wheel installs it; its dependencies are those of this environment."""
    folder = tmp_path_factory.mktemp("installed")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")]
    subprocess.run(build, cwd=CHECKOUT, check=True, capture_output=True, timeout=300)
    (wheel,) = (folder / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as package:
        package.extractall(folder / "site")
    return folder


def run(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "SYSTEMROOT"}}
    home = folder / "home"
    home.mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, "-m", "atende", *arguments],
        cwd=folder,
        env=clean | {"HOME": str(home), "PYTHONPATH": str(folder / "site")} | environ,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture(scope="module")
def told(installed: Path) -> list[dict[str, Any]]:
    done = run(installed, "demo", "--json")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def of(told: list[dict[str, Any]], event: str) -> list[dict[str, Any]]:
    return [one for one in told if one["event"] == event]


def test_the_wheel_is_what_runs(installed: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import atende; print(atende.__file__)"],
        cwd=installed,
        env={"PYTHONPATH": str(installed / "site"), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(str(installed))


def test_every_document_of_the_shop_is_read(told: list[dict[str, Any]]) -> None:
    documents = of(told, "documents")[0]["documents"]
    assert [one["status"] for one in documents] == ["processed"] * 4
    assert {one["fileType"] for one in documents} == {"md", "txt", "pdf"}


def test_a_burst_of_three_gets_one_answer_with_a_checked_citation(told: list[dict[str, Any]]) -> None:
    told = [one for one in told if one["event"] in {"message", "proof"}]
    assert [(one["event"], one.get("by")) for one in told[:5]] == [
        ("message", "customer"),
        ("message", "customer"),
        ("message", "customer"),
        ("message", "agent"),
        ("proof", None),
    ]
    proof = told[4]["proof"]
    assert proof["outcome"] == "answered"
    assert proof["citations"]
    quotes = [citation["quote"] for citation in proof["citations"]]
    shop = "".join(file.read_text(encoding="utf-8") for file in (CHECKOUT / "docs" / "demo").glob("*.[mt]*"))
    assert all(" ".join(quote.split())[:30] in " ".join(shop.replace("*", "").split()) for quote in quotes)


def test_credits_are_held_captured_and_add_up(told: list[dict[str, Any]]) -> None:
    proofs = of(told, "proof")
    captured = sum(one["proof"]["credits"]["captured"] for one in proofs)
    assert captured > 0
    assert float(proofs[-1]["balance"]) == 50 - captured
    assert all(one["proof"]["credits"]["held"] >= one["proof"]["credits"]["captured"] for one in proofs)


def test_what_is_not_in_the_documents_is_not_claimed(told: list[dict[str, Any]]) -> None:
    unknown = [one for one in of(told, "proof") if one["proof"]["outcome"] == "unknown"]
    assert unknown
    assert all(not one["proof"]["citations"] and one["proof"]["credits"]["captured"] == 0 for one in unknown)


def test_the_farewell_closes_and_the_wish_for_a_person_is_heard(told: list[dict[str, Any]]) -> None:
    first, second = (one["conversation"] for one in of(told, "conversation"))
    assert (first["status"], first["closeReason"]) == ("closed", "closure_detected")
    assert first["closure"]["factors"]
    assert (second["status"], second["attendance"]) == ("active", "waiting_human")


def test_it_stays_small(told: list[dict[str, Any]]) -> None:
    memory = of(told, "end")[0]["memoryMb"]
    assert memory is None or memory < 512


def test_it_answers_from_the_documents_of_the_user(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "clinic.md").write_text(
        "# Clinic\n\n## Opening hours\n\nThe clinic is open from Monday to Friday, 8 am to 5 pm.\n\n"
        "## Parking\n\nParking is free for patients for up to two hours.\n",
        encoding="utf-8",
    )
    done = run(installed, "demo", "--json", "--docs", str(tmp_path))
    assert done.returncode == 0, done.stderr
    proofs = of([json.loads(line) for line in done.stdout.splitlines()], "proof")
    assert proofs[0]["proof"]["outcome"] == "answered"
    assert proofs[0]["proof"]["citations"][0]["documentName"] == "clinic.md"


def test_a_folder_without_readable_documents_is_said_in_one_line(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text(" ", encoding="utf-8")
    done = run(installed, "demo", "--docs", str(tmp_path))
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "--docs" in done.stderr


def test_a_wrong_setting_stops_the_start_with_one_line(installed: Path) -> None:
    done = run(installed, "serve", PORT="eighty")
    assert (done.returncode, done.stderr.strip().splitlines()) == (2, ["atende: PORT is 'eighty'; it must be a number"])
