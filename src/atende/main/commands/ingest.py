"""`atende ingest`: documents are stored and processed."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from pathlib import Path
from uuid import UUID

from dishka import AsyncContainer

from atende.core.kernel import DomainError, Invalid, Owner, TenantScope, Transaction
from atende.core.knowledge.document import Document, DocumentStatus
from atende.core.knowledge.jobs import EMBED_DOCUMENT, PROCESS_DOCUMENT
from atende.core.knowledge.ports import Documents
from atende.core.knowledge.upload_document import UploadDocument
from atende.core.work.ports import JobQueue
from atende.inbound.jobs.handlers import make_handlers
from atende.inbound.jobs.worker import Worker, WorkerOptions
from atende.main.commands.first_tenant import project_of, remembered_tenant, seed_first
from atende.main.commands.installation import installation, say
from atende.main.providers.container import Pool
from atende.main.settings import Settings
from atende.outbound.postgres.transaction import scoped

NAME = "My company"


_PIECE = 1024 * 1024
_PAUSE = 0.1
"""Seconds between two looks at documents that are not read yet."""


async def ingest(settings: Settings, files: Sequence[Path], *, api_key: str | None) -> None:
    """Every file is taken and read. Raises Invalid that says which ones failed and why; the others are in."""
    async with installation(settings, new=True) as container:
        if api_key is None and remembered_tenant(settings) is None and settings.embedded:
            say(f"making a first tenant, {NAME}")
            await seed_first(container, settings, name=NAME, slug=None, language="pt")
        project = await project_of(container, settings, api_key)
        failed = await _taken(container, project.owner, files, project.language, told=partial(print, flush=True))
    if failed:
        raise Invalid("; ".join(failed))


async def take(container: AsyncContainer, owner: Owner, files: Sequence[Path], *, language: str) -> None:
    """Every file is taken and read for this owner. Raises Invalid that says which ones failed and why."""
    if failed := await _taken(container, owner, files, language, told=say):
        raise Invalid("; ".join(failed))


async def _taken(
    container: AsyncContainer, owner: Owner, files: Sequence[Path], language: str, *, told: Callable[[str], None]
) -> list[str]:
    """Those that failed, and why. `told` is given a line for each one that is read."""
    failed: list[str] = []
    waiting: dict[UUID, str] = {}
    for file in files:
        say(f"{file.name} ...")
        try:
            waiting[await _upload(container, owner, file, language)] = file.name
        except DomainError as error:
            failed.append(f"{file.name}: {error.detail}")
    async for document in _processed(container, owner.scope, list(waiting)):
        if document.status is DocumentStatus.PROCESSED:
            told(f"{document.filename}: {document.chunk_count} passages")
            for note in document.notes:
                say(f"  {note}")
        else:
            failed.append(f"{document.filename}: {document.error}")
    return failed


async def _upload(container: AsyncContainer, owner: Owner, file: Path, language: str) -> UUID:
    async with container() as scope:
        upload = await scope.get(UploadDocument)
        return (await upload(owner, filename=file.name, data=_pieces(file), language=language)).id


async def _pieces(file: Path) -> AsyncIterator[bytes]:
    opened = await asyncio.to_thread(file.open, "rb")
    try:
        while piece := await asyncio.to_thread(opened.read, _PIECE):
            yield piece
    finally:
        opened.close()


async def _processed(container: AsyncContainer, scope: TenantScope, waiting: list[UUID]) -> AsyncIterator[Document]:
    """Each document once it is read or has failed, whoever read it. Nothing but these documents is worked on here."""
    options = WorkerOptions(name=f"ingest:{os.getpid()}", slots=4)
    worker = Worker(await container.get(JobQueue), make_handlers(container), options)
    beating = asyncio.create_task(worker.beat())
    try:
        while waiting:
            await worker.take(only=await _jobs(container, scope, waiting))
            await asyncio.sleep(_PAUSE)
            documents = [await _document(container, scope, document_id) for document_id in waiting]
            _show(documents)
            for document in documents:
                if document.status in {DocumentStatus.PROCESSED, DocumentStatus.FAILED}:
                    waiting.remove(document.id)
                    yield document
    finally:
        beating.cancel()
        await worker.stop()


def _show(documents: Sequence[Document]) -> None:
    """How far it is, in one line that is written over and over; nothing where nobody looks."""
    if sys.stderr.isatty():
        cut = sum(document.cut for document in documents)
        done = sum(document.embedded for document in documents)
        waiting = sum(not document.cut for document in documents)
        bar = "#" * (20 * done // cut if cut else 0)
        print(
            f"\r  [{bar:<20}] {done} of {cut} passages, {waiting} files to read ", end="", file=sys.stderr, flush=True
        )


async def _jobs(container: AsyncContainer, scope: TenantScope, documents: Sequence[UUID]) -> list[int]:
    wanted = "SELECT id FROM job WHERE tenant_id = $1 AND kind = ANY ($2) AND payload->>'document_id' = ANY ($3)"
    async with scoped(await container.get(Pool), scope) as connection:
        ids, kinds = [str(document_id) for document_id in documents], [PROCESS_DOCUMENT.name, EMBED_DOCUMENT.name]
        return [row["id"] for row in await connection.fetch(wanted, scope.tenant_id, kinds, ids)]


async def _document(container: AsyncContainer, scope: TenantScope, document_id: UUID) -> Document:
    async with container() as unit:
        documents, transaction = await unit.get(Documents), await unit.get(Transaction)
        async with transaction(scope):
            found: Document = await documents.get(scope, document_id)
    return found
