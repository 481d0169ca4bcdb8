"""The process that reads untrusted files. It may crash: it has no secrets, no network, no files, and limited memory and time.

`SubprocessTextExtractor` starts it as a script in an empty environment: the file on standard input, JSON on standard output.
"""

import codecs
import contextlib
import ctypes
import json
import os
import resource
import sys
from pathlib import Path

_NEW_NAMESPACES = 0x1000_0000 | 0x4000_0000 | 0x0002_0000 | 0x0800_0000  # user, network, mounts, IPC
_PRIVATE_FROM_HERE = 0x4000 | 0x4_0000
_READ_ONLY = 1
_NOBODY = 65_534
_DIE_WITH_PARENT, _SIGKILL = 1, 9
_SAMPLES = {
    "txt": b"a",
    "md": b"# a\n\n- *b*\n\n|c|d|\n|-|-|\n|e|f|\n",
    "pdf": (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj "
        b"4 0 obj<</Length 22>>stream\nBT /F 1 Tf (x) Tj ET \nendstream endobj "
        b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj trailer<</Root 1 0 R>>"
    ),
}
_ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1", "ascii")
_TOO_MUCH = "The file needs too much memory to read; it may be damaged or malicious."


def limit(*, memory_bytes: int, cpu_seconds: int) -> None:
    """Limits memory and CPU time; forbids writing files and core dumps."""
    for kind, amount in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (amount, amount))


def die_with_parent() -> None:
    """Ends this process when its parent dies. Linux only; elsewhere the parent kills it at the end."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, _SIGKILL, 0, 0, 0)


def leave_the_system() -> None:
    """Enters namespaces without network and with an empty file system, if the kernel allows it; otherwise gives up root."""
    with contextlib.suppress(AttributeError, OSError):
        libc = ctypes.CDLL(None)
        if libc.unshare(_NEW_NAMESPACES) == 0:
            apart = libc.mount(b"none", b"/", None, _PRIVATE_FROM_HERE, None) == 0
            if apart and libc.mount(b"tmpfs", b"/proc", b"tmpfs", _READ_ONLY, None) == 0:
                os.chroot("/proc")
                os.chdir("/")
        elif os.geteuid() == 0:
            os.setgroups([])
            os.setgid(_NOBODY)
            os.setuid(_NOBODY)


def main(file_type: str, memory_bytes: int, cpu_seconds: int) -> None:
    die_with_parent()
    limit(memory_bytes=memory_bytes, cpu_seconds=cpu_seconds)
    sys.path.append(str(Path(__file__).resolve().parents[3]))
    from atende.outbound.extraction.errors import Refused
    from atende.outbound.extraction.formats import read

    data = sys.stdin.buffer.read()
    # Loads now what Python would load later: after `leave_the_system` there are no files.
    for encoding in _ENCODINGS:
        codecs.lookup(encoding)
    read(_SAMPLES[file_type], file_type)
    leave_the_system()
    try:
        pages, metadata = read(data, file_type)
        answer = {"pages": pages, "metadata": metadata}
    except Refused as refused:
        answer = {"refused": str(refused)}
    except (MemoryError, RecursionError):
        answer = {"refused": _TOO_MUCH}
    sys.stdout.buffer.write(json.dumps(answer).encode())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
