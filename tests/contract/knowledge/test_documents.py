"""Documents with their chunks, agents and model calls as they are stored."""

from dataclasses import replace
from datetime import timedelta

import pytest

from atende.core.kernel import Conflict, Credits, NotFound
from atende.core.knowledge.document import Chunk, Document, DocumentStatus
from atende.core.knowledge.model import Agent, ModelCall, Usage
from atende.core.knowledge.ports import Stored
from tests.world import Tenant, World


def make_document(world: World, tenant: Tenant, name: str = "frete.md", **more: object) -> Document:
    document_id = world.ids.new()
    return Document(
        id=document_id,
        owner=tenant.owner,
        filename=name,
        file_type="md",
        size=120,
        sha256="0" * 64,
        blob_key=f"t/{tenant.owner.tenant_id}/documents/{document_id}",
        created_at=world.now(),
        **more,  # type: ignore[arg-type]
    )


def make_chunks(world: World, document: Document, *texts: str) -> list[Chunk]:
    return [
        Chunk(
            id=world.ids.new(),
            document_id=document.id,
            version=document.version,
            edition=max(document.edition, 1),
            index=index,
            content=text,
            tokens=len(text) // 4 + 1,
            page=index + 1,
        )
        for index, text in enumerate(texts)
    ]


async def _add(world: World, tenant: Tenant, *documents: Document) -> None:
    async with world.begin(tenant.scope) as at:
        for document in documents:
            await at.documents.add(document)


async def _stored(world: World, tenant: Tenant, document: Document) -> Document:
    async with world.begin(tenant.scope) as at:
        return await at.documents.get(tenant.scope, document.id)


async def test_what_was_saved_is_read_back_whole(world: World, shop: Tenant) -> None:
    document = make_document(world, shop, details={"title": "Frete", "pages": 3})
    await _add(world, shop, document)
    assert await _stored(world, shop, document) == document
    document.process()
    document.was_read(cut=2, language="es", details={"author": "Ana"})
    document.publish(world.now())
    async with world.begin(shop.scope) as at:
        await at.documents.save(document, make_chunks(world, document, "um", "dois"))
    assert await _stored(world, shop, document) == document
    document.fail("it could not be read")
    async with world.begin(shop.scope) as at:
        await at.documents.save(document)
    assert await _stored(world, shop, document) == document
    assert await world.count("chunk") == 2


async def test_an_edition_takes_the_place_of_unfinished_ones_and_then_of_the_live_one(
    world: World, shop: Tenant
) -> None:
    document = make_document(world, shop)
    await _add(world, shop, document)
    for texts in (("um", "dois", "três"), ("um",)):
        document.process()
        async with world.begin(shop.scope) as at:
            await at.documents.save(document, make_chunks(world, document, *texts))
        assert await world.count("chunk") == len(texts)
    document.was_read(cut=1, language="pt", details={})
    document.publish(world.now())
    document.process()
    async with world.begin(shop.scope) as at:
        await at.documents.save(document, make_chunks(world, document, "novo", "texto"))
    assert await world.count("chunk") == 3, "the live edition stays"
    document.was_read(cut=2, language="pt", details={})
    document.publish(world.now())
    async with world.begin(shop.scope) as at:
        await at.documents.save(document)
        await at.documents.prune(document)
        found = await at.documents.chunk_page(shop.scope, document.id, page=1, limit=1)
        rest = await at.documents.chunk_page(shop.scope, document.id, page=1, limit=1, after=found.next)
    assert await world.count("chunk") == 2
    assert [chunk.content for page in (found, rest) for chunk in page.data] == ["novo", "texto"]
    assert (found.total, rest.next) == (2, None)


async def test_what_is_stored_is_counted_over_all_projects(
    world: World, shop: Tenant, branch: Tenant, stranger: Tenant
) -> None:
    for tenant in (shop, shop, branch, stranger):
        await _add(world, tenant, make_document(world, tenant))
    gone = make_document(world, shop)
    await _add(world, shop, gone)
    gone.delete()
    async with world.begin(shop.scope) as at:
        await at.documents.save(gone)
        assert await at.documents.count(shop.scope) == Stored(3, 360)
        assert (await at.documents.deleted(shop.scope, gone.id)).id == gone.id


async def test_a_chunk_belongs_to_a_document_of_its_tenant(
    world: World, shop: Tenant, branch: Tenant, stranger: Tenant
) -> None:
    ours = make_document(world, shop)
    await _add(world, shop, ours)
    for other in (branch, stranger):
        theirs = make_document(world, other)
        await _add(world, other, theirs)
        with pytest.raises(Conflict):
            async with world.begin(shop.scope) as at:
                await at.documents.save(ours, make_chunks(world, theirs, "sly"))
    assert await world.count("chunk") == 0


async def test_pages_are_newest_first_filtered_and_without_the_deleted(world: World, shop: Tenant) -> None:
    made = [make_document(world, shop, f"{number}.md") for number in range(4)]
    for number, document in enumerate(made):
        document.created_at = world.now() + timedelta(seconds=number)
    made[1].fail("broken")
    made[2].delete()
    await _add(world, shop, *made)
    async with world.begin(shop.scope) as at:
        first = await at.documents.page(shop.scope, page=1, limit=2)
        last = await at.documents.page(shop.scope, page=2, limit=2)
        failed = await at.documents.page(shop.scope, page=1, limit=9, status=DocumentStatus.FAILED)
        with pytest.raises(NotFound):
            await at.documents.get(shop.scope, made[2].id)
    assert [d.filename for d in first.data] == ["3.md", "1.md"]
    assert [d.filename for d in last.data] == ["0.md"]
    assert first.total == 3
    assert [d.filename for d in failed.data] == ["1.md"]


