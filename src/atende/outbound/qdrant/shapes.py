"""What is stored in Qdrant and found there, and under which names."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from atende.core.knowledge.search_index import Space
from atende.outbound.qdrant.sparse import Sparse

_SPACE = UUID("6f3a1c5e-52a0-4c0b-9a43-6c7d2f1b8e90")


@dataclass(frozen=True, slots=True)
class Point:
    """A passage. `index` is its number in this edition of the document."""

    document_id: UUID
    edition: int
    index: int
    vector: Sequence[float]
    words: Sparse
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Hits:
    """Chunks as the store names them, best first: by meaning with their cosines, and by words."""

    near: dict[UUID, float]
    worded: list[UUID]


@dataclass(frozen=True, slots=True)
class Key:
    """Whose a stored point is, and which chunk it stands for."""

    organization_id: UUID
    tenant_id: str
    chunk_id: UUID


def point_id(document_id: UUID, edition: int, index: int) -> str:
    return str(uuid5(_SPACE, f"{document_id}/{edition}/{index}"))


def collection_of(base: str, space: Space) -> str:
    """Each embedding has a collection of its own."""
    return f"{base}_{re.sub(r'[^A-Za-z0-9.-]+', '-', space.model)}_{space.dimension}"
