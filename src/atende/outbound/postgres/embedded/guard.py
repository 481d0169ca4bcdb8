"""The guard process: parent of one PostgreSQL server, so that the server never survives the program that wanted it.

It is started by path with the standard library alone, and it has one thread. Its standard input is a pipe from that
program. A letter on it asks for an end (f: fast, i: immediate, k: kill); its end means that the program is gone, however
it went: then the server is stopped, and a temporary data directory removed. The guard ends when the server does.
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
# Each order is a plan: what to send, after how many seconds without an end.
PLANS: dict[bytes, list[tuple[float, signal.Signals]]] = {
    b"f": [(0, _FAST), (15, _IMMEDIATE), (5, _KILL)],
    b"i": [(0, _IMMEDIATE), (8, _KILL)],
    b"k": [(0, _KILL)],
}
_PR_SET_PDEATHSIG = 1


def tied_to_parent() -> Callable[[], None] | None:
    """A step for the child that lets Linux stop it should even this guard be killed.

    It must run after the change of account, which clears the wish; `subprocess` runs it there. The wish is tied to the
    thread that started the child, hence a guard with a single thread and not the program itself.
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
    """Start the server as the account named, in a session of its own: Ctrl-C in a terminal must not reach it."""
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
    """Follow orders until the server has ended. True when the program that started us is gone."""
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
        import shutil  # rarely needed, and the guard is to stay small

        shutil.rmtree(order["trash"], ignore_errors=True)
    return 0 if server.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
