"""What a turn does when the agent must not, cannot or need not answer: the whole product, with a channel that the test can look into."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from dishka import Provider, provide
from dishka import Scope as Lifetime

from atende.core.conversation.attend import GiveBack, TakeOver
from atende.core.conversation.channel import InboundMessage
from atende.core.conversation.model import Attendance, Conversation, Delivery, Direction, Message, Sender, Status
from atende.core.conversation.ports import Channel, ChannelDirectory, Conversations, Messages
from atende.core.conversation.receive_messages import ReceiveMessages
from atende.core.conversation.turn.prepare_answer import in_provider_order
from atende.core.credits.ports import Ledgers
from atende.core.kernel import CREDIT, InvalidState, TenantScope, Transaction
from atende.core.knowledge.compose_answer import Composed
from atende.core.knowledge.courtesies import say
from atende.core.knowledge.model import Citation, Courtesy, Outcome, Sentence
from atende.core.knowledge.upload_document import UploadDocument
from atende.fakes.ports.channel import FakeChannel
from atende.main.library import App, app
from atende.main.providers.container import Pool
from atende.main.seeding import Tenant
from atende.outbound.postgres.embedded.launcher import Urls
from atende.outbound.postgres.transaction import scoped
from tests.world.time import pass_time

SHOP = "O frete para Recife custa R$ 18,00. O prazo de entrega para Recife é de 5 dias úteis."
QUESTION = "Quanto custa o frete para Recife?"


class Given(Provider):
    """A channel that the test can look into."""

    scope = Lifetime.APP

    def __init__(self, phones: FakeChannel) -> None:
        super().__init__()
        self._phones = phones

    @provide(override=True)
    def channel(self) -> Channel:
        return self._phones


@dataclass(slots=True)
class Shop:
    product: App
    tenant: Tenant
    account: UUID
    phones: FakeChannel
    admin: "asyncpg.Connection[asyncpg.Record]"
    written: int = 0

    @property
    def scope(self) -> TenantScope:
        return self.tenant.owner.scope

    async def hears(self, *texts: str, after: timedelta = timedelta(0), kind: str = "text") -> None:
        """The customer writes; nothing is worked on yet."""
        for text in texts:
            self.written += 1
            message = InboundMessage(
                account_id=self.account,
                external_id=f"m{self.written}",
                address="+5581999990000",
                text=text,
                kind=kind,
                provider_at=datetime.now(UTC) - after,
            )
            async with self.product.use(ReceiveMessages) as receive:
                await receive([message])

    async def works(self) -> int:
        await pass_time(self.admin, timedelta(seconds=5))
        return await self.product.work()

    async def conversation(self) -> Conversation:
        return (await self._read())[0]

    async def messages(self) -> list[Message]:
        return (await self._read())[1]

    async def _read(self) -> tuple[Conversation, list[Message]]:
        async with self.product.container() as unit:
            transaction, conversations = await unit.get(Transaction), await unit.get(Conversations)
            messages = await unit.get(Messages)
            async with transaction(self.scope):
                newest = (await conversations.page(self.scope, page=1, limit=1)).data[0]
                return newest, await messages.of(self.scope, newest.id)

    async def spent(self) -> tuple[int, int]:
        """Credits spent, and micro-credits still held."""
        async with self.product.container() as unit:
            transaction, ledgers = await unit.get(Transaction), await unit.get(Ledgers)
            async with transaction(self.scope):
                balance = await ledgers.balance(self.scope.organization_id)
        return balance.spent // CREDIT, balance.held

    async def reasons(self) -> list[str]:
        pool = await self.product.container.get(Pool)
        async with scoped(pool, self.scope) as connection:
            return [row["reason"] for row in await connection.fetch("SELECT reason FROM handoff ORDER BY created_at")]


@pytest_asyncio.fixture
async def shop(database: Urls, tmp_path: Path) -> AsyncIterator[Shop]:
    phones, admin = FakeChannel(), await asyncpg.connect(database.admin)
    given = {"database_url": database.app, "data_dir": tmp_path, "burst_window": 0.0, "send_doubt": 5.0}
    async with app(Given(phones), **given) as product:
        tenant = await product.tenant("Loja")
        async with product.use(UploadDocument) as upload:
            await upload(tenant.owner, filename="loja.txt", data=SHOP.encode())
        await product.work()
        async with product.use(ChannelDirectory) as directory:
            (account,) = await directory.named(["whatsapp"], [tenant.channel("whatsapp").external_id])
        yield Shop(product, tenant, account.id, phones, admin)
    await admin.close()


async def test_a_burst_is_answered_once_with_all_of_it(shop: Shop) -> None:
    await shop.hears("oi", "quanto custa", "o frete para Recife?")
    assert await shop.works() == 1
    assert len(shop.phones.sent) == 1
    assert "R$ 18,00" in shop.phones.sent[0].message.text
    assert await shop.spent() == (1, 0)


async def test_what_is_not_known_is_said_and_a_person_is_called(shop: Shop) -> None:
    await shop.hears("Vocês consertam guarda-chuvas?")
    await shop.works()
    assert "Não tenho essa informação" in shop.phones.sent[0].message.text
    assert (await shop.conversation()).attendance is Attendance.WAITING_HUMAN
    assert await shop.reasons() == ["not_known"]
    assert await shop.spent() == (0, 0)


async def test_nobody_answers_while_a_person_is_waited_for(shop: Shop) -> None:
    await shop.hears("quero falar com um atendente")
    await shop.works()
    await shop.hears(QUESTION)
    assert await shop.works() == 0
    assert len(shop.phones.sent) == 1
    assert await shop.reasons() == ["asked_for_human"]


async def test_a_person_takes_over_and_gives_back(shop: Shop) -> None:
    await shop.hears(QUESTION)
    conversation = await shop.conversation()
    async with shop.product.use(TakeOver) as take_over:
        await take_over(shop.scope, conversation.id, by="Ana")
    await shop.works()
    assert shop.phones.sent == []
    assert await shop.spent() == (0, 0)
    async with shop.product.use(GiveBack) as give_back:
        await give_back(shop.scope, conversation.id, by="Ana")
    assert await shop.works() == 0
    await shop.hears(QUESTION)
    await shop.works()
    assert len(shop.phones.sent) == 1


async def test_an_ended_conversation_is_not_taken_over(shop: Shop) -> None:
    await shop.hears(QUESTION)
    await shop.works()
    await shop.hears("era só isso, muito obrigado, tchau!")
    await shop.works()
    conversation = await shop.conversation()
    assert conversation.status is Status.CLOSED
    async with shop.product.use(TakeOver) as take_over:
        with pytest.raises(InvalidState):
            await take_over(shop.scope, conversation.id, by="Ana")


async def test_a_message_after_the_end_opens_a_new_conversation(shop: Shop) -> None:
    await shop.hears("era só isso, muito obrigado, tchau!")
    await shop.works()
    ended = await shop.conversation()
    assert ended.status is Status.CLOSED
    await shop.hears(QUESTION)
    await shop.works()
    assert (await shop.conversation()).id != ended.id
    assert len(shop.phones.sent) == 2


AFTER_THE_END = ["obrigado", "valeu", "ok", "de nada", "até mais", "👍", "tchau", "igualmente", "kkk"]


async def test_courtesies_after_the_end_are_kept_there_and_nothing_else_happens(shop: Shop) -> None:
    await shop.hears("era só isso, muito obrigado, tchau!")
    await shop.works()
    ended = await shop.conversation()
    assert ended.status is Status.CLOSED
    before = len(await shop.messages())
    await shop.hears(*AFTER_THE_END)
    await shop.hears("❤️", kind="reaction")
    now = await shop.conversation()
    assert await shop.works() == 0
    assert (now.id, now.status, now.closed_at, now.close_reason) == (
        ended.id,
        Status.CLOSED,
        ended.closed_at,
        ended.close_reason,
    )
    assert now.attendance is Attendance.AI
    assert [message.text for message in (await shop.messages())[before:]] == [*AFTER_THE_END, "❤️"]
    assert len(shop.phones.sent) == 1
    assert await shop.reasons() == []


async def test_a_courtesy_long_after_the_end_begins_anew_and_calls_nobody(shop: Shop) -> None:
    await shop.hears("era só isso, muito obrigado, tchau!")
    await shop.works()
    ended = await shop.conversation()
    await shop.admin.execute("UPDATE conversation SET closed_at = closed_at - interval '25 hours'")
    await shop.hears("obrigado")
    await shop.works()
    assert (await shop.conversation()).id != ended.id
    assert await shop.reasons() == []


async def test_a_courtesy_with_a_question_in_one_burst_begins_anew(shop: Shop) -> None:
    await shop.hears("era só isso, muito obrigado, tchau!")
    await shop.works()
    ended = await shop.conversation()
    await shop.hears("obrigado", QUESTION, "valeu")
    await shop.works()
    begun = await shop.conversation()
    assert begun.id != ended.id
    assert [m.text for m in await shop.messages() if m.direction is Direction.INBOUND] == [QUESTION, "valeu"]


async def test_an_old_message_is_left_to_a_person(shop: Shop) -> None:
    await shop.hears(QUESTION, after=timedelta(hours=7))
    await shop.works()
    assert shop.phones.sent == []
    assert await shop.reasons() == ["too_old"]
    assert await shop.spent() == (0, 0)


async def test_without_credits_a_person_is_called_and_nothing_is_spent(shop: Shop) -> None:
    async with shop.product.container() as unit:
        transaction, ledgers = await unit.get(Transaction), await unit.get(Ledgers)
        async with transaction(shop.scope):
            ledger = await ledgers.lock(shop.scope.organization_id)
            now = datetime.now(UTC)
            ledger.hold(
                UUID(int=1),
                hold_id=UUID(int=2),
                amount=ledger.available,
                reference="all of it",
                at=now,
                expires_at=now + timedelta(hours=1),
                tenant_id=shop.scope.tenant_id,
            )
            await ledgers.save(ledger)
    await shop.hears(QUESTION)
    await shop.works()
    assert [sent.message.text for sent in shop.phones.sent] == [say(Courtesy.HANDING_OVER, "pt")]
    assert await shop.reasons() == ["no_credits"]


async def test_a_refused_send_is_refunded_and_a_person_is_called(shop: Shop) -> None:
    shop.phones.refuse_next()
    await shop.hears(QUESTION)
    await shop.works()
    assert (await shop.messages())[-1].delivery is Delivery.FAILED
    assert await shop.reasons() == ["send_failed"]
    assert await shop.spent() == (0, 0)


async def test_a_delayed_send_is_sent_later_once_and_paid_once(shop: Shop) -> None:
    shop.phones.delay_next(retry_after=2)
    await shop.hears(QUESTION)
    await shop.works()
    assert (await shop.messages())[-1].delivery is Delivery.PENDING
    await shop.works()
    assert [sent.message.reference for sent in shop.phones.sent] == [(await shop.messages())[-1].id]
    assert await shop.spent() == (1, 0)


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_doubtful_send_is_never_repeated(shop: Shop, *, arrived: bool) -> None:
    shop.phones.doubt_next(arrived=arrived)
    await shop.hears(QUESTION)
    await shop.works()
    assert (await shop.messages())[-1].delivery is Delivery.UNKNOWN
    await shop.works()
    assert len(shop.phones.sent) == int(arrived)
    assert (await shop.messages())[-1].delivery is (Delivery.SENT if arrived else Delivery.UNKNOWN)
    assert await shop.reasons() == ([] if arrived else ["send_unknown"])
    assert await shop.spent() == (1, 0)


async def test_stop_is_heard_before_anything_is_said(shop: Shop) -> None:
    await shop.hears(QUESTION, "PARAR")
    await shop.works()
    assert shop.phones.sent == []
    await shop.hears("VOLTAR")
    await shop.works()
    await shop.hears(QUESTION)
    await shop.works()
    assert "R$ 18,00" in shop.phones.sent[-1].message.text


async def test_a_picture_without_words_is_asked_about(shop: Shop) -> None:
    await shop.hears("", kind="image")
    await shop.works()
    assert shop.phones.sent[0].message.text == say(Courtesy.TEXT_ONLY, "pt")


@pytest.mark.parametrize("text", ["ok", "👍", "blz", "sim", "oi, tudo bem?"])
async def test_what_asks_nothing_brings_no_person(shop: Shop, text: str) -> None:
    await shop.hears(QUESTION)
    await shop.works()
    await shop.hears(text)
    await shop.works()
    assert len(shop.phones.sent) == 2
    assert await shop.reasons() == []
    assert (await shop.conversation()).attendance is Attendance.AI


async def test_a_reaction_opens_no_turn_and_is_nobodys_words(shop: Shop) -> None:
    await shop.hears("👍", kind="reaction")
    assert await shop.works() == 0
    await shop.hears(QUESTION)
    await shop.works()
    assert len(shop.phones.sent) == 1
    assert "R$ 18,00" in shop.phones.sent[0].message.text


async def test_the_last_credit_buys_an_answer(shop: Shop) -> None:
    async with shop.product.container() as unit:
        transaction, ledgers = await unit.get(Transaction), await unit.get(Ledgers)
        async with transaction(shop.scope):
            ledger = await ledgers.lock(shop.scope.organization_id)
            now = datetime.now(UTC)
            ledger.hold(
                UUID(int=1),
                hold_id=UUID(int=2),
                amount=ledger.available - CREDIT,
                reference="all but one",
                at=now,
                expires_at=now + timedelta(hours=1),
                tenant_id=shop.scope.tenant_id,
            )
            await ledgers.save(ledger)
    await shop.hears(QUESTION)
    await shop.works()
    assert "R$ 18,00" in shop.phones.sent[0].message.text
    assert (await shop.spent())[0] == 1


async def test_an_answer_longer_than_the_channel_takes_loses_its_last_sentences() -> None:
    quote = Citation(
        chunk_id=UUID(int=1), document_id=UUID(int=2), document_name="a.md", version=1, start=0, end=4, quote="word"
    )
    sentences = tuple(Sentence(f"{n}" + "x" * 700 + ".", (quote,)) for n in range(4))
    answer = Composed(text="", outcome=Outcome.ANSWERED, model="m", sentences=sentences)
    short = answer.within(1_600, "pt")
    assert short.sentences == sentences[:2]
    assert len(short.text) <= 1_600
    assert answer.within(600, "pt").outcome is Outcome.UNKNOWN


def test_g08_a_quick_answer_of_the_customer_stays_behind_our_reply() -> None:
    """The provider's times are whole seconds; ours are not."""
    at = datetime(2026, 3, 2, 9, 0, 1, 900_000, tzinfo=UTC)
    said = [
        ("quem paga o frete?", Direction.INBOUND, at.replace(second=0, microsecond=0)),
        ("A loja paga.", Direction.OUTBOUND, at),
        ("era só isso", Direction.INBOUND, at.replace(microsecond=0)),
        ("uma antes", Direction.INBOUND, at.replace(second=0, microsecond=0)),
    ]
    messages = [
        Message(
            id=UUID(int=seq),
            conversation_id=UUID(int=99),
            seq=seq,
            direction=direction,
            sender=Sender.CONTACT if direction is Direction.INBOUND else Sender.AI,
            text=text,
            created_at=when,
            provider_at=when if direction is Direction.INBOUND else None,
        )
        for seq, (text, direction, when) in enumerate(said, start=1)
    ]
    ordered = [message.text for message in in_provider_order(messages)]
    assert ordered == ["quem paga o frete?", "A loja paga.", "uma antes", "era só isso"]
