"""The process that opens files of strangers. It may die: it has no secrets, no network, no way to write, little memory and time.

Started as a script by `SubprocessTextExtractor`, in an empty environment: the file on standard input, JSON on standard output.
"""

import contextlib
import ctypes
import json
import resource
import sys
from pathlib import Path

_NEW_USER_NAMESPACE, _NEW_NETWORK_NAMESPACE = 0x1000_0000, 0x4000_0000
_DIE_WITH_PARENT, _SIGKILL = 1, 9


def limit(*, memory_bytes: int, cpu_seconds: int) -> None:
    """No more memory and time than this; no file written, no process begun, no core left."""
    for kind, amount in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (amount, amount))


def die_with_parent() -> None:
    """On Linux; elsewhere the parent's kill at the end has to do."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, _SIGKILL, 0, 0, 0)


def leave_network() -> None:
    """A network namespace of its own, where the kernel lets an ordinary process have one."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).unshare(_NEW_USER_NAMESPACE | _NEW_NETWORK_NAMESPACE)


def main(file_type: str, memory_bytes: int, cpu_seconds: int) -> None:
    die_with_parent()
    limit(memory_bytes=memory_bytes, cpu_seconds=cpu_seconds)
    sys.path.append(str(Path(__file__).resolve().parents[2]))
    from atende.outbound.extract_formats import read
    from atende.outbound.extract_refused import Refused

    leave_network()
    try:
        pages, metadata = read(sys.stdin.buffer.read(), file_type)
        answer = {"pages": pages, "metadata": metadata}
    except Refused as refused:
        answer = {"refused": str(refused)}
    except (MemoryError, RecursionError):
        answer = {"refused": "The file needs more memory than reading may take; it may be damaged or made to do harm."}
    sys.stdout.buffer.write(json.dumps(answer).encode())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
