"""The embeddings that the settings offer, by the vectors that they make."""

from collections.abc import Sequence

from atende.core.knowledge.indexes import space_of
from atende.core.knowledge.ports import Embedding, Embeddings
from atende.core.knowledge.search_index import Space


class OfferedEmbeddings(Embeddings):
    """The first of those that make the same vectors is used."""

    def __init__(self, default: Embedding, *others: Embedding) -> None:
        self._default = default
        self._by_space = {space_of(one): one for one in reversed((default, *others))}

    @property
    def default(self) -> Embedding:
        return self._default

    @property
    def offered(self) -> Sequence[Embedding]:
        return list(reversed(self._by_space.values()))

    def find(self, space: Space) -> Embedding | None:
        return self._by_space.get(space)
