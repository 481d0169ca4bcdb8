"""The command `atende` as a user runs it: in a process of its own, with an environment of its own."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import atende

SECONDS = 180


@dataclass(frozen=True, slots=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)

    @property
    def refusal(self) -> str:
        """The one line with which an expected failure ends; progress may stand before it."""
        lines = self.err.splitlines()
        assert self.code == 2, self.err
        assert [line for line in lines if line.startswith("atende: ")] == lines[-1:], self.err
        return lines[-1].removeprefix("atende: ")


def environment(**settings: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, "HOME": "/nonexistent", "PYTHONPATH": str(Path(atende.__file__).parents[1]), **settings}


def run(*arguments: str | Path, **settings: str) -> Ran:
    """`atende ARGUMENTS` with these environment variables and hardly any others."""
    done = subprocess.run(
        [sys.executable, "-m", "atende", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env=environment(**settings),
        cwd="/",
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def open_to_all(folder: Path) -> Path:
    """The folder, so that an unprivileged PostgreSQL may pass: pytest makes its folders for their owner alone."""
    outside = Path(tempfile.gettempdir()).resolve()
    for passed in (folder, *folder.parents):
        if passed == outside or outside not in passed.parents:
            break
        passed.chmod(passed.stat().st_mode | 0o011)
    return folder


@contextmanager
def running(*arguments: str | Path, **settings: str) -> Iterator["subprocess.Popen[str]"]:
    """The command while it runs; asked to end when the block does."""
    process = subprocess.Popen(
        [sys.executable, "-m", "atende", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(**settings),
        cwd="/",
    )
    with process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.communicate(timeout=SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
