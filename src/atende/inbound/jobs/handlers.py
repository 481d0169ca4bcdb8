"""What each kind of job does: one use case, and what is done when it is given up."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import structlog
from dishka import AsyncContainer

from atende.core.conversation.turn.answer_customer import AbandonTurn, AnswerCustomer
from atende.core.conversation.turn.send_reply import ResolveSend, SettleFailedSend
from atende.core.identity.mail.send_mail import SendMail
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


def called(
    container: AsyncContainer,
    use_case: type[Callable[..., Awaitable[Any]]],
    step: Callable[..., Awaitable[Any]] | None = None,
) -> Callable[..., Awaitable[Any]]:
    """The use case, or a step of it, each time in a scope of its own."""

    async def call(*given: Any) -> Any:
        async with container() as scope:
            made = await scope.get(use_case)
            return await (made(*given) if step is None else step(made, *given))

    return call


def make_handlers(container: AsyncContainer, *more: Handler) -> dict[str, Handler]:
    """Every kind of job by name, each run in a scope of its own. Whatever else fails, a job that is given up is buried."""

    async def bury(claim: Claim, error: str) -> None:
        async with container() as scope:
            transaction, jobs = await scope.get(Transaction), await scope.get(Jobs)
            async with transaction(claim.scope):
                await jobs.bury(claim, error)

    return {
        handler.kind.name: replace(handler, give_up=_surely(handler.give_up, bury))
        for handler in (
            Handler(TURN, called(container, AnswerCustomer), called(container, AbandonTurn)),
            Handler(
                PROCESS_DOCUMENT,
                called(container, ProcessDocument),
                called(container, ProcessDocument, ProcessDocument.give_up),
            ),
            Handler(RESOLVE_SEND, called(container, ResolveSend), called(container, ResolveSend, ResolveSend.give_up)),
            Handler(FAILED_SEND, called(container, SettleFailedSend), bury),
            Handler(MAIL, called(container, SendMail), bury),
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
