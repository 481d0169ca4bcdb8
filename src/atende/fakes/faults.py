"""Faults of providers: on request, and repeatable by seed."""

from collections.abc import Iterable
from random import Random
from typing import Literal

import msgspec

Mode = Literal["dup", "reorder", "drop", "delay", "status", "accept_then_hang", "reset", "odd"]
Side = Literal["answer", "callback", "form"]


class Fault(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A fault that occurs with probability `rate`, at most `times` times, only for paths that contain `path`.

    `side`: whether it affects the response to a request, a callback, or only the form of requests and responses. `works`: whether
    the fake carries out the request anyway.
    """

    mode: Mode
    side: Side
    rate: float = 1.0
    times: int | None = None
    path: str = ""
    copies: int = 1
    seconds: float = 0.0
    status: int = 500
    code: int | str | None = None
    retry_after: float | None = None
    works: bool = False


def dup(copies: int = 1, *, rate: float = 1.0, times: int | None = None) -> Fault:
    """Callbacks are sent `copies` more times."""
    return Fault(mode="dup", side="callback", copies=copies, rate=rate, times=times)


def reorder(*, rate: float = 1.0, times: int | None = None, seconds: float = 1.0) -> Fault:
    """A callback is held back until the next one of the same conversation was sent, or for `seconds`."""
    return Fault(mode="reorder", side="callback", seconds=seconds, rate=rate, times=times)


def drop(*, rate: float = 1.0, times: int | None = None) -> Fault:
    """Callbacks are not sent."""
    return Fault(mode="drop", side="callback", rate=rate, times=times)


def delay(seconds: float, *, side: Side = "answer", rate: float = 1.0, times: int | None = None) -> Fault:
    """Responses (after the request was carried out) or callbacks are `seconds` late."""
    return Fault(mode="delay", side=side, seconds=seconds, rate=rate, times=times, works=True)


def status(
    status: int,
    *,
    code: int | str | None = None,
    retry_after: float | None = None,
    works: bool = False,
    rate: float = 1.0,
    times: int | None = None,
    path: str = "",
) -> Fault:
    """An error response with this status and provider code; with `works`, the request is carried out anyway."""
    return Fault(
        mode="status",
        side="answer",
        status=status,
        code=code,
        retry_after=retry_after,
        works=works,
        rate=rate,
        times=times,
        path=path,
    )


def accept_then_hang(*, rate: float = 1.0, times: int | None = None, path: str = "") -> Fault:
    """The request is carried out, but there is no response."""
    return Fault(mode="accept_then_hang", side="answer", works=True, rate=rate, times=times, path=path)


def reset(*, works: bool = False, rate: float = 1.0, times: int | None = None, path: str = "") -> Fault:
    """The connection is reset instead of a response."""
    return Fault(mode="reset", side="answer", works=works, rate=rate, times=times, path=path)


def odd(name: str, *, rate: float = 1.0, times: int | None = None, path: str = "") -> Fault:
    """The fake behaves like a compatible endpoint with this oddity; which ones there are is the fake's matter."""
    return Fault(mode="odd", side="form", code=name, rate=rate, times=times, path=path)


class Faults:
    """The active faults. Each has its own seeded random numbers, so that adding one does not change when others occur."""

    def __init__(self, faults: Iterable[Fault] = (), *, seed: int = 0) -> None:
        self.seed = seed
        self._dice: list[tuple[Fault, Random]] = []
        self._left: list[int | None] = []
        self.set(*faults)

    def set(self, *faults: Fault) -> None:
        """Replaces all faults, and starts their random numbers again."""
        # These random numbers decide which faults occur; they are not used for secrets.
        self._dice = [(fault, Random(f"{self.seed}/{n}/{fault.mode}")) for n, fault in enumerate(faults)]  # noqa: S311
        self._left = [fault.times for fault in faults]

    def strike(self, side: Side, path: str = "") -> list[Fault]:
        """The faults that occur this time, in their order."""
        struck = []
        for n, (fault, dice) in enumerate(self._dice):
            left = self._left[n]
            if fault.side != side or fault.path not in path or left == 0 or dice.random() >= fault.rate:
                continue
            if left is not None:
                self._left[n] = left - 1
            struck.append(fault)
        return struck
