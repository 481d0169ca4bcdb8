"""Jobs to be put and claimed in tests."""

from datetime import timedelta

from atende.core.knowledge.jobs import PROCESS_DOCUMENT
from atende.core.work.model import Claim, NewJob
from tests.world import Tenant, World

LATER = timedelta(seconds=60)


def new_job(name: str = "a", **more: object) -> NewJob:
    return NewJob(kind=PROCESS_DOCUMENT, payload={"name": name}, **more)  # type: ignore[arg-type]


async def put(world: World, tenant: Tenant, *jobs: NewJob) -> None:
    async with world.begin(tenant.scope) as at:
        for job in jobs:
            await at.jobs.put(tenant.scope, job)


def names(claims: list[Claim]) -> list[str]:
    return [claim.payload["name"] for claim in claims]
