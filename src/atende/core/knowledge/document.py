"""Documents and their chunks."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from atende.core.kernel import NO_CREDITS, Credits, Invalid, InvalidState, Owner, TenantScope
from atende.core.knowledge.filetypes import FILE_TYPES

MAX_FILENAME = 500


class DocumentStatus(StrEnum):
    UPLOADED = "uploaded"
    PROCESSING = "processing"
    PROCESSED = "processed"
    FAILED = "failed"
    DELETED = "deleted"


class UnreadableDocument(Invalid):
    """This file cannot be read."""


class InfectedDocument(UnreadableDocument):
    """A virus was found in this file."""

    def __init__(self, virus: str) -> None:
        super().__init__(f"a virus was found in this file ({virus}): it was not read", virus=virus)


@dataclass(slots=True, kw_only=True)
class Document:
    """A file of the tenant. `version` counts its files; each time that one is read makes an edition of chunks.

    Searched is `live_edition` only, None before the first one; the next one takes its place once it is complete. `blob_key` and
    `live_key` are the files of both. Of `edition`, the newest, `cut` chunks were made, `embedded` of them are in the index, and
    embedding them has cost `spent`.

    `notes`: what its reader should know, such as pages without text. `hold_id`: the credits held while it is embedded, or None.
    """

    id: UUID
    owner: Owner
    filename: str
    file_type: str
    size: int
    sha256: str
    blob_key: str
    created_at: datetime
    live_key: str | None = None
    status: DocumentStatus = DocumentStatus.UPLOADED
    version: int = 1
    edition: int = 0
    live_edition: int | None = None
    cut: int = 0
    embedded: int = 0
    spent: Credits = NO_CREDITS
    chunk_count: int = 0
    language: str = "pt"
    error: str | None = None
    details: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    mime_type: str = ""
    agent_id: UUID | None = None
    processed_at: datetime | None = None
    hold_id: UUID | None = None

    def __post_init__(self) -> None:
        if not 0 < len(self.filename) <= MAX_FILENAME:
            raise Invalid(f"a file name must have 1 to {MAX_FILENAME} characters")
        if self.file_type not in FILE_TYPES:
            raise Invalid(f"files of type {self.file_type} are not supported: send one of {', '.join(FILE_TYPES)}")
        self.mime_type = self.mime_type or FILE_TYPES[self.file_type]

    @property
    def scope(self) -> TenantScope:
        return self.owner.scope

    @property
    def is_underway(self) -> bool:
        return self.status in {DocumentStatus.UPLOADED, DocumentStatus.PROCESSING}

    def replace(self, *, file_type: str, mime_type: str, size: int, sha256: str, blob_key: str) -> str | None:
        """A new version of the file, which has yet to be read. Returns the key of a file that is not needed any more."""
        replaced = self.blob_key if self.blob_key != self.live_key else None
        self.version += 1
        self.file_type, self.mime_type, self.size, self.sha256 = file_type, mime_type, size, sha256
        self.blob_key = blob_key
        self.queue()
        return replaced

    def is_making(self, edition: int) -> bool:
        """Whether this edition is the one that is being made; not if the file was replaced meanwhile."""
        return self.edition == edition and self.status is DocumentStatus.PROCESSING

    def queue(self) -> None:
        """To be read, again if it was. What is searchable stays so meanwhile."""
        self._require_kept()
        self.status, self.error = DocumentStatus.UPLOADED, None

    def process(self) -> None:
        """Begins an edition."""
        self._require_kept()
        self.status, self.error, self.notes = DocumentStatus.PROCESSING, None, ()
        self.edition, self.cut, self.embedded, self.spent = self.edition + 1, 0, 0, NO_CREDITS

    def was_read(self, *, cut: int, language: str, details: dict[str, Any], notes: tuple[str, ...] = ()) -> None:
        """`details` that the client gave are kept."""
        self.cut, self.language, self.notes = cut, language, notes
        self.details = details | self.details

    def was_embedded(self, chunks: int, cost: Credits) -> None:
        self.embedded, self.spent = self.embedded + chunks, Credits(self.spent + cost)

    def publish(self, at: datetime) -> str | None:
        """The edition is complete: it is what is searched from now on. Returns the key of a file that is not needed any more."""
        if self.status is not DocumentStatus.PROCESSING:
            raise InvalidState(f"a document in the status {self.status} cannot become processed")
        replaced = self.live_key if self.live_key != self.blob_key else None
        self.status, self.processed_at, self.error = DocumentStatus.PROCESSED, at, None
        self.live_edition, self.live_key, self.chunk_count = self.edition, self.blob_key, self.cut
        return replaced

    def fail(self, reason: str) -> None:
        """What was searchable before stays so."""
        if self.status is not DocumentStatus.DELETED:
            self.status, self.error = DocumentStatus.FAILED, reason[:500]

    def delete(self) -> None:
        self.status, self.live_edition = DocumentStatus.DELETED, None

    def _require_kept(self) -> None:
        if self.status is DocumentStatus.DELETED:
            raise InvalidState("a deleted document cannot be processed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A part of a document's text that is searched and cited as a unit. `page` counts from 1; None if there are no pages.

    The document's text from character `start_at` to `end_at` stands in `content` behind `carried` characters, which repeat the
    heading, the first row of the table or the first line of the list that it continues.
    """

    id: UUID
    document_id: UUID
    version: int
    index: int
    content: str
    tokens: int
    edition: int = 1
    page: int | None = None
    start_at: int = 0
    end_at: int = 0
    carried: int = 0
