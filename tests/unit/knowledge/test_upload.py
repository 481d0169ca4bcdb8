"""Uploads in pieces: measured while they are stored, and never stored in part."""

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from atende.core.kernel import Invalid, NotFound, Owner, TenantScope
from atende.core.knowledge.document import Document
from atende.core.knowledge.ports import NO_LABELS, Stored
from atende.core.knowledge.store_file import StoreFile, UploadPolicy
from atende.core.knowledge.upload_document import UploadDocument
from atende.core.tenancy.plans import Allowance, PlanLimitReached
from atende.fakes.ports.blobs import FakeBlobs
from atende.outbound.system import SystemClock, Uuid7Ids

OWNER = Owner(UUID(int=1), UUID(int=2), "shop")
LIMIT = 1_000


class Blobs(FakeBlobs):
    def __init__(self) -> None:
        super().__init__()
        self.about: list[tuple[str, Mapping[str, str]]] = []

    async def put(
        self,
        key: str,
        data: Any,
        *,
        content_type: str = "application/octet-stream",
        labels: Mapping[str, str] = NO_LABELS,
    ) -> None:
        self.about.append((content_type, labels))
        await super().put(key, data, content_type=content_type, labels=labels)


class Rows:
    """Documents, agents, jobs, projects, and the audit log, as far as an upload needs them."""

    is_active = True

    def __init__(self) -> None:
        self.documents: list[Document] = []
        self.limits: dict[str, float] = {}
        self.stored = Stored(0, 0)

    async def add(self, *args: object) -> None:
        self.documents += [one for one in args if isinstance(one, Document)]

    async def put(self, *_: object) -> None: ...

    async def pick(self, *_: object) -> None: ...

    async def pinned(self, _: TenantScope) -> "Rows":
        return self

    def require_active(self) -> None: ...

    async def of(self, organization_id: UUID) -> Allowance:
        return Allowance(organization_id=organization_id, plan="free", limits=self.limits, features={})

    async def count(self, _: TenantScope) -> Stored:
        return self.stored


@asynccontextmanager
async def transaction(scope: TenantScope) -> AsyncIterator[None]:
    yield


def uploading() -> tuple[UploadDocument, Blobs, Rows]:
    blobs, rows = Blobs(), Rows()
    anything = cast("Any", rows)
    store = StoreFile(blobs=blobs, entitlements=anything, policy=UploadPolicy(largest_bytes=LIMIT), ids=Uuid7Ids())
    upload = UploadDocument(
        store=store,
        documents=anything,
        agents=anything,
        blobs=blobs,
        jobs=anything,
        projects=anything,
        audit=anything,
        transaction=transaction,
        clock=SystemClock(),
        ids=Uuid7Ids(),
    )
    return upload, blobs, rows


async def pieces(*given: bytes) -> AsyncIterator[bytes]:
    for piece in given:
        yield piece


@pytest.mark.parametrize("data", [b"x" * LIMIT, b"a"])
async def test_a_file_is_measured_while_it_is_stored(data: bytes) -> None:
    for given in (data, pieces(data[:1], data[1:])):
        upload, blobs, rows = uploading()
        agent = uuid4()
        document = await upload(OWNER, filename="C:\\docs\\a.md", data=given, agent_id=agent)
        assert (document.filename, document.size) == ("a.md", len(data))
        assert document.sha256 == hashlib.sha256(data).hexdigest()
        assert await blobs.get(document.blob_key) == data
        assert rows.documents == [document]
        ((content_type, labels),) = blobs.about
        assert content_type == "text/markdown"
        assert labels == {
            "organization-id": str(OWNER.organization_id),
            "document-id": str(document.id),
            "agent-id": str(agent),
        }
        assert document.created_at <= datetime.now(UTC)


@pytest.mark.parametrize("given", [(b"x" * (LIMIT + 1),), (b"x" * LIMIT, b"x"), (b"",), ()])
async def test_too_much_or_nothing_is_refused_and_not_stored(given: tuple[bytes, ...]) -> None:
    upload, blobs, rows = uploading()
    read: list[int] = []

    async def watched() -> AsyncIterator[bytes]:
        for piece in (*given, *[b"y" * LIMIT] * (5 if sum(map(len, given)) else 0)):
            read.append(len(piece))
            yield piece

    with pytest.raises(Invalid, match=r"more than 1000 bytes|is empty"):
        await upload(OWNER, filename="a.txt", data=watched())
    assert sum(read) <= 2 * LIMIT + 1, "reading ends where the limit is passed"
    assert rows.documents == []
    with pytest.raises(NotFound):
        await blobs.get("t/shop/documents/1")
    assert not blobs._blobs


@pytest.mark.parametrize(
    ("limits", "stored", "limit"),
    [
        ({"max_upload_mb": 0.0005}, Stored(0, 0), "max_upload_mb"),
        ({"max_documents": 3}, Stored(3, 0), "max_documents"),
        ({"max_storage_gb": 0.5}, Stored(1, 2**29 - 100), "max_storage_gb"),
    ],
)
async def test_the_plan_binds_and_says_which_limit_it_is(limits: dict[str, float], stored: Stored, limit: str) -> None:
    upload, blobs, rows = uploading()
    rows.limits, rows.stored = limits, stored
    with pytest.raises(PlanLimitReached) as refused:
        await upload(OWNER, filename="a.txt", data=b"x" * 600)
    assert refused.value.extras["limit"] == limit
    assert not blobs._blobs
    rows.limits = {}
    await upload(OWNER, filename="a.txt", data=b"x" * 600)
