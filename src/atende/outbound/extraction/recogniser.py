"""Becomes Tesseract, after giving up what that does not need. `Tesseract` starts it as a script in an empty environment."""

import os
import sys
from pathlib import Path


def main(program: str, languages: str, mode: str, memory_bytes: int, cpu_seconds: int) -> None:
    packages = next((i for i, path in enumerate(sys.path) if path.endswith("-packages")), len(sys.path))
    sys.path.insert(packages, str(Path(__file__).resolve().parents[3]))  # behind the standard library
    from atende.outbound.extraction.confinement import die_with_parent, leave_the_network, limit

    die_with_parent()
    leave_the_network()
    limit(memory_bytes=memory_bytes, cpu_seconds=cpu_seconds)
    arguments = [program, "stdin", "stdout", "-l", languages, "--psm", mode, "--dpi", "200", "tsv"]
    os.execve(program, arguments, {"OMP_THREAD_LIMIT": "1"})  # noqa: S606 - no shell


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
