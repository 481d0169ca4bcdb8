"""What channels bring, in memory: one item after the other, by the rules of the database's functions."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from atende.core.conversation.channel import ChannelAccount, DeliveryReport, InboundMessage
from atende.core.conversation.model import Conversation, Delivery, Direction, Message, Sender, Status
from atende.core.conversation.ports import Inbox, Quarantined
from atende.core.conversation.turn.answer_customer import TURN
from atende.core.conversation.turn.failed_send import FAILED_SEND
from atende.core.kernel import Ids
from atende.core.work.model import NewJob
from atende.outbound.memory.conversation import ACCOUNTS, CONVERSATION_OPEN, CONVERSATIONS, MESSAGES, Written
from atende.outbound.memory.jobs import DEDUPE, JOBS, new_job
from atende.outbound.memory.store import MemoryStore
from atende.outbound.memory.table import OF_PROJECT, Rows, Table

_LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Item:
    """A row of the inbox; only quarantined ones keep what came."""

    source: str
    account: str
    external_id: str
    quarantined: Quarantined | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    id: UUID
    kind: str
    address: str
    name: str | None
    opted_out: bool = False


CONTACT_ADDRESS = "contact_address"
INBOX = Table[Item](name="inbox", key=lambda item: (item.source, item.account, item.external_id))
CONTACTS = Table[Contact](
    name="contact",
    unique={CONTACT_ADDRESS: lambda row: (row.tenant_id, row.entity.kind, row.entity.address)},
    parents=OF_PROJECT,
)


class MemoryInbox(Inbox):
    """`window` and `cap`: how long a burst may go on before it is answered."""

    def __init__(
        self,
        store: MemoryStore,
        ids: Ids,
        *,
        window: timedelta = timedelta(seconds=3),
        cap: timedelta = timedelta(seconds=12),
    ) -> None:
        self._store, self._ids, self._window, self._cap = store, ids, window, cap
        self._inbox, self._contacts, self._accounts = Rows(store, INBOX), Rows(store, CONTACTS), Rows(store, ACCOUNTS)
        self._conversations, self._messages, self._jobs = (
            Rows(store, CONVERSATIONS),
            Rows(store, MESSAGES),
            Rows(store, JOBS),
        )

    async def receive(self, messages: Sequence[InboundMessage]) -> list[bool]:
        async with self._store.system():
            fresh = [self._is_fresh(message) for message in messages]
            new = [message for message, is_fresh in zip(messages, fresh, strict=True) if is_fresh]
            in_order = sorted(new, key=lambda message: message.provider_at or _LATEST)
            taken = [(self._take(message), message) for message in in_order]
            touched = {conversation: m.account_id for conversation, m in taken if m.kind != "reaction"}
            for conversation_id, account_id in touched.items():
                self._call_agent(self._account(account_id), conversation_id)
            return fresh

    async def report(self, reports: Sequence[DeliveryReport]) -> list[bool]:
        async with self._store.system():
            moved = dict.fromkeys(range(len(reports)), False)
            for n in sorted(moved, key=lambda n: reports[n].delivery.rank):
                moved[n] = self._move(reports[n])
            return list(moved.values())

    async def quarantine(self, items: Sequence[Quarantined]) -> None:
        async with self._store.system():
            for item in items:
                self._add(Item(item.source, item.account, item.external_id, item))

    def _is_fresh(self, message: InboundMessage) -> bool:
        account = self._accounts.get(message.account_id)
        return account is not None and self._add(Item(account.kind, account.external_id, message.external_id))

    def _add(self, item: Item) -> bool:
        known = (item.source, item.account, item.external_id) in self._store.read(INBOX.name)
        if not known:
            self._inbox.insert(item, at=None)
        return not known

    def _take(self, incoming: InboundMessage) -> UUID:
        """The id of the conversation that the message is now in."""
        account, now = self._account(incoming.account_id), self._store.clock.now()
        contact = self._contact(account, incoming)
        conversation = self._conversation(account, contact, incoming)
        conversation.last_message_at = conversation.last_customer_at = now
        conversation.contact_name = incoming.contact_name or conversation.contact_name
        if conversation.status is Status.PENDING:
            conversation.status = Status.ACTIVE
        if incoming.opt is not None:
            conversation.opted_out = contact.opted_out
        message = Message(
            id=self._ids.new(),
            conversation_id=conversation.id,
            seq=conversation.next_seq(),
            direction=Direction.INBOUND,
            sender=Sender.CONTACT,
            text=incoming.text,
            kind=incoming.kind,
            created_at=now,
            provider_message_id=incoming.external_id,
            provider_at=incoming.provider_at,
        )
        self._conversations.update(conversation)
        self._messages.insert(Written.of(message, account.id), at=account.owner)
        return conversation.id

    def _account(self, account_id: UUID) -> ChannelAccount:
        account = self._accounts.get(account_id)
        assert account is not None, "what is fresh came through an account that is there"
        return account

    def _contact(self, account: ChannelAccount, incoming: InboundMessage) -> Contact:
        contact = self._contacts.by(CONTACT_ADDRESS, (account.owner.tenant_id, account.kind, incoming.address))
        if contact is None:
            contact = Contact(self._ids.new(), account.kind, incoming.address, incoming.contact_name)
        if incoming.opt is not None:
            contact = replace(contact, opted_out=incoming.opt == "out")
        self._contacts.upsert(contact, at=account.owner)
        return contact

    def _conversation(self, account: ChannelAccount, contact: Contact, incoming: InboundMessage) -> Conversation:
        found = self._conversations.by(CONVERSATION_OPEN, (account.owner.tenant_id, account.id, contact.id))
        if found is not None:
            return found
        now = self._store.clock.now()
        made = Conversation(
            id=self._ids.new(),
            owner=account.owner,
            channel_account_id=account.id,
            contact_id=contact.id,
            contact_address=incoming.address,
            contact_name=incoming.contact_name or contact.name,
            agent_id=account.agent_id,
            opted_out=contact.opted_out,
            created_at=now,
            started_at=now,
        )
        self._conversations.insert(made, at=account.owner)
        return made

    def _call_agent(self, account: ChannelAccount, conversation_id: UUID) -> None:
        """A turn, some time after the last message of a burst, at the latest some time after its first."""
        conversation = self._conversations.get(conversation_id)
        if conversation is None or not conversation.agent_may_speak:
            return
        now, name = self._store.clock.now(), f"turn:{conversation_id}"
        waiting = self._jobs.by(DEDUPE, name)
        if waiting is not None:
            self._jobs.update(replace(waiting, run_at=min(now + self._window, waiting.created_at + self._cap)))
        else:
            turn = NewJob(
                kind=TURN,
                payload={"conversation_id": str(conversation_id)},
                order_key=f"conv:{conversation_id}",
                dedupe_key=name,
                delay=self._cap,
            )
            made = new_job(self._store, account.owner.scope, turn)
            self._jobs.insert(replace(made, run_at=now + self._window), at=account.owner)
        self._store.wake()

    def _move(self, report: DeliveryReport) -> bool:
        for written in self._messages.all(where=lambda written: _is_meant(written, report)):
            message, now = copy(written.message), self._store.clock.now()
            if not message.moved(
                report.delivery,
                at=report.at or now,
                provider_message_id=report.provider_message_id,
                error=report.error,
            ):
                continue
            self._messages.update(Written.of(message, written.account_id))
            if report.delivery is Delivery.FAILED:
                self._make_good(message)
            return True
        return False

    def _make_good(self, message: Message) -> None:
        conversation = self._conversations.get(message.conversation_id)
        assert conversation is not None, "a message belongs to a conversation"
        job = NewJob(kind=FAILED_SEND, payload={"message_id": str(message.id)})
        self._jobs.insert(new_job(self._store, conversation.owner.scope, job), at=conversation.owner)
        self._store.wake()


def _is_meant(written: Written, report: DeliveryReport) -> bool:
    message = written.message
    if written.account_id != report.account_id or message.direction is not Direction.OUTBOUND:
        return False
    return message.id == report.message_id or message.provider_message_id == report.provider_message_id
