"""Where the vectors of passages are: in Qdrant, or in PostgreSQL beside everything else."""

from collections.abc import AsyncIterator

import structlog
from dishka import AsyncContainer, Provider, Scope, provide

from atende.core.kernel import Unavailable, Unusable
from atende.core.knowledge.indexes import space_of
from atende.core.knowledge.ports import Embedding, Passages
from atende.main.providers.postgres import Pool
from atende.main.settings import Settings, SettingsError

log = structlog.get_logger(__name__)


class InPostgres(Provider):
    @provide(scope=Scope.APP)
    def passages(self, pool: Pool, embedding: Embedding) -> Passages:
        from atende.outbound.pgvector import PgvectorPassages

        return PgvectorPassages(pool, model=embedding.model, dimension=embedding.dimension)


class InQdrant(Provider):
    """Its client takes a third of a second to import, and is imported only here."""

    @provide(scope=Scope.APP)
    async def passages(self, pool: Pool, embedding: Embedding, settings: Settings) -> AsyncIterator[Passages]:
        from atende.outbound.qdrant.passages import QdrantPassages
        from atende.outbound.qdrant.points import TenantPoints
        from atende.outbound.qdrant.shapes import collection_of

        points = TenantPoints.connect(
            settings.qdrant_url,
            api_key=settings.qdrant_api_key,
            collection=collection_of(settings.qdrant_collection, space_of(embedding)),
            model=embedding.model,
            dimension=embedding.dimension,
            base=settings.qdrant_collection,
        )
        yield QdrantPassages(pool, points, model=embedding.model, dimension=embedding.dimension)
        await points.close()


def search_provider(settings: Settings) -> Provider:
    return InQdrant() if settings.qdrant_url else InPostgres()


async def check_vectors(container: AsyncContainer, settings: Settings) -> None:
    """At the start. Refuses a store with vectors of another embedding; one that is away is no reason not to start."""
    if not settings.qdrant_url:
        return
    passages = await container.get(Passages)
    try:
        await passages.ready()
    except Unusable as error:
        raise SettingsError(f"QDRANT_URL: {error.detail}") from error
    except Unavailable as error:
        log.warning("qdrant.away", error=error.detail)
