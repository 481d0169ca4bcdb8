"""Where the contract of the search index is tried: PostgreSQL, Qdrant's client in this process, and a Qdrant server if there is one."""

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from uuid import uuid4

import httpx
from qdrant_client import AsyncQdrantClient

from atende.core.knowledge.ports import Passages
from atende.outbound.qdrant.passages import QdrantPassages
from atende.outbound.qdrant.points import TenantPoints
from tests.world import DIMENSION, MODEL, World

POSTGRES, IN_PROCESS, SERVER = "postgres", "qdrant-in-process", "qdrant-server"
STORES = [POSTGRES, IN_PROCESS, *([SERVER] if os.environ.get("QDRANT_URL") or shutil.which("qdrant") else [])]


@dataclass(slots=True)
class Store:
    """One Qdrant for a test. `client` is what a test may look behind the door with; the product has none."""

    url: str
    run: str = field(default_factory=lambda: uuid4().hex[:8])
    made: list[TenantPoints] = field(default_factory=list)
    numbers: "count[int]" = field(default_factory=count)

    def points(self, *, model: str = MODEL, dimension: int = DIMENSION, collection: str = "") -> TenantPoints:
        name = collection or f"test_{self.run}_{next(self.numbers)}"
        self.made.append(TenantPoints.connect(self.url, collection=name, model=model, dimension=dimension))
        return self.made[-1]

    def passages(self, world: World, *, model: str = MODEL, dimension: int = DIMENSION) -> Passages:
        return QdrantPassages(
            world.pool, self.points(model=model, dimension=dimension), model=model, dimension=dimension
        )

    async def close(self) -> None:
        for points in self.made:
            if self.url != ":memory:":
                await behind(points).delete_collection(points.collection)
            await points.close()


def behind(points: TenantPoints) -> AsyncQdrantClient:
    """The client, which nothing but its owner can reach by a name that the language allows."""
    client: AsyncQdrantClient = points._TenantPoints__client  # type: ignore[attr-defined]
    return client


@asynccontextmanager
async def open_store(kind: str, folder: Path) -> AsyncIterator[Store]:
    if kind == SERVER and not os.environ.get("QDRANT_URL"):
        async with _server(folder) as url:
            yield Store(url)
        return
    store = Store(os.environ["QDRANT_URL"] if kind == SERVER else ":memory:")
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def _server(folder: Path) -> AsyncIterator[str]:
    """The binary on PATH, on a free port of this machine."""
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        http, grpc = one.getsockname()[1], other.getsockname()[1]
    environ = os.environ | {
        "QDRANT__SERVICE__HOST": "127.0.0.1",
        "QDRANT__SERVICE__HTTP_PORT": str(http),
        "QDRANT__SERVICE__GRPC_PORT": str(grpc),
        "QDRANT__STORAGE__STORAGE_PATH": str(folder / "qdrant"),
        "QDRANT__TELEMETRY_DISABLED": "true",
    }
    process = await asyncio.create_subprocess_exec("qdrant", env=environ, cwd=folder)
    url = f"http://127.0.0.1:{http}"
    try:
        async with asyncio.timeout(30), httpx.AsyncClient() as client:
            while True:
                try:
                    if (await client.get(f"{url}/readyz")).is_success:
                        break
                except httpx.HTTPError:
                    await asyncio.sleep(0.1)
        yield url
    finally:
        process.terminate()
        await process.wait()
