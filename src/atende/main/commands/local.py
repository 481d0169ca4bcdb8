"""`atende seed`, `ingest` and `ask`: the first steps with an installation, without its web server."""

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from dishka import AsyncContainer

from atende.core.credits.ports import Ledgers
from atende.core.identity.keys.issue_api_key import Authenticate
from atende.core.kernel import DomainError, Invalid, NotFound, TenantScope, Transaction, in_credits
from atende.core.knowledge.ask_documents import AskDocuments
from atende.core.knowledge.compose_answer import Ask
from atende.core.knowledge.model import Answer, Document, DocumentStatus
from atende.core.knowledge.ports import Documents
from atende.core.knowledge.process_document import PROCESS_DOCUMENT
from atende.core.knowledge.upload_document import UploadDocument
from atende.core.language.detect import guess_language
from atende.core.language.text import fold
from atende.core.tenancy.model import Project
from atende.core.tenancy.ports import Projects
from atende.core.work.ports import JobQueue
from atende.inbound.jobs.handlers import make_handlers
from atende.inbound.jobs.worker import Worker, WorkerOptions
from atende.main.commands.serve import logins
from atende.main.commands.tools import installation, number, say
from atende.main.first_people import first_operator
from atende.main.providers.container import Pool
from atende.main.seeding import Tenant, seed_tenant
from atende.main.settings import Settings
from atende.outbound.postgres.embedded.home import write_private
from atende.outbound.postgres.transaction import scoped

NAME = "My company"
_NOBODY = "there is no tenant yet: make one with atende seed or atende ingest, or name one with ATENDE_API_KEY"
_PAUSE = 0.1
"""Seconds between two looks at documents that are not read yet."""


class _Known(msgspec.Struct):
    """The keys of a tenant that was made here before."""

    organization_id: UUID
    project_id: UUID
    tenant_id: str


async def seed(settings: Settings, *, name: str, slug: str | None, language: str, as_json: bool) -> None:
    """A tenant with a WhatsApp and an SMS number, credits and an API key; the first one is what `serve` goes on with."""
    async with installation(settings, new=True) as container:
        made = await _seeded(container, settings, name=name, slug=slug, language=language)
    shown = {
        "name": made.name,
        "apiKey": made.api_key,
        "operator": asdict(made.operator) if made.operator else None,
        "login": asdict(made.login) if made.login else None,
        "organizationId": made.organization_id,
        "projectId": made.project_id,
        "tenantId": made.tenant_id,
        "channelAccounts": [asdict(one) for one in made.channels],
    }
    print(json.dumps(shown, ensure_ascii=False) if as_json else _as_text(made, _file(settings)))


async def ingest(settings: Settings, files: Sequence[Path], *, api_key: str | None) -> None:
    """Every file is taken and read. Raises Invalid that says which ones failed and why; the others are in."""
    failed: list[str] = []
    async with installation(settings, new=True) as container:
        if api_key is None and _remembered(settings) is None and settings.embedded:
            say(f"making a first tenant, {NAME}")
            await _seeded(container, settings, name=NAME, slug=None, language="pt")
        project = await _project(container, settings, api_key)
        waiting: dict[UUID, str] = {}
        for file in files:
            say(f"{file.name} ...")
            try:
                waiting[await _upload(container, project, file)] = file.name
            except DomainError as error:
                failed.append(f"{file.name}: {error.detail}")
        async for document in _read(container, project.owner.scope, list(waiting)):
            if document.status is DocumentStatus.PROCESSED:
                print(f"{document.filename}: {document.chunk_count} passages", flush=True)
            else:
                failed.append(f"{document.filename}: {document.error}")
    if failed:
        raise Invalid("; ".join(failed))


async def ask(settings: Settings, question: str, *, as_json: bool, api_key: str | None) -> None:
    """The answer with its checked citations, what it cost, and the balance."""
    if api_key is None and _remembered(settings) is None:
        raise NotFound(_NOBODY)  # before anything is made
    async with installation(settings) as container:
        project = await _project(container, settings, api_key)
        owner = project.owner
        async with container() as scope:
            language = guess_language(question, project.language)
            asked = Ask(owner=owner, text=question, language=language, min_score=settings.turn_min_score)
            answer = await (await scope.get(AskDocuments))(asked)
            ledgers, transaction = await scope.get(Ledgers), await scope.get(Transaction)
            async with transaction(owner.scope):
                balance = await ledgers.balance(owner.organization_id)
    shown = _shown(answer) | {"balance": number(in_credits(balance.available))}
    print(json.dumps(shown, ensure_ascii=False) if as_json else _told(shown))


async def _seeded(
    container: AsyncContainer, settings: Settings, *, name: str, slug: str | None, language: str
) -> Tenant:
    slug = slug or re.sub("[^a-z0-9]+", "-", fold(name)).strip("-")[:63]
    made = await seed_tenant(container, name=name, slug=slug, agent=name, language=language)
    made = replace(made, operator=await first_operator(container))
    file = _file(settings)
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        # On a shared server only the keys are remembered: its secrets do not belong on this machine.
        kept: Any = made if settings.embedded else msgspec.convert(asdict(made), _Known)
        write_private(file, msgspec.json.encode(kept).decode())
    return made


