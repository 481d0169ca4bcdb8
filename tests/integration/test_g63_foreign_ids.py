"""A job runs as exactly one tenant: with the ids of another in its payload it ends in an error, and nothing has changed."""

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import asyncpg
import pytest
import pytest_asyncio
from dishka import Provider, provide
from dishka import Scope as Lifetime

from atende.core.conversation.channel import InboundMessage
from atende.core.conversation.model import Delivery, Direction
from atende.core.conversation.ports import Channel, ChannelDirectory, Conversations, Messages
from atende.core.conversation.receive_messages import ReceiveMessages
from atende.core.identity.model import Invitation
from atende.core.identity.permissions import Role
from atende.core.identity.ports import Invitations, Memberships
from atende.core.kernel import Clock, DomainError, Ids, Transaction
from atende.core.knowledge.change_document import DeleteDocument
from atende.core.knowledge.upload_document import UploadDocument
from atende.core.mail.ports import Mailer
from atende.core.work.model import Claim, NewJob
from atende.core.work.ports import JobQueue, Jobs
from atende.fakes.ports.channel import FakeChannel
from atende.fakes.ports.mailer import FakeMailer
from atende.inbound.jobs.handlers import make_handlers
from atende.main.library import App
from atende.main.providers.configuration import read_settings
from atende.main.providers.container import make_container
from atende.main.seeding import Tenant, seed_tenant
from tests.databases import Databases

T = TypeVar("T")
SOON = timedelta(minutes=1)
NAMES_NOBODY = {"document.reindex", "index.build", "index.compare", "index.remove"}
"""The first one's only id is of whoever gets a mail at the end, and the job of that mail refuses people of other organizations. The
others work on their own tenant's index; the document in `index.build` is a place in an order.
"""
_TABLES = """
SELECT format('SELECT md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '''')) FROM %I t', relname) AS query, relname
FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname NOT IN ('job', 'alembic_version')
"""


class Outside(Provider):
    """What would be sent out."""

    scope = Lifetime.APP

    def __init__(self) -> None:
        super().__init__()
        self.phones, self.post = FakeChannel(), FakeMailer()

    @provide(override=True)
    def channel(self) -> Channel:
        return self.phones

    @provide(override=True)
    def mailer(self) -> Mailer:
        return self.post


class Two:
    """Two tenants; the second one has something for every kind of job."""

    def __init__(self, product: App, outside: Outside, admin: "asyncpg.Connection[asyncpg.Record]") -> None:
        self.product, self.outside, self._admin = product, outside, admin
        self.theirs: dict[str, dict[str, str]] = {}

    async def settle(self) -> None:
        self.ours = await seed_tenant(self.product.container, name="Ours", slug="ours", agent="Ana")
        self.others = other = await seed_tenant(self.product.container, name="Theirs", slug="theirs", agent="Bia")
        async with self.product.use(UploadDocument) as upload:
            document = await upload(other.owner, filename="a.txt", data=b"O frete para Recife custa R$ 18,00.")
        self.outside.phones.doubt_next(arrived=True)
        await self._hears(other)
        await self.product.work()
        doubtful = await self._last(other, Direction.OUTBOUND)
        assert doubtful == (doubtful[0], doubtful[1], Delivery.UNKNOWN)
        await self._hears(other)
        person, invitation = await self._people(other)
        gone, half_read = await self._documents(other)
        self.theirs = {
            "turn": {"conversation_id": doubtful[1]},
            "document.process": {"document_id": str(document.id)},
            "document.embed": {"document_id": half_read, "edition": "1"},
            "document.purge": {"document_id": gone},
            "send.resolve": {"message_id": doubtful[0]},
            "send.failed": {"message_id": doubtful[0]},
            "mail.send": {"kind": "reset", "id": person},
            "mail.send of an invitation": {"kind": "invitation", "id": invitation},
        }

    async def _documents(self, tenant: Tenant) -> tuple[str, str]:
        """One that was deleted, and one that was read and not embedded yet."""
        async with self.product.use(UploadDocument) as upload:
            gone = await upload(tenant.owner, filename="b.txt", data=b"O frete para Olinda custa R$ 20,00.")
            await self.product.work()
            half_read = await upload(tenant.owner, filename="c.txt", data=b"O frete para Natal custa R$ 25,00.")
        async with self.product.use(DeleteDocument) as delete:
            await delete(tenant.owner.scope, gone.id)
        queue, handlers = await self.product.container.get(JobQueue), make_handlers(self.product.container)
        for claim in await queue.claim("test", limit=100, lease=SOON):
            if claim.payload == {"document_id": str(half_read.id)}:
                await handlers[claim.kind].run(claim)
        return str(gone.id), str(half_read.id)

    async def _hears(self, tenant: Tenant) -> None:
        async with self.product.use(ChannelDirectory) as directory:
            (account,) = await directory.named(["whatsapp"], [tenant.channel("whatsapp").external_id])
        async with self.product.use(Ids) as ids, self.product.use(ReceiveMessages) as receive:
            await receive(
                [
                    InboundMessage(
                        account_id=account.id, external_id=ids.new().hex, address="+5581999990000", text="Quanto custa?"
                    )
                ]
            )

    async def _last(self, tenant: Tenant, direction: Direction) -> tuple[str, str, Delivery]:
        scope = tenant.owner.scope
        async with self.product.container() as unit:
            conversations, messages = await unit.get(Conversations), await unit.get(Messages)
            async with (await unit.get(Transaction))(scope):
                conversation = (await conversations.page(scope, page=1, limit=1)).data[0]
                found = [m for m in await messages.of(scope, conversation.id) if m.direction is direction][-1]
        return str(found.id), str(conversation.id), found.delivery

    async def _people(self, tenant: Tenant) -> tuple[str, str]:
        scope = tenant.owner.scope
        async with self.product.container() as unit:
            memberships, invitations = await unit.get(Memberships), await unit.get(Invitations)
            ids, now = await unit.get(Ids), (await unit.get(Clock)).now()
            async with (await unit.get(Transaction))(scope):
                (owner,) = (await memberships.page(scope, page=1, limit=9)).data
                invitation = Invitation(
                    id=ids.new(),
                    organization_id=scope.organization_id,
                    email="bia@customer.example",
                    role=Role.MEMBER,
                    invited_by=None,
                    created_at=now,
                    expires_at=now + timedelta(days=7),
                )
                await invitations.add(invitation)
        return str(owner.user_id), str(invitation.id)

    async def claim(self, kind: str, payload: dict[str, str]) -> Claim:
        """A job of ours with these words in it."""
        scope = self.ours.owner.scope
        async with self.product.container() as unit:
            jobs, queue = await unit.get(Jobs), await unit.get(JobQueue)
            async with (await unit.get(Transaction))(scope):
                await jobs.put(scope, NewJob(kind=make_handlers(self.product.container)[kind].kind, payload=payload))
            claims: list[Claim] = await queue.claim("test", limit=100, lease=SOON)
        return next(claim for claim in claims if claim.scope == scope and claim.payload == payload)

    async def everything(self) -> dict[str, object]:
        """All that is stored but for the jobs, and all that was sent out."""
        left: dict[str, object] = {"sent": len(self.outside.phones.sent), "mail": len(self.outside.post.sent)}
        tables = await self._admin.fetch(_TABLES)
        return left | {row["relname"]: await self._admin.fetchval(row["query"]) for row in tables}


