"""Places where a step of the product waits until a test lets it pass."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from atende.core.knowledge.model import Embedded, Usage
from atende.outbound.hashed import HashedEmbedding

WAIT = 60.0
T = TypeVar("T")


class Gate:
    """A place where a step waits until the test lets it pass."""

    def __init__(self) -> None:
        self._reached, self._open = asyncio.Event(), asyncio.Event()

    async def reached(self) -> None:
        async with asyncio.timeout(WAIT):
            await self._reached.wait()

    def open(self) -> None:
        self._open.set()

    async def stand(self) -> None:
        self._reached.set()
        await self._open.wait()


@dataclass(slots=True)
class Gates:
    """The gates that the next steps will meet, one each; a step that meets none goes on."""

    before: deque[Gate] = field(default_factory=deque)
    after: deque[Gate] = field(default_factory=deque)

    def hold(self, *, after: bool = False) -> Gate:
        gate = Gate()
        (self.after if after else self.before).append(gate)
        return gate

    async def around(self, step: Callable[[], Awaitable[T]]) -> T:
        if self.before:
            await self.before.popleft().stand()
        done = await step()
        if self.after:
            await self.after.popleft().stand()
        return done


class Search(HashedEmbedding):
    """The built-in embedding, held at `gates`, failing as `failures` say. `tokens`: what each call says that it used."""

    def __init__(self) -> None:
        super().__init__()
        self.gates = Gates()
        self.failures: deque[Exception] = deque()
        self.tokens = 0

    async def embed(self, texts: Sequence[str], *, asking: bool = False) -> Embedded:
        if self.failures:
            raise self.failures.popleft()
        embed = super().embed
        embedded = await self.gates.around(lambda: embed(texts, asking=asking))
        return replace(embedded, usage=Usage(tokens_in=self.tokens))
