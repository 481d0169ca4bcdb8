"""What each kind of job does: one use case, and what is done when it is given up."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import structlog
from dishka import AsyncContainer

from atende.core.conversation.answer_customer import AbandonTurn, AnswerCustomer
from atende.core.conversation.send_reply import ResolveSend, SettleFailedSend
from atende.core.identity.send_mail import SendMail
from atende.core.kernel import Transaction, Unavailable
from atende.core.knowledge.process_document import ProcessDocument
from atende.core.work.model import FAILED_SEND, MAIL, PROCESS_DOCUMENT, RESOLVE_SEND, TURN, Claim, Fenced, JobKind
from atende.core.work.ports import Jobs

log = structlog.get_logger(__name__)
GiveUp = Callable[[Claim, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Handler:
    """`give_up` ends a job whose attempts or time are used up: to the dead letters, with all that hangs on it."""

    kind: JobKind
    run: Callable[[Claim], Awaitable[None]]
    give_up: GiveUp


def make_handlers(container: AsyncContainer, *more: Handler) -> dict[str, Handler]:
    """Every kind of job by name, each run in a scope of its own. Whatever else fails, a job that is given up is buried."""

    async def turn(claim: Claim) -> None:
        async with container() as scope:
            await (await scope.get(AnswerCustomer))(claim)

    async def abandon_turn(claim: Claim, error: str) -> None:
        async with container() as scope:
            await (await scope.get(AbandonTurn))(claim, error)

    async def process_document(claim: Claim) -> None:
        async with container() as scope:
            await (await scope.get(ProcessDocument))(claim)

    async def fail_document(claim: Claim, error: str) -> None:
        async with container() as scope:
            await (await scope.get(ProcessDocument)).give_up(claim, error)

    async def resolve_send(claim: Claim) -> None:
        async with container() as scope:
            await (await scope.get(ResolveSend))(claim)

    async def leave_doubt(claim: Claim, error: str) -> None:
        async with container() as scope:
            await (await scope.get(ResolveSend)).give_up(claim, error)

    async def failed_send(claim: Claim) -> None:
        async with container() as scope:
            await (await scope.get(SettleFailedSend))(claim)

    async def send_mail(claim: Claim) -> None:
        async with container() as scope:
            await (await scope.get(SendMail))(claim)

    async def bury(claim: Claim, error: str) -> None:
        async with container() as scope:
            transaction, jobs = await scope.get(Transaction), await scope.get(Jobs)
            async with transaction(claim.scope):
                await jobs.bury(claim, error)

    return {
        handler.kind.name: replace(handler, give_up=_surely(handler.give_up, bury))
        for handler in (
            Handler(TURN, turn, abandon_turn),
            Handler(PROCESS_DOCUMENT, process_document, fail_document),
            Handler(RESOLVE_SEND, resolve_send, leave_doubt),
            Handler(FAILED_SEND, failed_send, bury),
            Handler(MAIL, send_mail, bury),
            *more,
        )
    }


def _surely(give_up: GiveUp, bury: GiveUp) -> GiveUp:
    """What hangs on a dead job may be what is broken: after its last attempt the job is buried without it, in plain sight."""

    async def end(claim: Claim, error: str) -> None:
        try:
            await give_up(claim, error)
        except (Fenced, Unavailable):
            raise
        except Exception:
            if claim.attempt <= claim.max_attempts:
                raise  # once more when its lease is over
            log.exception("job.buried_alone", job=claim.job_id, kind=claim.kind)
            await bury(claim, error)

    return end
