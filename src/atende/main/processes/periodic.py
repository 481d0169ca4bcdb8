"""Periodic tasks of every worker. Several workers may run the same task at once without harm."""

import asyncio

import structlog
from dishka import AsyncContainer

from atende.core.audit.seal import SealRecords
from atende.core.conversation.usage import RollUpUsage
from atende.core.credits.admit import ExpireHolds
from atende.core.identity.accounts.delete_account import AnonymizeUsers
from atende.core.kernel import Clock
from atende.core.knowledge.ports import Passages
from atende.core.knowledge.purge_projects import PurgeProjects
from atende.core.tenancy.rotate_secrets import RotateSecrets
from atende.core.work.idempotency import KEPT, IdempotencyKeys
from atende.inbound.jobs.handler import called
from atende.inbound.jobs.loop import repeat
from atende.main.providers.rate_limits import forget_old_counts
from atende.main.settings import Settings

log = structlog.get_logger(__name__)

SECONDS, MINUTE, HOUR = 3.0, 60.0, 3_600.0


def periodic_tasks(container: AsyncContainer, settings: Settings) -> list["asyncio.Task[None]"]:
    """All of them, begun."""
    return [
        asyncio.create_task(repeat("expire-holds", called(container, ExpireHolds), every=MINUTE)),
        asyncio.create_task(repeat("roll-up-usage", called(container, RollUpUsage), every=SECONDS)),
        asyncio.create_task(repeat("anonymize", called(container, AnonymizeUsers), every=HOUR)),
        asyncio.create_task(repeat("purge-projects", called(container, PurgeProjects), every=HOUR)),
        asyncio.create_task(keep_sweeping(container)),
        asyncio.create_task(keep_sealing(container)),
        asyncio.create_task(forget_old_keys(container)),
        asyncio.create_task(keep_rotating(container)),
        asyncio.create_task(forget_old_counts(container, settings)),
    ]


async def keep_sealing(container: AsyncContainer, *, every: float = SECONDS) -> None:
    """Until cancelled."""
    await repeat("seal-audit", await container.get(SealRecords), every=every)


async def keep_sweeping(container: AsyncContainer, *, every: float = HOUR) -> None:
    """Until cancelled: what the store of vectors has of chunks that are gone is removed."""
    passages: Passages = await container.get(Passages)
    await repeat("sweep-vectors", passages.sweep, every=every)


async def forget_old_keys(container: AsyncContainer, *, every: float = HOUR) -> None:
    """Until cancelled: Idempotency-Keys stand for a day."""
    clock: Clock = await container.get(Clock)

    async def once() -> int:
        async with container() as unit:
            keys: IdempotencyKeys = await unit.get(IdempotencyKeys)
            return await keys.purge(clock.now() - KEPT)

    await repeat("forget-idempotency-keys", once, every=every)


async def keep_rotating(container: AsyncContainer, *, every: float = HOUR) -> None:
    """Until cancelled, and at once when it begins: what an older ENCRYPTION_KEY sealed is sealed with the newest."""
    while True:
        try:
            rotated = await (await container.get(RotateSecrets))()
            if rotated.resealed or rotated.unreadable:
                log.info("secrets.rotated", resealed=rotated.resealed, unreadable=list(rotated.unreadable[:10]))
        except Exception:
            log.exception("secrets.rotation_failed")
        await asyncio.sleep(every)
