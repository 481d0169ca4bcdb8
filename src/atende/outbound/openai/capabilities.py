"""What an endpoint accepts for a model, learned from what it refuses.

Compatible endpoints refuse parameters that OpenAI documents: a JSON format, a name of a limit, a temperature, an encoding. A
refused request costs nothing, so it is sent again without what was refused, and this process remembers what it learned.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeVar

from atende.outbound.openai.client import Failed, Refused

T = TypeVar("T")

_MAY_BE_A_PARAMETER = frozenset({400, 422, 501})
"""Statuses after which a parameter may be at fault although the response names none."""
_ABOUT_CONTENT = (
    "context_length",
    "context length",
    "content_filter",
    "content_policy",
    "content management",
    "model_not_found",
    "invalid_api_key",
    "insufficient_quota",
)
"""What a refusal says when another form of the same request would be refused as well."""


@dataclass(frozen=True, slots=True)
class Concession:
    """A way to request less: its name, and the words by which endpoints refer to what they refuse."""

    name: str
    words: tuple[str, ...]


@dataclass(slots=True)
class Capabilities:
    """`learned`: the concessions that this endpoint needs. `proven`: a request of this form was accepted."""

    concessions: Sequence[Concession]
    learned: frozenset[str] = frozenset()
    proven: bool = False
    counts_usage: bool | None = None
    """Whether the endpoint reports the tokens of a call; None before the first one."""

    async def negotiate(self, send: Callable[[frozenset[str]], Awaitable[T]], *, blindly: bool = True) -> T:
        """The result of `send` with the fewest concessions that the endpoint accepts. Raises the first refusal if none helps.

        What a refusal names is conceded first. If it names nothing, each concession is tried, then several together; but not
        for a form that was accepted before: then it is the content that is refused. Without `blindly`, only what is named.
        """
        asked, tried = self.learned, {self.learned}
        first: Refused | Failed | None = None
        while True:
            try:
                result = await send(asked)
            except (Refused, Failed) as refusal:
                first = first or refusal
                following = self._next(refusal, asked, tried, blindly=blindly and not self.proven)
                if following is None:
                    raise first from None
                asked = following
                tried.add(asked)
            else:
                self.learned, self.proven = asked, True
                return result

    def _next(
        self, refusal: Refused | Failed, asked: frozenset[str], tried: set[frozenset[str]], *, blindly: bool
    ) -> frozenset[str] | None:
        told = refusal.told.lower()
        if any(word in told for word in _ABOUT_CONTENT):
            return None
        left = [one for one in self.concessions if one.name not in asked]
        if named := {one.name for one in left if any(word in told for word in one.words)}:
            return asked | named
        if not blindly or refusal.status not in _MAY_BE_A_PARAMETER:
            return None
        return next((one for one in self._forms() if one not in tried), None)

    def _forms(self) -> Iterator[frozenset[str]]:
        """What was learned and one concession more, two more, and so on."""
        left = [one.name for one in self.concessions if one.name not in self.learned]
        for count in range(1, len(left) + 1):
            for more in combinations(left, count):
                yield self.learned | frozenset(more)
