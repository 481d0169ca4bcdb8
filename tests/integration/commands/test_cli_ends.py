"""However the command line is ended or read, it leaves nothing behind and shows no stack."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

DEMO = [sys.executable, "-m", "atende", "demo"]


@pytest.mark.parametrize("said", ["starting PostgreSQL", "starting web and worker"])
def test_sigterm_while_it_starts_leaves_no_folder(tmp_path: Path, said: str) -> None:
    demo = subprocess.Popen(DEMO, env=os.environ | {"TMPDIR": str(tmp_path)}, stdout=subprocess.PIPE, text=True)
    assert demo.stdout is not None
    for line in demo.stdout:
        if said in line:
            break
    demo.send_signal(signal.SIGTERM)
    demo.communicate(timeout=180)
    assert demo.returncode == 143
    left = {path.name for path in tmp_path.iterdir()}
    until = time.monotonic() + 60
    while left and time.monotonic() < until:
        left = {path.name for path in tmp_path.iterdir()}
    assert left == set()


def test_a_terminal_that_knows_only_ascii_is_no_reason_to_stop(tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"id": "está", "turns": [{"from": "customer", "text": "tchau"}]}\n', encoding="utf-8")
    command = [sys.executable, "-m", "atende", "eval", "closure", str(rows)]
    done = subprocess.run(command, env=os.environ | {"PYTHONIOENCODING": "ascii"}, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"est?" in done.stdout
