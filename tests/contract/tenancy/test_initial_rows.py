"""Rows of a new installation: its own organization and project, to which work without a customer belongs."""

import pytest

from atende.core.kernel import PLATFORM, personal
from atende.core.knowledge.jobs import PROCESS_DOCUMENT
from atende.core.tenancy.model import SlugTaken
from atende.core.work.model import NewJob
from tests.world import World


async def test_the_installation_is_an_organization_with_one_project(world: World) -> None:
    async with world.begin(PLATFORM.scope) as at:
        assert (await at.organizations.get(PLATFORM.scope)).slug == "platform"
        project = await at.projects.get(PLATFORM.scope)
    assert (project.owner, project.is_default) == (PLATFORM, True)
    assert project.billing_account_id == PLATFORM.organization_id


async def test_a_job_of_a_person_has_a_place(world: World) -> None:
    scope = personal(world.ids.new())
    async with world.begin(scope) as at:
        await at.jobs.put(scope, NewJob(kind=PROCESS_DOCUMENT, payload={}))
    claims = await world.claim()
    assert [claim.scope for claim in claims] == [PLATFORM.scope]


async def test_the_name_of_the_installation_is_taken(world: World) -> None:
    with pytest.raises(SlugTaken):
        await world.found("platform")