@pytest_asyncio.fixture
async def two(databases: Databases, tmp_path: Path) -> AsyncIterator[Two]:
    outside, given = Outside(), {"burst_window": 0.0, "send_doubt": 3600.0, "password_cost": 4, "log_level": "error"}
    async with databases.one() as urls:
        chosen = read_settings({}, database_url=urls.app, encryption_key="ab" * 32, data_dir=tmp_path, **given)
        container, admin = make_container(chosen, outside), await asyncpg.connect(urls.admin)
        try:
            made = Two(App(container, chosen), outside, admin)
            await made.settle()
            yield made
        finally:
            await container.close()
            await admin.close()


async def test_g63_every_kind_of_job_is_tried_with_the_ids_of_another_tenant(two: Two) -> None:
    handlers = make_handlers(two.product.container)
    tried = {name.split(" ", 1)[0] for name in two.theirs}
    assert tried == set(handlers) - NAMES_NOBODY, "say here what another tenant's ids are in a job of this kind"
    before = await two.everything()
    for name, payload in two.theirs.items():
        kind = name.split(" ", 1)[0]
        claim = await two.claim(kind, payload)
        with pytest.raises(DomainError):
            await handlers[kind].run(claim)
        assert await two.everything() == before, name


async def test_g63_giving_up_a_job_with_the_ids_of_another_tenant_changes_nothing_of_theirs(two: Two) -> None:
    handlers = make_handlers(two.product.container)
    before = await two.everything()
    for name, payload in two.theirs.items():
        kind = name.split(" ", 1)[0]
        claim = await two.claim(kind, payload)
        with contextlib.suppress(DomainError):
            await handlers[kind].give_up(claim, "it never worked")
        assert await two.everything() == before, name


async def test_g63_the_same_jobs_do_something_where_they_belong(two: Two) -> None:
    """So that what is refused above is refused for the tenant's sake."""
    scope = two.others.owner.scope
    handlers, before = make_handlers(two.product.container), await two.everything()
    for name, payload in two.theirs.items():
        kind = name.split(" ", 1)[0]
        async with two.product.container() as unit:
            jobs, queue = await unit.get(Jobs), await unit.get(JobQueue)
            async with (await unit.get(Transaction))(scope):
                await jobs.put(scope, NewJob(kind=handlers[kind].kind, payload=payload))
            for claim in await queue.claim("test", limit=100, lease=SOON):
                if claim.payload == payload:
                    await handlers[kind].run(claim)
        after = await two.everything()
        assert after != before or kind == "send.failed", name
        before = after
