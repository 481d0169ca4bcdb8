"""Fixed windows: where the present one lies, and what the counts in it mean."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from atende.core.limits.model import Limit, Verdict

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_PLAIN = re.compile(r"[A-Za-z0-9._:/-]{1,200}")


@dataclass(frozen=True, slots=True)
class Window:
    """The present window of a limit: the `number`-th of its length since 1970, open for another `reset_after` seconds."""

    limit: Limit
    number: int
    reset_after: float

    @property
    def counter(self) -> tuple[str, str, int]:
        """What is counted together: the type, who, and the length. Whoever has a name that is long or odd goes by its digest."""
        return self.limit.type, _stored(self.limit.identifier), self.limit.seconds

    @property
    def start(self) -> int:
        """In seconds since 1970."""
        return self.number * self.limit.seconds


def windows(limits: Sequence[Limit], now: datetime) -> list[Window]:
    """One for each counter, in the order of the counters; where two limits share one, the lower of them holds."""
    found: dict[tuple[str, str, int], Window] = {}
    for limit in limits:
        window = _window(limit, now - _BEGINNING)
        other = found.get(window.counter)
        if other is None or limit.most < other.limit.most:
            found[window.counter] = window
    return [found[counter] for counter in sorted(found)]


def judge(asked: Sequence[Window], used: Sequence[int], *, cost: int) -> Verdict:
    """`used` calls stand in each window, this one included; with `cost` 0 it is the next call that is judged.

    Refused: the limit that lasts longest. Allowed: the one with the least left. Nothing asked: allowed.
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