def _file(settings: Settings) -> Path:
    return settings.data_dir / ("first-tenant.json" if settings.embedded else "seeded-tenant.json")


def _remembered(settings: Settings) -> _Known | None:
    try:
        return msgspec.json.decode(_file(settings).read_bytes(), type=_Known)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise Invalid(f"{_file(settings)} is damaged: put it back from a backup, or set ATENDE_API_KEY") from error


async def _project(container: AsyncContainer, settings: Settings, api_key: str | None) -> Project:
    """Of whoever the key is, else of the tenant that was made first. Raises NotFound, Unauthenticated."""
    async with container() as scope:
        projects, transaction = await scope.get(Projects), await scope.get(Transaction)
        if api_key is not None:
            principal = await (await scope.get(Authenticate))(api_key)
            whole, project_id = TenantScope(principal.organization_id), principal.project_id
        elif known := _remembered(settings):
            whole, project_id = TenantScope(known.organization_id), known.project_id
        else:
            raise NotFound(_NOBODY)
        async with transaction(whole):
            try:
                found: Project = await projects.get(whole, project_id)
            except NotFound as error:
                message = f"the tenant remembered in {settings.data_dir} is not in this database: set ATENDE_API_KEY"
                raise NotFound(message) from error
    return found


async def _upload(container: AsyncContainer, project: Project, file: Path) -> UUID:
    async with container() as scope:
        upload = await scope.get(UploadDocument)
        data = await asyncio.to_thread(file.read_bytes)
        return (await upload(project.owner, filename=file.name, data=data, language=project.language)).id


async def _read(container: AsyncContainer, scope: TenantScope, waiting: list[UUID]) -> AsyncIterator[Document]:
    """Each document once it is read or has failed, whoever read it. Nothing but these documents is worked on here."""
    jobs = await _jobs(container, scope, waiting)
    options = WorkerOptions(name=f"ingest:{os.getpid()}", slots=4)
    worker = Worker(await container.get(JobQueue), make_handlers(container), options)
    beating = asyncio.create_task(worker.beat())
    try:
        while waiting:
            await worker.take(only=jobs)
            await asyncio.sleep(_PAUSE)
            for document in [await _document(container, scope, document_id) for document_id in waiting]:
                if document.status in {DocumentStatus.PROCESSED, DocumentStatus.FAILED}:
                    waiting.remove(document.id)
                    yield document
    finally:
        beating.cancel()
        await worker.stop()


async def _jobs(container: AsyncContainer, scope: TenantScope, documents: Sequence[UUID]) -> list[int]:
    wanted = "SELECT id FROM job WHERE tenant_id = $1 AND kind = $2 AND payload->>'document_id' = ANY ($3)"
    async with scoped(await container.get(Pool), scope) as connection:
        ids = [str(document_id) for document_id in documents]
        return [row["id"] for row in await connection.fetch(wanted, scope.tenant_id, PROCESS_DOCUMENT.name, ids)]


async def _document(container: AsyncContainer, scope: TenantScope, document_id: UUID) -> Document:
    async with container() as unit:
        documents, transaction = await unit.get(Documents), await unit.get(Transaction)
        async with transaction(scope):
            found: Document = await documents.get(scope, document_id)
    return found


def _shown(answer: Answer) -> dict[str, Any]:
    """In the words of the HTTP API."""
    quoted = [citation for sentence in answer.sentences for citation in sentence.citations]
    return {
        "queryId": str(answer.id),
        "question": answer.question,
        "answer": answer.text,
        "outcome": answer.outcome.value,
        "citations": [
            {
                "documentId": str(citation.document_id),
                "documentName": citation.document_name,
                "page": citation.page,
                "start": citation.start,
                "end": citation.end,
                "quote": citation.quote,
            }
            for citation in quoted
        ],
        "model": answer.model,
        "processingTimeMs": answer.processing_ms,
        "cost": number(in_credits(answer.cost)),
    }


def _told(shown: dict[str, Any]) -> str:
    lines = ["", f"  {shown['answer']}", ""]
    for citation in shown["citations"]:
        page = f", page {citation['page']}" if citation["page"] else ""
        quote = " ".join(citation["quote"].split())
        lines.append(f'  {citation["documentName"]}{page}: "{quote}"')
    paid = f"cost in credits {shown['cost']}, balance {shown['balance']}, {shown['processingTimeMs']} ms"
    return "\n".join([*lines, *([""] if shown["citations"] else []), f"  {paid}", ""])


def _as_text(made: Tenant, file: Path) -> str:
    lines = [f"  {made.name}: tenant {made.tenant_id}, project {made.project_id}", f"  API key   {made.api_key}"]
    lines += logins(made.login, made.operator)
    lines += [f"  {one.kind:9} {one.external_id} ({one.address})" for one in made.channels]
    return "\n".join(
        [*lines, f"  The first tenant is remembered in {file}; of another one, ATENDE_API_KEY tells ask and ingest."]
    )
