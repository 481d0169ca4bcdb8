"""Of what two independent readers find in a file, nearly all is stored."""

import asyncio
import os
from collections.abc import Iterable

import pytest

from atende.core.knowledge.document import UnreadableDocument
from atende.outbound.extraction.extractor import SubprocessTextExtractor
from atende.outbound.extraction.formats import read
from tests.reading.collection import Sample, collection, scans
from tests.reading.oracles import share

ENOUGH = 0.9
SEEDS = range(1, 2 if "FULL_FIGURES" not in os.environ else 9)


def short(shares: Iterable[tuple[str, float]]) -> list[tuple[str, float]]:
    return [(name, round(stored, 3)) for name, stored in shares if stored < ENOUGH]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_words_of_every_format_are_stored(seed: int) -> None:
    samples = list(collection(seed))
    assert len(samples) >= 30
    assert all(sample.words.total() >= 15 for sample in samples), [s.name for s in samples if s.words.total() < 15]
    assert (
        short((sample.name, share("\n".join(read(sample.data, sample.kind).pages), sample.words)) for sample in samples)
        == []
    )


@pytest.mark.parametrize("seed", SEEDS)
async def test_the_words_of_images_are_recognised(seed: int) -> None:
    extractor = SubprocessTextExtractor()

    async def stored(sample: Sample) -> tuple[str, float]:
        try:
            found = await extractor.extract(sample.data, file_type=sample.kind)
        except UnreadableDocument as refused:
            return f"{sample.name}: {refused.detail}", 0.0
        return sample.name, share("\n".join(found.pages), sample.words)

    assert short(await asyncio.gather(*(stored(sample) for sample in scans(seed)))) == []
