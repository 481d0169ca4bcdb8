"""Every kind of job and what is done with it, feature by feature."""

from dataclasses import replace
from functools import partial

import structlog
from dishka import AsyncContainer

from atende.core.kernel import Transaction, Unavailable
from atende.core.work.model import Claim, Fenced
from atende.core.work.ports import Jobs
from atende.inbound.jobs import conversation, identity, knowledge
from atende.inbound.jobs.handler import GiveUp, Handler, called

log = structlog.get_logger(__name__)


def make_handlers(container: AsyncContainer, *more: Handler) -> dict[str, Handler]:
    """By name of the kind. Each step runs in a scope of its own, and a job that is given up is buried whatever else fails."""

    async def bury(claim: Claim, error: str) -> None:
        async with container() as scope:
            transaction, jobs = await scope.get(Transaction), await scope.get(Jobs)
            async with transaction(claim.scope):
                await jobs.bury(claim, error)

    call = partial(called, container)
    features = (conversation, knowledge, identity)
    known = [*(handler for feature in features for handler in feature.handlers(call, bury)), *more]
    return {one.kind.name: replace(one, give_up=_surely(one.give_up, bury)) for one in known}


def _surely(give_up: GiveUp, bury: GiveUp) -> GiveUp:
    """What depends on a dead job may be what is broken: after its last attempt the job is buried without it, in plain sight."""

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
