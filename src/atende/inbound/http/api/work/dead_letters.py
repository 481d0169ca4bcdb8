"""Jobs that failed for good, over HTTP."""

from datetime import datetime
from inspect import getdoc
from typing import Annotated

from dishka import FromDishka
from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import PathParameter

from atende.core.identity.permissions import Permission
from atende.core.kernel import TenantScope, Transaction
from atende.core.work.dead_letters import DiscardDeadLetter, ReplayDeadLetter
from atende.core.work.ports import DeadLetters
from atende.inbound.http.api.controller import ApiController
from atende.inbound.http.wire.pages import PageOut, PageRequest
from atende.inbound.http.wire.structs import Out

JobId = Annotated[int, PathParameter(ge=1, le=2**63 - 1)]


class DeadLetterOut(Out):
    id: int
    kind: str
    payload: dict[str, str]
    attempts: int
    error: str | None
    created_at: datetime
    finished_at: datetime


class ReplayedOut(Out):
    job_id: int


class DeadLettersController(ApiController):
    """Jobs that failed for good."""

    path = "/admin/dead-letters"
    tags = ("jobs",)

    @get(
        permission=Permission.JOBS_READ,
        summary="List dead letters",
        description="Background jobs that failed for good, the latest first, each with its last error. Their payload"
        " holds ids only.",
        response_description="One page of dead letters.",
    )
    async def list_dead_letters(
        self,
        read_scope: NamedDependency[TenantScope],
        dead_letters: FromDishka[DeadLetters],
        transaction: FromDishka[Transaction],
        page_request: NamedDependency[PageRequest],
    ) -> PageOut[DeadLetterOut]:
        async with transaction(read_scope):
            found = await dead_letters.page(read_scope, **page_request.arguments)
        return page_request.respond(found, DeadLetterOut.of)

    @post(
        "/{job_id:int}/replay",
        status_code=202,
        permission=Permission.JOBS_MANAGE,
        summary="Retry a dead letter",
        description=getdoc(ReplayDeadLetter),
        response_description="The id of the new job.",
    )
    async def replay_dead_letter(
        self, job_id: JobId, read_scope: NamedDependency[TenantScope], replay: FromDishka[ReplayDeadLetter]
    ) -> ReplayedOut:
        return ReplayedOut(job_id=await replay(read_scope, job_id))

    @delete(
        "/{job_id:int}",
        permission=Permission.JOBS_MANAGE,
        summary="Discard a dead letter",
        description=getdoc(DiscardDeadLetter),
        response_description="The dead letter is discarded.",
    )
    async def discard_dead_letter(
        self, job_id: JobId, read_scope: NamedDependency[TenantScope], discard: FromDishka[DiscardDeadLetter]
    ) -> None:
        await discard(read_scope, job_id)
