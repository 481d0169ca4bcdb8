"""Storing an uploaded file: what it is, how large it may be, and its bytes."""

import asyncio
import hashlib
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass
from uuid import UUID

from atende.core.kernel import Ids, Invalid, Owner
from atende.core.knowledge.filetypes import detect
from atende.core.knowledge.ports import Blobs, Stored
from atende.core.tenancy.plans import Allowance, PlanLimitReached
from atende.core.tenancy.ports import Entitlements

DOCUMENTS, UPLOAD_MB, STORAGE_GB = "max_documents", "max_upload_mb", "max_storage_gb"
_BEGINNING = 256 * 1024
"""Bytes that tell what a file is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadPolicy:
    """`largest_bytes`: larger files are refused, whatever the plan says."""

    largest_bytes: int = 25 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file in the blob store. `size` in bytes."""

    name: str
    file_type: str
    mime_type: str
    size: int
    sha256: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFile:
    """The content decides the type, whatever the ending of the name. Nothing is left of a file that is refused."""

    blobs: Blobs
    entitlements: Entitlements
    policy: UploadPolicy
    ids: Ids

    async def __call__(
        self,
        owner: Owner,
        document_id: UUID,
        *,
        filename: str,
        data: bytes | AsyncIterable[bytes],
        agent_id: UUID | None = None,
    ) -> StoredFile:
        """`data` in pieces is never in memory as a whole. Raises Invalid or PlanLimitReached."""
        name = filename.replace("\\", "/").rsplit("/", 1)[-1].strip()
        allowance = await self.entitlements.of(owner.organization_id)
        measured = _Measured(data, most=self.policy.largest_bytes, allowance=allowance)
        file_type, mime_type = detect(await measured.beginning(), name, is_whole=measured.is_read)
        key = f"{document_folder(owner, document_id)}/{self.ids.new()}"  # of each version its own
        agent = {"agent-id": str(agent_id)} if agent_id else {}
        labels = agent | {"organization-id": str(owner.organization_id), "document-id": str(document_id)}
        await self.blobs.put(key, measured.pieces(), content_type=mime_type, labels=labels)
        return StoredFile(
            name=name, file_type=file_type, mime_type=mime_type, size=measured.size, sha256=measured.sha256, key=key
        )

    async def require_room(self, owner: Owner, stored: Stored, file: StoredFile, *, new: bool) -> None:
        """`stored` without this file. Raises PlanLimitReached."""
        allowance = await self.entitlements.of(owner.organization_id)
        if new:
            allowance.require_room(DOCUMENTS, stored.documents)
        gigabytes = allowance.cap(STORAGE_GB)
        if gigabytes is not None and stored.bytes + file.size > gigabytes * 1024**3:
            detail = f"the plan {allowance.plan} allows {gigabytes:g} GB of files: delete some, or choose a larger plan"
            raise PlanLimitReached(detail, limit=STORAGE_GB, allowed=gigabytes, used=stored.bytes / 1024**3)


def blob_folder(owner: Owner) -> str:
    """Prefix of the keys of all blobs of a tenant."""
    return f"t/{owner.tenant_id}"


def document_folder(owner: Owner, document_id: UUID) -> str:
    return f"{blob_folder(owner)}/documents/{document_id}"


class _Measured:
    """Counts and hashes data while it is stored. Empty or too much data breaks the storing off, which then leaves nothing."""

    def __init__(self, data: bytes | AsyncIterable[bytes], *, most: int, allowance: Allowance) -> None:
        self._rest = aiter(_whole(data) if isinstance(data, bytes) else data)
        self._read: list[bytes] = []
        self._allowance, self._megabytes = allowance, allowance.cap(UPLOAD_MB)
        by_plan = most if self._megabytes is None else int(self._megabytes * 1024**2)
        self._most, self._is_of_plan = min(most, by_plan), by_plan < most
        self._hash = hashlib.sha256()
        self.size = 0
        self.is_read = False

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    async def beginning(self) -> bytes:
        """Enough of the data to tell what it is. `is_read` says whether that is all."""
        enough = min(_BEGINNING, self._most)
        while not self.is_read and sum(map(len, self._read)) <= enough:
            piece = await anext(self._rest, None)
            self.is_read = piece is None
            self._read += [] if piece is None else [piece]
        return b"".join(self._read)

    async def pieces(self) -> AsyncIterator[bytes]:
        """Raises Invalid."""
        async for piece in self._all():
            self.size += len(piece)
            if self.size > self._most:
                raise self._too_large()
            await asyncio.to_thread(self._hash.update, piece)
            yield piece
        if not self.size:
            raise Invalid("this file is empty")

    def _too_large(self) -> Exception:
        if not self._is_of_plan:
            return Invalid(f"this file has more than {self._most} bytes: send at most so many")
        detail = f"the plan {self._allowance.plan} allows files of {self._megabytes:g} MB: choose a larger plan for larger ones"
        return PlanLimitReached(detail, limit=UPLOAD_MB, allowed=self._megabytes)

    async def _all(self) -> AsyncIterator[bytes]:
        for piece in self._read:
            yield piece
        async for piece in self._rest:
            yield piece


async def _whole(data: bytes) -> AsyncIterator[bytes]:
    yield data
