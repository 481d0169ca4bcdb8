"""Which index a tenant's questions are searched in, with the embedding that it is of."""

from dataclasses import dataclass

from atende.core.kernel import TenantScope, Unavailable
from atende.core.knowledge.ports import Embedding, Embeddings, IndexNames, Passages
from atende.core.knowledge.search_index import Space


@dataclass(frozen=True, slots=True)
class Index:
    """`whole` False: the settings do not have the embedding of the tenant's index, so its passages are found by words alone."""

    embedding: Embedding
    passages: Passages
    whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexes:
    """A tenant's index is of the embedding that it was begun with until it is changed, whatever the settings say since then."""

    embeddings: Embeddings
    passages: Passages
    names: IndexNames

    @property
    def default(self) -> Index:
        """Of tenants that have no document yet."""
        return Index(self.embeddings.default, self.passages)

    async def reading(self, scope: TenantScope) -> Index:
        """The one that is searched. It may be as old as a few seconds, and is one whole index all the same."""
        space = await self.names.live(scope)
        if space is None:
            return self.default
        embedding = self.embeddings.find(space)
        if embedding is None:
            return Index(self.embeddings.default, self.passages, whole=False)
        return Index(embedding, self.passages.of(space))

    def of(self, space: Space) -> Index:
        """Raises Unavailable if the settings do not have this embedding."""
        embedding = self.embeddings.find(space)
        if embedding is None:
            raise Unavailable(
                f"the index is of {space.model} with {space.dimension} dimensions, which the settings do not have",
                retry_after=60,
            )
        return Index(embedding, self.passages.of(space))


def space_of(embedding: Embedding) -> Space:
    return Space(embedding.model, embedding.dimension)
