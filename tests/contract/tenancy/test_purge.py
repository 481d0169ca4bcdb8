"""What was deleted thirty days ago is removed, and nothing else is."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from atende.core.identity.model import Invitation, Membership, User
from atende.core.identity.permissions import Role
from atende.core.kernel import Conflict, NotFound, personal
from atende.core.knowledge.model import Agent
from atende.core.knowledge.ports import Blobs
from atende.core.knowledge.purge_projects import PurgeProjects
from atende.core.knowledge.store_file import document_folder
from atende.core.tenancy.model import UNDO, Feature, MemberSettings, ProjectStatus
from atende.fakes.ports.blobs import FakeBlobs
from atende.outbound.postgres.embedded.launcher import Urls
from atende.outbound.postgres.tenancy.purge import PostgresPurge
from tests.integration.row_level_security.rows import SHOP, fill, owners
from tests.world import Tenant, World, WorldClock
from tests.world.jobs import new_job, put

LONG = UNDO + timedelta(days=1)
KEPT = {
    "project": "without content: records name it",
    "credit_hold": "accounts are kept",
    "credit_entry": "accounts are kept",
    "audit_log": "records are kept",
    "usage_change": "what was used stays used; figures tell nobody anything else",
    "usage_storage": "as usage_change",
}
CONTENT = ("message", "conversation", "contact", "channel_account", "agent", "job", "feature", "inbox")


async def _live_in(world: World, tenant: Tenant) -> None:
    """Customers write, a job waits, an agent and a feature are there."""
    for number in range(12):
        await world.conversation(tenant, address=f"+55119000000{number:02}")
    await put(world, tenant, *(new_job(str(number)) for number in range(9)))
    async with world.begin(tenant.scope) as at:
        await at.agents.add(Agent(id=world.ids.new(), owner=tenant.owner, name="Ana", created_at=world.now()))
        await at.features.put(Feature(owner=tenant.owner, key="voice", enabled=True, updated_at=world.now()))


async def _delete(world: World, tenant: Tenant) -> None:
    async with world.begin(tenant.scope) as at:
        project = await at.projects.get(tenant.scope, lock=True)
        project.description, project.configuration = "Rua Augusta", {"secret": "plan"}
        project.delete(world.now())
        await at.projects.save(project)


async def _close(world: World, tenant: Tenant) -> None:
    async with world.begin(tenant.whole) as at:
        organization = await at.organizations.get(tenant.whole, lock=True)
        organization.custom_limits = {"max_projects": 3}
        organization.delete(world.now(), confirm=organization.slug)
        await at.organizations.save(organization)


async def _join(world: World, tenant: Tenant) -> UUID:
    now, user_id = world.now(), world.ids.new()
    async with world.begin(personal(user_id)) as at:
        await at.users.add(User(id=user_id, email="ana@shop.example", created_at=now, updated_at=now))
    async with world.begin(replace(tenant.whole, user_id=user_id)) as at:
        place = {"organization_id": tenant.owner.organization_id, "role": Role.OWNER}
        await at.memberships.add(Membership(user_id=user_id, created_at=now, updated_at=now, **place))  # type: ignore[arg-type]
        await at.invitations.add(
            Invitation(
                id=world.ids.new(),
                email="bia@customer.example",
                invited_by=user_id,
                created_at=now,
                expires_at=now + timedelta(days=7),
                **place,  # type: ignore[arg-type]
            )
        )
    return user_id


async def test_a_project_is_removed_thirty_days_after_it_was_deleted(
    world: World, shop: Tenant, branch: Tenant
) -> None:
    await _live_in(world, branch)
    await _live_in(world, shop)
    both = {table: await world.count(table) for table in CONTENT}
    await _delete(world, branch)
    await world.advance(UNDO - timedelta(minutes=1))
    assert await world.purge.projects_due(world.now() - UNDO, 9) == []
    with pytest.raises(Conflict):
        await world.purge.project(branch.owner)
    assert {table: await world.count(table) for table in CONTENT} == both
    await world.advance(timedelta(minutes=2))
    assert await world.purge.projects_due(world.now() - UNDO, 9) == [branch.owner]
    await world.purge.project(branch.owner)
    assert await world.purge.projects_due(world.now() - UNDO, 9) == []
    await world.purge.project(branch.owner)
    assert {table: 2 * await world.count(table) for table in CONTENT} == both, "half of each was the other's"
    async with world.begin(branch.scope) as at:
        left = await at.projects.get(branch.scope, deleted=True)
        assert (left.name, left.description, left.configuration) == ("deleted", "", {})
        assert (left.id, left.tenant_id, left.status) == (branch.project.id, "branch", ProjectStatus.DELETED)
    async with world.begin(shop.scope) as at:
        assert (await at.conversations.page(shop.scope, page=1, limit=1)).total == 12
        assert (await at.organizations.get(shop.scope)).name == "shop"


async def test_a_live_project_is_never_removed(world: World, shop: Tenant) -> None:
    await _live_in(world, shop)
    await world.advance(LONG)
    before = {table: await world.count(table) for table in CONTENT}
    assert await world.purge.projects_due(world.now(), 9) == []
    with pytest.raises(Conflict):
        await world.purge.project(shop.owner)
    assert {table: await world.count(table) for table in CONTENT} == before


async def test_an_organization_goes_with_its_projects(
    world: World, shop: Tenant, branch: Tenant, stranger: Tenant
) -> None:
    for tenant in (shop, branch, stranger):
        await _live_in(world, tenant)
    user_id = await _join(world, shop)
    await _delete(world, branch)
    await world.advance(timedelta(days=1))
    await _close(world, shop)
    await world.advance(UNDO - timedelta(hours=1))
    assert await world.purge.projects_due(world.now() - UNDO, 9) == [branch.owner]
    await world.purge.project(branch.owner)
    async with world.begin(shop.whole) as at:
        assert await at.memberships.count(shop.whole) == 1, "the organization itself can still be had back"
    await world.advance(timedelta(hours=2))
    assert await world.purge.projects_due(world.now() - UNDO, 9) == [shop.owner]
    await world.purge.project(shop.owner)
    async with world.begin(shop.whole) as at:
        left = await at.organizations.get(shop.whole, deleted=True)
        assert (left.name, left.slug, left.custom_limits, left.settings) == ("deleted", "shop", {}, MemberSettings())
        assert await at.memberships.count(shop.whole) == 0
        assert (await at.invitations.page(shop.whole, page=1, limit=9)).data == []
    async with world.begin(personal(user_id)) as at:
        assert (await at.users.get(personal(user_id), user_id)).email == "ana@shop.example", "people stay"
    async with world.begin(stranger.scope) as at:
        assert (await at.conversations.page(stranger.scope, page=1, limit=1)).total == 12
    assert await world.count("feature") == 1


async def test_the_longest_deleted_are_due_first(world: World, shop: Tenant) -> None:
    branches = [await world.branch(shop, f"branch-{number}") for number in range(3)]
    for tenant in reversed(branches):
        await _delete(world, tenant)
        await world.advance(timedelta(minutes=1))
    await world.advance(LONG)
    due = await world.purge.projects_due(world.now() - UNDO, 2)
    assert due == [branches[2].owner, branches[1].owner]


class _Broken(FakeBlobs):
    """Refuses one folder."""

    async def delete_folder(self, folder: str) -> None:
        if folder == "t/broken":
            raise OSError("the disk is broken")
        await super().delete_folder(folder)


async def _purge(world: World, blobs: Blobs) -> int:
    async with world.unit() as unit:
        purge = PurgeProjects(
            purge=world.purge,
            blobs=blobs,
            audit=unit.audit,
            transaction=unit.transaction,
            clock=WorldClock(world),
        )
        return await purge()


async def test_files_go_with_the_project_and_a_record_stays(world: World, shop: Tenant, branch: Tenant) -> None:
    broken, blobs = await world.branch(shop, "broken"), _Broken()
    keys = dict[str, str]()
    for tenant in (shop, branch, broken):
        keys[tenant.owner.tenant_id] = f"{document_folder(tenant.owner, world.ids.new())}/1"
        await blobs.put(keys[tenant.owner.tenant_id], b"content")
    await _delete(world, broken)
    await _delete(world, branch)
    await world.advance(LONG)
    with pytest.raises(ExceptionGroup, match="1 projects were purged, 1 failed"):
        await _purge(world, blobs)
    with pytest.raises(NotFound):
        await blobs.get(keys["branch"])
    assert await blobs.get(keys["shop"]) == b"content"
    async with world.begin(branch.scope) as at:
        assert (await at.projects.get(branch.scope, deleted=True)).name == "deleted"
    async with world.begin(broken.scope) as at:
        assert (await at.projects.get(broken.scope, deleted=True)).name == "broken", (
            "as long as there are files, it is due"
        )
    assert await world.count("audit_log") == 1
    mended = FakeBlobs()
    assert await _purge(world, mended) == 1
    assert await _purge(world, mended) == 0


async def test_every_table_of_tenants_is_emptied(database: Urls) -> None:
    """Rows are made from the catalogue: a new table that the purge forgets is found here on the day it is made."""
    admin, app = await asyncpg.connect(database.admin), await asyncpg.connect(database.app)
    try:
        await fill(admin)
        named = "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'"
        tables = [
            row[0]
            for row in await admin.fetch(f"{named} WHERE c.relkind = 'r' AND relnamespace = 'public'::regnamespace")
        ]
        assert len(tables) > 15
        before = {table: await owners(admin, table) for table in tables}
        ours = (SHOP.organization_id, "shop")
        assert all(ours in found for found in before.values())
        await admin.execute(
            "UPDATE project SET status = 'deleted', deleted_at = now() - interval '31 days' WHERE tenant_id = 'shop'"
        )
        project_id = await admin.fetchval("SELECT id FROM project WHERE tenant_id = 'shop'")
        while not await app.fetchval("SELECT purge_project($1, 3)", project_id):
            pass
        after = {table: await owners(admin, table) for table in tables}
        assert {table for table, found in after.items() if ours in found} == KEPT.keys() & set(tables)
        assert {table: found | {ours} for table, found in after.items()} == before, "nothing of anybody else is gone"
    finally:
        await admin.close()
        await app.close()


async def test_one_transaction_removes_no_more_than_it_should(world: World) -> None:
    shop = await world.found("shop")
    branch = await world.branch(shop, "branch")
    await _live_in(world, branch)
    await _delete(world, branch)
    await world.advance(LONG)
    tables = ("message", "conversation", "contact", "job")
    counted = sum([await world.count(table) for table in tables])
    assert not await world.pool.fetchval("SELECT purge_project($1, 5)", branch.project.id)
    assert sum([await world.count(table) for table in tables]) >= counted - 5
    await PostgresPurge(world.pool, batch=5).project(branch.owner)
    assert await world.count("job") == 0


async def test_the_installation_itself_is_never_removed(world: World) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await world.admin.execute(
            "UPDATE project SET status = 'deleted', deleted_at = now() WHERE tenant_id = 'platform'"
        )
