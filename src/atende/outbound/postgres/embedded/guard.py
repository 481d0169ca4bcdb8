"""The guard process: the parent of one PostgreSQL server, so that the server never outlives the program that started it.

It is started by path, uses only the standard library, and has one thread. Its standard input is a pipe from that
program. A letter on it stops the server (f: fast, i: immediate, k: kill). When the pipe is closed, the program has ended
for whatever reason: the server is stopped and a temporary data directory removed. The guard ends with the server.
"""

import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

_FAST, _IMMEDIATE, _KILL = signal.SIGINT, signal.SIGQUIT, signal.SIGKILL
# For each letter: the signals to send, each after this many seconds if the server has not ended.
PLANS: dict[bytes, list[tuple[float, signal.Signals]]] = {
    b"f": [(0, _FAST), (15, _IMMEDIATE), (5, _KILL)],
    b"i": [(0, _IMMEDIATE), (8, _KILL)],
    b"k": [(0, _KILL)],
}
_PR_SET_PDEATHSIG = 1


def tied_to_parent() -> Callable[[], None] | None:
    """A function for the child that makes Linux stop it if this guard is killed.

    It must run after the change of user, which resets this setting; `subprocess` does that. The setting is tied to the
    thread that started the child, so the parent is a guard with a single thread and not the program itself.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    guard = os.getpid()

    def tie() -> None:
        prctl(_PR_SET_PDEATHSIG, int(_FAST))
        if os.getppid() != guard:
            os._exit(1)

    return tie


def start(order: dict[str, Any]) -> "subprocess.Popen[bytes]":
    """Starts the server as the given user, in its own session, so that Ctrl-C in a terminal does not reach it."""
    return subprocess.Popen(  # noqa: S603 (the caller wrote it, no shell reads it)
        order["argv"],
        stdin=subprocess.DEVNULL,
        cwd="/",
        env=order["env"],
        user=order["user"],
        group=order["group"],
        extra_groups=None if order["user"] is None else [],
        pass_fds=[order["lock"]],
        start_new_session=True,
        preexec_fn=tied_to_parent(),  # noqa: PLW1509 (one thread only)
    )


def watch(server: "subprocess.Popen[bytes]", wake: int) -> bool:
    """Handles letters until the server has ended. Returns True if the program that started the guard has ended."""
    plan: list[tuple[float, signal.Signals]] = []
    due = 0.0
    orphaned = False
    while server.poll() is None:
        now = time.monotonic()
        if plan and now >= due:
            server.send_signal(plan.pop(0)[1])
            due = now + plan[0][0] if plan else due
            continue
        readable, _, _ = select.select([wake] if orphaned else [0, wake], [], [], due - now if plan else None)
        if wake in readable:
            os.read(wake, 64)
        if 0 in readable:
            word = os.read(0, 1)
            orphaned = not word
            plan, due = list(PLANS[word or b"f"]), now
    return orphaned


def main() -> int:
    order = json.loads(sys.argv[1])
    wake, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waker)
    server = start(order)
    if watch(server, wake) and order["trash"]:
        import shutil  # rarely needed; keeps the guard small

        shutil.rmtree(order["trash"], ignore_errors=True)
    return 0 if server.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