async def test_another_tenant_sees_and_changes_nothing(
    world: World, shop: Tenant, branch: Tenant, stranger: Tenant
) -> None:
    document = make_document(world, shop)
    await _add(world, shop, document)
    before = await _stored(world, shop, document)
    document.fail("by a stranger")
    for scope in (branch.scope, stranger.scope, stranger.whole):
        async with world.begin(scope) as at:
            for asked in (scope, shop.scope):
                assert (await at.documents.page(asked, page=1, limit=10)).total == 0
                with pytest.raises(NotFound):
                    await at.documents.get(asked, document.id)
            await at.documents.save(document)
        with pytest.raises(Exception, match=r"row-level security|another tenant"):
            async with world.begin(scope) as at:
                await at.documents.save(document, make_chunks(world, document, "sly"))
    assert await _stored(world, shop, document) == before
    async with world.begin(shop.whole) as at:
        assert (await at.documents.page(shop.whole, page=1, limit=10)).data == [before]
    with pytest.raises(Exception, match=r"row-level security|another tenant"):
        await _add(world, stranger, make_document(world, shop))


async def test_a_unit_of_work_sees_what_others_committed_since(world: World, shop: Tenant) -> None:
    document = make_document(world, shop)
    await _add(world, shop, document)
    async with world.unit() as unit:
        async with unit.transaction(shop.scope):
            held = await unit.documents.get(shop.scope, document.id)
            listed = (await unit.documents.page(shop.scope, page=1, limit=10)).data
        document.process()
        async with world.begin(shop.scope) as at:
            await at.documents.save(document)
        async with unit.transaction(shop.scope):
            assert await unit.documents.get(shop.scope, document.id) == document
            assert (await unit.documents.page(shop.scope, page=1, limit=10)).data == [document]
    assert listed == [held]
    assert held != document


def _agent(world: World, tenant: Tenant, name: str, **more: object) -> Agent:
    made_at = world.now() + timedelta(seconds=world.number())
    return Agent(id=world.ids.new(), owner=tenant.owner, name=name, created_at=made_at, **more)  # type: ignore[arg-type]


async def test_the_agent_is_the_one_asked_for_the_default_or_the_oldest_active(
    world: World, shop: Tenant, stranger: Tenant
) -> None:
    idle = _agent(world, shop, "idle", is_active=False)
    oldest = _agent(world, shop, "oldest", system_prompt="Seja breve.", model="m", temperature=0.1, max_tokens=50)
    default = _agent(world, shop, "default", is_default=True)
    async with world.begin(shop.scope) as at:
        assert await at.agents.pick(shop.scope) is None
        await at.agents.add(idle)
        assert await at.agents.pick(shop.scope) is None
        await at.agents.add(oldest)
        await at.agents.add(_agent(world, shop, "newer"))
        assert await at.agents.pick(shop.scope) == oldest
        await at.agents.add(default)
        assert await at.agents.pick(shop.scope) == default
        assert await at.agents.pick(shop.scope, oldest.id) == oldest
        assert await at.agents.pick(shop.scope, idle.id) == idle
    async with world.begin(stranger.scope) as at:
        assert await at.agents.pick(stranger.scope) is None
        for asked in (stranger.scope, shop.scope):
            with pytest.raises(NotFound):
                await at.agents.pick(asked, oldest.id)


async def test_a_tenant_has_one_default_agent(world: World, shop: Tenant, stranger: Tenant) -> None:
    for tenant in (shop, stranger):
        async with world.begin(tenant.scope) as at:
            await at.agents.add(_agent(world, tenant, "default", is_default=True))
    with pytest.raises(Conflict):
        async with world.begin(shop.scope) as at:
            await at.agents.add(_agent(world, shop, "second", is_default=True))


def _call(world: World, tenant: Tenant) -> ModelCall:
    return ModelCall(
        id=world.ids.new(),
        owner=tenant.owner,
        purpose="answer",
        provider="atende",
        model="extractive",
        started_at=world.now(),
    )


async def test_model_calls_are_saved_before_and_after(world: World, shop: Tenant, stranger: Tenant) -> None:
    calls = [_call(world, shop), _call(world, shop)]
    async with world.begin(shop.scope) as at:
        await at.model_calls.save(calls)
        await at.model_calls.save([])
    calls[0].done(usage=Usage(10, 20), cost=Credits(5), at=world.now())
    calls[1].failed("503", world.now())
    async with world.begin(shop.scope) as at:
        await at.model_calls.save(calls)
    assert await world.count("model_call") == 2
    for forged in (calls[0], replace(calls[0], owner=stranger.owner)):
        with pytest.raises(Exception, match=r"row-level security|another tenant"):
            async with world.begin(stranger.scope) as at:
                await at.model_calls.save([forged])


async def test_a_model_call_is_stored_as_it_ended(world: World) -> None:
    shop = await world.found("shop")
    call = _call(world, shop)
    async with world.begin(shop.scope) as at:
        await at.model_calls.save([call])
        call.done(usage=Usage(10, 20), cost=Credits(5), at=world.now())
        await at.model_calls.save([call])
    row = await world.admin.fetchrow("SELECT state, tokens_in, tokens_out, cost, finished_at FROM model_call")
    assert row is not None
    assert tuple(row) == ("done", 10, 20, 5, call.finished_at)
