"""Giving up rights: limits, and namespaces without network or files. Imports nothing but the standard library."""

import contextlib
import ctypes
import os
import resource

_USER, _NETWORK, _MOUNTS, _IPC = 0x1000_0000, 0x4000_0000, 0x0002_0000, 0x0800_0000
_PRIVATE_FROM_HERE = 0x4000 | 0x4_0000
_READ_ONLY = 1
_NOBODY = 65_534
_STANDARD_STREAMS = 3
_DIE_WITH_PARENT, _SIGKILL = 1, 9


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
    """Enters namespaces without network and with an empty file system, if the kernel allows it; otherwise gives up root.

    From then on no file and no connection can be opened, whatever the kernel allows.
    """
    with contextlib.suppress(AttributeError, OSError):
        libc = ctypes.CDLL(None)
        if libc.unshare(_USER | _NETWORK | _MOUNTS | _IPC) == 0:
            apart = libc.mount(b"none", b"/", None, _PRIVATE_FROM_HERE, None) == 0
            if apart and libc.mount(b"tmpfs", b"/proc", b"tmpfs", _READ_ONLY, None) == 0:
                os.chroot("/proc")
                os.chdir("/")
        else:
            give_up_root()
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (_STANDARD_STREAMS, _STANDARD_STREAMS))


def leave_the_network() -> None:
    """For a program that needs files of the system to start: gives up the network, if the kernel allows it, and root."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).unshare((0 if os.geteuid() == 0 else _USER) | _NETWORK | _IPC)
    with contextlib.suppress(OSError):
        give_up_root()


def give_up_root() -> None:
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(_NOBODY)
        os.setuid(_NOBODY)
