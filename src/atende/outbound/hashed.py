"""An embedding without a model: words, their beginnings and their trigrams, hashed into 384 dimensions."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from math import log, sqrt
from zlib import crc32

from atende.core.knowledge.model import Embedded, Usage
from atende.core.knowledge.ports import Embedding
from atende.core.language.lexicon import STOP
from atende.core.language.text import words

DIMENSION = 384
_STOP = STOP["pt"] | STOP["en"] | STOP["es"]
_STOP_WEIGHT = 0.03
_PARTS_WEIGHT = 0.5
_START, _START_WEIGHT = 5, 1.0
_AT_ONCE = 64
"""Texts embedded before other tasks can run."""


class HashedEmbedding(Embedding):
    """Deterministic, lexical and free of cost: texts are similar if they share words or words of one root. It knows no synonyms."""

    @property
    def provider(self) -> str:
        return "atende"

    @property
    def model(self) -> str:
        return "hashed-384"

    @property
    def dimension(self) -> int:
        return DIMENSION

    async def embed(self, texts: Sequence[str], *, asking: bool = False) -> Embedded:
        vectors: list[tuple[float, ...]] = []
        for start in range(0, len(texts), _AT_ONCE):
            vectors.extend(vector(text) for text in texts[start : start + _AT_ONCE])
            await asyncio.sleep(0)
        return Embedded(tuple(vectors), Usage())


def vector(text: str) -> tuple[float, ...]:
    """The unit vector of a text. A text without letters and digits counts as one word."""
    sums = [0.0] * DIMENSION
    for word, count in Counter(words(text) or [text]).items():
        weight = 1.0 + log(count)
        for place, share in _features(word):
            sums[place] += weight * share
    length = sqrt(sum(value * value for value in sums)) or 1.0
    return tuple([value / length for value in sums])


@lru_cache(maxsize=50_000)
def _features(word: str) -> tuple[tuple[int, float], ...]:
    """Dimensions and weights of a folded word: of the word, of its beginning (which its forms share), and of its trigrams."""
    weight = _STOP_WEIGHT if word in _STOP else 1.0
    marked = f"<{word}>"
    parts = [marked[i : i + 3] for i in range(len(marked) - 2)] or [marked]
    each = weight * _PARTS_WEIGHT / sqrt(len(parts))
    start = _hashed("<" + word[:_START], weight * _START_WEIGHT)
    return (_hashed(marked, weight), start, *(_hashed("3" + part, each) for part in parts))


def _hashed(feature: str, weight: float) -> tuple[int, float]:
    """Dimension and signed weight. The sign comes from the hash too, so that collisions cancel out on average."""
    code = crc32(feature.encode())
    return code % DIMENSION, weight if code & 0x8000_0000 else -weight
