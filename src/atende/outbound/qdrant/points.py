"""The only door to Qdrant: whatever is asked of it is asked for one tenant."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from qdrant_client import AsyncQdrantClient, models

from atende.core.kernel import ALL_TENANTS, Invalid, TenantScope
from atende.core.knowledge.search_index import Space
from atende.outbound.breaker import Breaker
from atende.outbound.qdrant.errors import OtherModel, qdrant_errors
from atende.outbound.qdrant.shapes import Hits, Key, Point, collection_of, point_id
from atende.outbound.qdrant.sparse import Sparse

DENSE, WORDS = "dense", "words"
BATCH = 200
"""Points in one upsert."""
_KEYS = ("organization_id", "document_id", "agent_id", "document_type")
PATIENCE, PATIENCE_WRITING = 1.5, 30.0
"""Seconds for a search, behind which a customer waits, and for a change."""


class TenantPoints:
    """One collection of all tenants, with vectors of one embedding. The client is nobody else's: each request gets its filter here.

    A store that does not answer is left alone for a few seconds after two failures.
    """

    def __init__(
        self, client: AsyncQdrantClient, *, collection: str, model: str, dimension: int, base: str | None = None
    ) -> None:
        """`base`: what the names of the collections of other embeddings begin with."""
        self.__client = client
        self.collection, self._model, self._dimension = collection, model, dimension
        self._base = base or collection
        self._breaker = Breaker(failures=2, rest=5.0)
        self._ready = False
        self._made = {self.space: self}

    def of(self, space: Space) -> "TenantPoints":
        """Those of another embedding, through the same client."""
        if space not in self._made:
            self._made[space] = made = TenantPoints(
                self.__client,
                collection=collection_of(self._base, space),
                model=space.model,
                dimension=space.dimension,
                base=self._base,
            )
            made._breaker, made._made = self._breaker, self._made
        return self._made[space]

    @property
    def space(self) -> Space:
        return Space(self._model, self._dimension)

    async def all(self) -> "list[TenantPoints]":
        """Those of every embedding that the store has, for sweeping."""
        with qdrant_errors(self._breaker):
            async with asyncio.timeout(PATIENCE_WRITING):
                names = [one.name for one in (await self.__client.get_collections()).collections]
                others = [name for name in names if name.startswith(f"{self._base}_") and name != self.collection]
                about = {name: _about(await self.__client.get_collection(name)) for name in others}
        found = [Space(model, size) for model, size, _ in about.values() if model and size]
        # Another installation's names may begin in the same way.
        mine = [space for space in found if collection_of(self._base, space) in about]
        return [self, *(self.of(space) for space in mine if space != self.space)]

    @classmethod
    def connect(
        cls,
        url: str,
        *,
        api_key: str = "",
        collection: str,
        model: str = "",
        dimension: int = 0,
        base: str | None = None,
    ) -> "TenantPoints":
        """`:memory:` instead of a URL: a store in this process, for tests."""
        place: dict[str, Any] = {"location": url} if url == ":memory:" else {"url": url, "api_key": api_key or None}
        client = AsyncQdrantClient(**place, timeout=int(PATIENCE_WRITING), check_compatibility=False)
        return cls(client, collection=collection, model=model, dimension=dimension, base=base)

    async def close(self) -> None:
        await self.__client.close()

    async def ready(self) -> None:
        """Makes the collection if there is none. Raises OtherModel if it holds vectors of another embedding, or Unavailable."""
        if self._ready:
            return
        with qdrant_errors(self._breaker):
            async with asyncio.timeout(PATIENCE_WRITING):
                if not await self.__client.collection_exists(self.collection):
                    await self._create()
                held, size, _ = _about(await self.__client.get_collection(self.collection))
        if (held, size) != (self._model, self._dimension):
            raise OtherModel(
                f"the collection {self.collection} holds vectors of {held} with {size} dimensions, but the embedding is"
                f" {self._model} with {self._dimension}: set another QDRANT_PREFIX"
            )
        self._ready = True

    async def look(self) -> tuple[str | None, int | None, int] | None:
        """Model, dimensions and number of the vectors; None if there is no collection. Raises Unavailable."""
        with qdrant_errors(self._breaker):
            async with asyncio.timeout(PATIENCE_WRITING):
                if not await self.__client.collection_exists(self.collection):
                    return None
                return _about(await self.__client.get_collection(self.collection))

    async def _create(self) -> None:
        await self.__client.create_collection(
            self.collection,
            vectors_config={DENSE: models.VectorParams(size=self._dimension, distance=models.Distance.COSINE)},
            sparse_vectors_config={WORDS: models.SparseVectorParams(modifier=models.Modifier.IDF)},
            metadata={"model": self._model, "dimension": self._dimension},
        )
        tenant = models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=True)
        await self.__client.create_payload_index(self.collection, "tenant_id", tenant)
        for key in _KEYS:
            await self.__client.create_payload_index(self.collection, key, models.PayloadSchemaType.KEYWORD)

    async def put(self, scope: TenantScope, points: Sequence[Point]) -> None:
        """Idempotent. Raises OtherModel, Invalid or Unavailable."""
        await self.ready()
        if any(len(point.vector) != self._dimension for point in points):
            raise OtherModel(f"{self.collection} holds vectors of {self._dimension} dimensions only")
        owner = _whose(scope)
        for start in range(0, len(points), BATCH):
            batch = [_struct(point, owner) for point in points[start : start + BATCH]]
            with qdrant_errors(self._breaker):
                async with asyncio.timeout(PATIENCE_WRITING):
                    await self.__client.upsert(self.collection, batch, wait=True)

    async def search(
        self, scope: TenantScope, *, vector: Sequence[float], words: Sparse, limit: int, agent_id: UUID | None = None
    ) -> Hits:
        mine = _within(scope, *_for_agent(agent_id))
        dense = models.QueryRequest(
            query=list(vector), using=DENSE, filter=mine, limit=limit, with_payload=["chunk_id"]
        )
        places, weights = words
        sparse = models.QueryRequest(
            query=models.SparseVector(indices=places, values=weights),
            using=WORDS,
            filter=mine,
            limit=limit,
            with_payload=["chunk_id"],
        )
        near, *worded = await self._query([dense, sparse] if places else [dense])
        return Hits(dict(near), [chunk_id for found in worded for chunk_id, _ in found])

    async def cosines(
        self, scope: TenantScope, *, vector: Sequence[float], chunk_ids: Sequence[UUID]
    ) -> dict[UUID, float]:
        """The similarity of these chunks' vectors to this one, as far as the store has them."""
        if not chunk_ids:
            return {}
        asked = models.QueryRequest(
            query=list(vector),
            using=DENSE,
            filter=_within(scope, _one_of("chunk_id", chunk_ids)),
            limit=len(chunk_ids),
            with_payload=["chunk_id"],
        )
        (found,) = await self._query([asked])
        return dict(found)

    async def _query(self, requests: list[models.QueryRequest]) -> list[list[tuple[UUID, float]]]:
        await self.ready()
        with qdrant_errors(self._breaker):
            async with asyncio.timeout(PATIENCE):
                answers = await self.__client.query_batch_points(self.collection, requests)
        return [[_hit(point) for point in answer.points] for answer in answers]

    async def remove(self, scope: TenantScope, document_id: UUID, *, keep: Mapping[int, int] | None = None) -> None:
        """Removes the points of a document, except the first `keep[edition]` ones of these editions."""
        await self.ready()
        kept: list[models.Condition] = [
            models.Filter(
                must=[_is("edition", edition), models.FieldCondition(key="chunk_index", range=models.Range(lt=n))]
            )
            for edition, n in (keep or {}).items()
        ]
        gone = _within(scope, _is("document_id", str(document_id)), but=kept)
        with qdrant_errors(self._breaker):
            async with asyncio.timeout(PATIENCE_WRITING):
                await self.__client.delete(self.collection, models.FilterSelector(filter=gone), wait=True)

    async def clear(self, scope: TenantScope) -> None:
        """Removes all points of the tenant in this collection."""
        await self.ready()
        with qdrant_errors(self._breaker):
            async with asyncio.timeout(PATIENCE_WRITING):
                await self.__client.delete(self.collection, models.FilterSelector(filter=_within(scope)), wait=True)

    async def drop(self, scope: TenantScope, chunk_ids: Sequence[UUID]) -> None:
        """Removes the points that stand for these chunks now, as far as they are the tenant's."""
        await self.ready()
        gone = _within(scope, _one_of("chunk_id", chunk_ids))
        with qdrant_errors(self._breaker):
            async with asyncio.timeout(PATIENCE_WRITING):
                await self.__client.delete(self.collection, models.FilterSelector(filter=gone), wait=True)

    async def keys(self, *, page: int = 1_000) -> AsyncIterator[list[Key]]:
        """Of every point of every tenant, for sweeping: no text and no vector leaves the store here."""
        await self.ready()
        after: Any = None
        while True:
            with qdrant_errors(self._breaker):
                async with asyncio.timeout(PATIENCE_WRITING):
                    records, after = await self.__client.scroll(
                        self.collection,
                        limit=page,
                        offset=after,
                        with_payload=["organization_id", "tenant_id", "chunk_id"],
                    )
            yield [_key(record) for record in records]
            if after is None:
                return


