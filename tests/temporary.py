"""Where the tests keep their temporary files: in memory, where there is room for them.

A database consists of about 300 files. ext4 looks at every recently deleted inode before it makes a new one, so a suite that creates
and drops thousands of databases spends most of its time there: 250 ms for a database on disk, 25 ms in memory.
"""

import os
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")
_LIMIT = Path("/sys/fs/cgroup/memory.max")
_ROOM = 4 * 2**30
"""Bytes. Four servers with their databases use less than a quarter of it."""


def keep_in_memory() -> None:
    """Points TMPDIR of this process and of its children to /dev/shm if 4 GiB are free there; elsewhere it stays as it is."""
    if min(_free_space(), _free_memory(), _limit()) >= _ROOM:
        os.environ["TMPDIR"] = str(_MEMORY)
        tempfile.tempdir = None


def _free_space() -> int:
    if not os.access(_MEMORY, os.W_OK | os.X_OK):
        return 0
    found = os.statvfs(_MEMORY)
    runs_programs = not found.f_flag & os.ST_NOEXEC  # some tests install the product there
    return found.f_bavail * found.f_frsize if runs_programs else 0


def _free_memory() -> int:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return 0
    kilobytes = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return int(kilobytes[0]) * 1024 if kilobytes else 0


def _limit() -> int:
    """Of the container, if there is one."""
    try:
        limit = _LIMIT.read_text().strip()
    except OSError:
        return _ROOM
    return int(limit) if limit.isdigit() else _ROOM
