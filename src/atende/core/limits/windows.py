"""Fixed time windows of rate limits."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from atende.core.limits.model import Limit, Verdict

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLAIN = re.compile(r"[A-Za-z0-9._:/-]{1,200}")


@dataclass(frozen=True, slots=True)
class Window:
    """The current window of a limit: the `number`-th of its length since 1970, open for another `reset_after` seconds."""

    limit: Limit
    number: int
    reset_after: float

    @property
    def counter(self) -> tuple[str, str, int]:
        """Type, identifier and length of the window. Long or unusual identifiers are replaced by a digest."""
        return self.limit.type, _stored(self.limit.identifier), self.limit.seconds

    @property
    def start(self) -> int:
        """Seconds since 1970."""
        return self.number * self.limit.seconds


def windows(limits: Sequence[Limit], now: datetime) -> list[Window]:
    """One window per counter, sorted by counter. If two limits share a counter, the lower one applies."""
    found: dict[tuple[str, str, int], Window] = {}
    for limit in limits:
        window = _window(limit, now - _EPOCH)
        other = found.get(window.counter)
        if other is None or limit.most < other.limit.most:
            found[window.counter] = window
    return [found[counter] for counter in sorted(found)]


def judge(asked: Sequence[Window], used: Sequence[int], *, cost: int) -> Verdict:
    """`used` is the number of calls in each window, including this one. With `cost` 0, the result is that of the next call.

    If calls are refused, the result is that of the limit that lasts longest; otherwise that of the limit with the fewest calls
    left. Without limits the call is allowed.
    """
    verdicts = [
        Verdict(
            allowed=count + (0 if cost else 1) <= window.limit.most,
            limit=window.limit.most,
            remaining=max(0, window.limit.most - count),
            reset_after=window.reset_after,
            type=window.limit.type,
        )
        for window, count in zip(asked, used, strict=True)
    ]
    refused = [verdict for verdict in verdicts if not verdict.allowed]
    if refused:
        return max(refused, key=lambda verdict: verdict.reset_after)
    free = Verdict(allowed=True, limit=0, remaining=0, reset_after=0.0)
    return min(verdicts, key=lambda verdict: (verdict.remaining, -verdict.reset_after), default=free)


def _window(limit: Limit, passed: timedelta) -> Window:
    length = timedelta(seconds=limit.seconds)
    number, since = divmod(passed, length)
    return Window(limit, number, (length - since).total_seconds())


def _stored(identifier: str) -> str:
    if _PLAIN.fullmatch(identifier):
        return identifier
    return "sha256/" + hashlib.sha256(identifier.encode("utf-8", "surrogatepass")).hexdigest()
