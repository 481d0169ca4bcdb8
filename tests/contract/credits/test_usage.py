"""What an organization used: counted within the period, over all of its projects, and never another's."""

from dataclasses import replace
from datetime import timedelta

from atende.core.conversation.model import CloseReason, Delivery, Direction, Message, Sender
from atende.core.conversation.usage import Period, Usage
from atende.core.identity.model import MembershipStatus, UserStatus
from atende.core.kernel import CREDIT, Credits, TenantScope, personal
from atende.core.knowledge.document import Document, DocumentStatus
from atende.core.knowledge.model import Answer, Outcome
from atende.outbound.postgres.transaction import scoped
from tests.contract.knowledge.test_documents import make_document
from tests.world import Tenant, World
from tests.world.persons import add_member

TICK, HOUR, DAY = timedelta(microseconds=1), timedelta(hours=1), timedelta(days=1)
ONE = Usage(
    conversations=1,
    conversation_seconds=90,
    messages_in=2,
    messages_out=1,
    rag_queries=1,
    documents=0,
    storage_bytes=0,
    credits_spent=Credits(2 * CREDIT),
    members=0,
    projects=1,
)
"""Of one project in which `_work` was done once."""


def times(usage: Usage, number: int) -> Usage:
    """What the period has that many times."""
    return replace(
        usage,
        conversations=usage.conversations * number,
        conversation_seconds=usage.conversation_seconds * number,
        messages_in=usage.messages_in * number,
        messages_out=usage.messages_out * number,
        rag_queries=usage.rag_queries * number,
        credits_spent=Credits(usage.credits_spent * number),
    )


def _period(world: World) -> Period:
    since = (world.now() - 10 * DAY).replace(minute=0, second=0, microsecond=0)
    return Period(since=since, until=since + DAY)


async def _used(world: World, tenant: Tenant, period: Period) -> Usage:
    async with world.begin(tenant.whole) as at:
        return await at.usage.of(tenant.owner.organization_id, period)


async def _work(world: World, tenant: Tenant, period: Period, *, after: timedelta = timedelta(0)) -> None:
    """One of each thing that a period counts, this long after the period's first moment."""
    await _talk(world, tenant, period, after=after)
    await _spend(world, tenant, period, after=after)
    async with world.begin(tenant.scope) as at:
        for turn_id in (None, world.ids.new()):
            answer = Answer(
                id=world.ids.new(),
                owner=tenant.owner,
                question="?",
                text="",
                outcome=Outcome.UNKNOWN,
                model="atende/extractive",
                tokens=1,
                cost=Credits(CREDIT),
                created_at=period.since + after,
                turn_id=turn_id,
            )
            await at.answers.add(answer)


async def _talk(world: World, tenant: Tenant, period: Period, *, after: timedelta) -> None:
    """A closed conversation of 90 whole seconds: two messages came, one that failed went; and one came just now."""
    moment, address = period.since + after, f"+55119{world.number():08}"
    opened = await world.conversation(tenant, address=address)
    async with world.begin(tenant.scope) as at:
        conversation = await at.conversations.lock(tenant.scope, opened.id)
        for sender in (Sender.CONTACT, Sender.CONTACT, Sender.HUMAN):
            came = sender is Sender.CONTACT
            message = Message(
                id=world.ids.new(),
                conversation_id=conversation.id,
                seq=conversation.next_seq(),
                direction=Direction.INBOUND if came else Direction.OUTBOUND,
                sender=sender,
                text="Oi",
                created_at=moment,
                delivery=Delivery.RECEIVED if came else Delivery.FAILED,
            )
            await at.messages.save(tenant.scope, message)
        conversation.started_at = moment
        conversation.close(CloseReason.MANUAL, at=moment + timedelta(seconds=90.9))
        await at.conversations.save(conversation)
    async with scoped(world.pool, tenant.scope) as connection:
        await connection.execute("UPDATE conversation SET created_at = $1 WHERE id = $2", moment, opened.id)


