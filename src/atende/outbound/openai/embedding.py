"""Embeddings of a model."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from atende.core.kernel import Unavailable, Unusable
from atende.core.knowledge.model import Embedded, Usage
from atende.core.knowledge.ports import Embedding
from atende.core.language.text import estimate_tokens
from atende.outbound.openai import reply
from atende.outbound.openai.capabilities import Capabilities, Concession
from atende.outbound.openai.client import API, Endpoint, KeyNotKnown, Refused
from atende.outbound.openai.vectors import Vector, read_vectors
from atende.outbound.throttle import Throttle

BATCH = 100
FLOATS, NO_DIMENSIONS = "floats", "no dimensions"
_CONCESSIONS = (
    Concession(FLOATS, ("encoding_format", "base64", "encoding format")),
    Concession(NO_DIMENSIONS, ("dimensions", "matryoshka")),
)
_ABOUT_SIZE = ("batch", "too many", "inputs", "array", "at most", "items", "too large")
_WAITS = (1.0, 2.0, 4.0, 8.0)
_LONGEST_WAIT = 30.0
_MOST_NUMBERS = 5


class OpenAIEmbedding(Embedding):
    """Vectors of exactly `dimension` numbers, which are requested explicitly. `timeout`: seconds for each batch.

    At most `per_minute` calls per minute; further batches wait. Batches that the endpoint refuses are sent again in smaller ones.
    If a batch fails after others have been paid for, only that one is tried again, after a pause; otherwise the caller decides.
    """

    def __init__(
        self,
        *,
        api_key: str,
        model: str = "text-embedding-3-large",
        dimension: int = 1536,
        base_url: str = API,
        timeout: float = 60,
        per_minute: int = 500,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._model = model
        self._dimension = dimension
        self._pace = Throttle(per_minute, 60)
        self._endpoint = Endpoint(api_key, base_url, timeout)
        self._sleep = sleep
        self._most = BATCH
        self._accepted = 0
        self.capabilities = Capabilities(_CONCESSIONS)

    @property
    def provider(self) -> str:
        return "openai"

    @property
    def model(self) -> str:
        return self._model

    @property
    def dimension(self) -> int:
        return self._dimension

    @property
    def batch(self) -> int:
        """Texts in one call, at most."""
        return self._most

    async def close(self) -> None:
        await self._endpoint.close()

    async def embed(self, texts: Sequence[str], *, asking: bool = False) -> Embedded:
        vectors: list[Vector] = []
        tokens, estimated = 0, False
        while len(vectors) < len(texts):
            left = [text or " " for text in texts[len(vectors) : len(vectors) + BATCH]]  # an empty input is refused
            made, used = await self._patiently(left, tries=len(_WAITS) if vectors else 0)
            vectors += made
            tokens, estimated = tokens + used.tokens_in, estimated or used.estimated
        return Embedded(tuple(vectors), Usage(tokens_in=tokens, estimated=estimated))

    async def _patiently(self, texts: list[str], *, tries: int) -> tuple[list[Vector], Usage]:
        for wait in _WAITS[:tries]:
            try:
                return await self._first_batch(texts)
            except (Unusable, KeyNotKnown):
                raise
            except Unavailable as error:
                await self._sleep(min(max(wait, error.retry_after or 0), _LONGEST_WAIT))
        return await self._first_batch(texts)

    async def _first_batch(self, texts: list[str]) -> tuple[list[Vector], Usage]:
        """Vectors of the first texts: of as many as the endpoint accepts at once."""
        size, too_many = min(self._most, len(texts)), False
        while True:
            proven = self.capabilities.proven
            try:
                made = await self._embed(texts[:size])
            except Refused as refusal:
                smaller = self._smaller(size, refusal)
                if smaller is None:
                    raise
                too_many, size = proven or _names_size(refusal), smaller
                continue
            self._accepted = max(self._accepted, size)
            if too_many:
                self._most = size
            return made

    def _smaller(self, size: int, refusal: Refused) -> int | None:
        """The next size to try, or None if the size is not at fault: as many texts have been accepted before."""
        if size <= max(self._accepted, 1):
            return None
        if _names_size(refusal):
            numbers = [int(one) for one in re.findall(r"\b\d{1,4}\b", refusal.told)[:_MOST_NUMBERS]]
            if fitting := [one for one in numbers if 0 < one < size]:
                return max(fitting)
        # As long as no request was accepted, its form may be at fault: a single text tells.
        return max(size // 2, self._accepted) if self.capabilities.proven else 1

    async def _embed(self, batch: list[str]) -> tuple[list[Vector], Usage]:
        body = await self.capabilities.negotiate(lambda conceded: self._send(batch, conceded), blindly=len(batch) == 1)
        made, used = await asyncio.to_thread(self._read, body, batch)
        self.capabilities.counts_usage = not used.estimated
        return made, used

    async def _send(self, batch: list[str], conceded: frozenset[str]) -> bytes:
        await self._pace.turn()
        request: dict[str, Any] = {"encoding_format": "float" if FLOATS in conceded else "base64"}
        if NO_DIMENSIONS not in conceded:
            request["dimensions"] = self._dimension
        return await self._endpoint.call(
            lambda client: client.embeddings.with_raw_response.create(model=self._model, input=batch, **request)
        )

    def _read(self, body: bytes, batch: list[str]) -> tuple[list[Vector], Usage]:
        response = reply.decoded(body)
        vectors = read_vectors(response, count=len(batch), dimension=self._dimension, model=self._model)
        return vectors, reply.usage(response, tokens_in=sum(map(estimate_tokens, batch)), tokens_out=0)


def _names_size(refusal: Refused) -> bool:
    told = refusal.told.lower()
    return refusal.status == 413 or any(word in told for word in _ABOUT_SIZE)