def _about(info: models.CollectionInfo) -> tuple[str | None, int | None, int]:
    params = info.config.params.vectors
    size = params[DENSE].size if isinstance(params, dict) and DENSE in params else None
    return (info.config.metadata or {}).get("model"), size, info.points_count or 0


def _struct(point: Point, owner: dict[str, str]) -> models.PointStruct:
    """The owner is written last: nothing in the payload can pretend another."""
    places, weights = point.words
    vectors: dict[str, Any] = {DENSE: list(point.vector), WORDS: models.SparseVector(indices=places, values=weights)}
    itself = {
        "document_id": str(point.document_id),
        "edition": point.edition,
        "chunk_index": point.index,
    }
    return models.PointStruct(
        id=point_id(point.document_id, point.edition, point.index),
        vector=vectors,
        payload={**point.payload, **itself, **owner},
    )


def _whose(scope: TenantScope) -> dict[str, str]:
    """Raises Invalid unless the scope is that of one tenant."""
    if not scope.tenant_id or scope.tenant_id == ALL_TENANTS:
        raise Invalid("vectors are those of one tenant")
    return {"organization_id": str(scope.organization_id), "tenant_id": scope.tenant_id}


def _within(scope: TenantScope, *more: models.Condition, but: Sequence[models.Condition] = ()) -> models.Filter:
    """The filter that nothing goes without: this organization, and this tenant."""
    mine: list[models.Condition] = [_is(key, value) for key, value in _whose(scope).items()]
    return models.Filter(must=[*mine, *more], must_not=list(but) or None)


def _for_agent(agent_id: UUID | None) -> list[models.Condition]:
    """An agent finds its own documents and those of nobody in particular."""
    if agent_id is None:
        return []
    free = models.IsEmptyCondition(is_empty=models.PayloadField(key="agent_id"))
    return [models.Filter(should=[_is("agent_id", str(agent_id)), free])]


def _is(key: str, value: str | int) -> models.FieldCondition:
    return models.FieldCondition(key=key, match=models.MatchValue(value=value))


def _one_of(key: str, ids: Sequence[UUID]) -> models.FieldCondition:
    return models.FieldCondition(key=key, match=models.MatchAny(any=[str(one) for one in ids]))


def _hit(point: models.ScoredPoint) -> tuple[UUID, float]:
    return UUID((point.payload or {})["chunk_id"]), point.score


def _key(record: models.Record) -> Key:
    payload = record.payload or {}
    return Key(UUID(payload["organization_id"]), payload["tenant_id"], UUID(payload["chunk_id"]))