async def _spend(world: World, tenant: Tenant, period: Period, *, after: timedelta) -> None:
    """Ten credits granted, five held, three captured, two released with that, one refunded."""
    moment, number = period.since + after, world.number()
    async with world.begin(tenant.scope) as at:
        ledger = await at.ledgers.lock(tenant.owner.organization_id)
        ledger.grant(world.ids.new(), amount=10 * CREDIT, reference=f"grant:{number}", at=moment)
        held = ledger.hold(
            world.ids.new(),
            hold_id=world.ids.new(),
            amount=5 * CREDIT,
            reference=f"work:{number}",
            at=moment,
            expires_at=moment + DAY,
            tenant_id=tenant.owner.tenant_id,
        )
        assert held.hold_id is not None
        ledger.capture(
            world.ids.new(), hold_id=held.hold_id, amount=3 * CREDIT, at=moment, remainder_id=world.ids.new()
        )
        ledger.refund(world.ids.new(), hold_id=held.hold_id, amount=CREDIT, reference=f"back:{number}", at=moment)
        await at.ledgers.save(ledger)


async def _store(world: World, tenant: Tenant, *documents: Document) -> None:
    async with world.begin(tenant.scope) as at:
        for document in documents:
            await at.documents.add(document)


async def test_the_first_moment_of_a_period_counts_and_its_end_does_not(world: World, shop: Tenant) -> None:
    period = _period(world)
    for after in (-TICK, timedelta(0), DAY - TICK, DAY):
        await _work(world, shop, period, after=after)
    since, until = period.since, period.until
    assert await _used(world, shop, period) == times(ONE, 2)
    assert await _used(world, shop, Period(since=since - HOUR, until=until)) == times(ONE, 3)
    assert await _used(world, shop, Period(since=since, until=until + HOUR)) == times(ONE, 3)
    assert await _used(world, shop, Period(since=since + HOUR, until=until - HOUR)) == times(ONE, 0)


async def test_all_projects_of_the_organization_count_and_nothing_of_another(
    world: World, shop: Tenant, branch: Tenant, stranger: Tenant
) -> None:
    period = _period(world)
    await _work(world, shop, period)
    await _work(world, branch, period)
    await _work(world, stranger, period)
    for tenant in (shop, branch, stranger):
        await _store(world, tenant, make_document(world, tenant))
    ana = await add_member(world, shop, "ana")
    await add_member(world, stranger, "eve")
    expected = replace(times(ONE, 2), projects=2, documents=2, storage_bytes=240, members=1)
    assert await _used(world, shop, period) == expected
    # Whoever asks may belong elsewhere too, and sees what joins them to it.
    async with world.begin(TenantScope(stranger.owner.organization_id, user_id=ana.id)) as at:
        used = await at.usage.of(stranger.owner.organization_id, period)
        assert used == replace(ONE, documents=1, storage_bytes=120, members=1)
    async with world.begin(stranger.whole) as at:
        assert await at.usage.of(shop.owner.organization_id, period) == replace(times(ONE, 0), projects=0)


async def test_what_is_deleted_or_switched_off_is_not_there_now(world: World, shop: Tenant, branch: Tenant) -> None:
    period = _period(world)
    await _work(world, branch, period)
    await _store(world, branch, make_document(world, branch))
    failed = make_document(world, shop, status=DocumentStatus.FAILED)
    await _store(world, shop, failed, make_document(world, shop, status=DocumentStatus.DELETED))
    for name, status in (("ana", MembershipStatus.ACTIVE), ("bia", MembershipStatus.PENDING)):
        await add_member(world, shop, name, status=status)
    gone = await add_member(world, shop, "caio")
    async with world.begin(personal(gone.id)) as at:
        await at.users.save(replace(gone, status=UserStatus.SUSPENDED))
    before = await _used(world, shop, period)
    assert before == replace(ONE, projects=2, documents=2, storage_bytes=240, members=1)
    async with world.begin(branch.scope) as at:
        project = await at.projects.get(branch.scope, branch.project.id)
        project.delete(world.now())
        await at.projects.save(project)
    # Its work was done all the same.
    assert await _used(world, shop, period) == replace(before, projects=1, documents=1, storage_bytes=120)


async def test_credits_that_earlier_work_gave_back_make_the_period_negative(world: World, shop: Tenant) -> None:
    period = _period(world)
    await _spend(world, shop, period, after=-TICK)
    async with world.begin(shop.whole) as at:
        captured = (await at.ledgers.entries(shop.owner.organization_id, page=1, limit=1)).data[0]
        assert captured.hold_id is not None
        ledger = await at.ledgers.lock(shop.owner.organization_id, holds=[captured.hold_id])
        ledger.refund(world.ids.new(), hold_id=captured.hold_id, amount=CREDIT, reference="later", at=period.since)
        await at.ledgers.save(ledger)
    assert (await _used(world, shop, period)).credits_spent == -CREDIT
