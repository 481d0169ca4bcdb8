"""Conversations, messages, turns, the human queue and channel accounts in memory."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from atende.core.conversation.channel import ChannelAccount
from atende.core.conversation.model import Conversation, Handoff, Message, Sender
from atende.core.conversation.ports import ChannelAccounts, ChannelDirectory, Conversations, Handoffs, Messages, Turns
from atende.core.conversation.turns import Turn, TurnState
from atende.core.kernel import Conflict, NotFound, Page, TenantScope
from atende.outbound.memory.pages import newest_by_time
from atende.outbound.memory.row import Row
from atende.outbound.memory.store import MemoryStore
from atende.outbound.memory.table import OF_PROJECT, Rows, Table, narrow

E = TypeVar("E")

ACCOUNTS = Table[ChannelAccount](
    name="channel_account",
    unique={"channel_account_number": lambda row: (row.entity.kind, row.entity.external_id)},
    parents={**OF_PROJECT, "agent": lambda row: row.entity.agent_id},
)


def open_key(row: Row[Any]) -> tuple[Any, ...] | None:
    """One open conversation per account and contact."""
    conversation: Conversation = row.entity
    return (row.tenant_id, conversation.channel_account_id, conversation.contact_id) if conversation.is_open else None


CONVERSATION_OPEN = "conversation_open"
CONVERSATIONS = Table[Conversation](
    name="conversation",
    unique={CONVERSATION_OPEN: open_key},
    parents={
        **OF_PROJECT,
        "channel_account": lambda row: row.entity.channel_account_id,
        "contact": lambda row: row.entity.contact_id,
        "agent": lambda row: row.entity.agent_id,
    },
)
TURNS = Table[Turn](
    name="turn",
    unique={
        "turn_once": lambda row: (row.entity.conversation_id, row.entity.to_seq),
        "turn_one_open": lambda row: row.entity.conversation_id if row.entity.state is TurnState.OPEN else None,
    },
    parents={"conversation": lambda row: row.entity.conversation_id},
)


@dataclass(frozen=True, slots=True)
class Written:
    """A message and the account that it went through, under which the provider's ids are unique."""

    message: Message
    account_id: UUID

    @property
    def id(self) -> UUID:
        return self.message.id

    @classmethod
    def of(cls, message: Message, account_id: UUID) -> "Written":
        return cls(copy(message), account_id)


def _provider_id(row: Row[Any]) -> tuple[UUID, str] | None:
    written: Written = row.entity
    return (written.account_id, written.message.provider_message_id) if written.message.provider_message_id else None


def _reply(row: Row[Any]) -> UUID | None:
    message: Message = row.entity.message
    return message.turn_id if message.sender is Sender.AI else None


ONE_REPLY, PROVIDER_ID = "message_one_reply", "message_provider_id"
MESSAGES = Table[Written](
    name="message",
    unique={
        "message_order": lambda row: (row.entity.message.conversation_id, row.entity.message.seq),
        PROVIDER_ID: _provider_id,
        ONE_REPLY: _reply,
    },
    parents={
        "conversation": lambda row: row.entity.message.conversation_id,
        "turn": lambda row: row.entity.message.turn_id,
        "answer": lambda row: row.entity.message.answer_id,
    },
)


@dataclass(frozen=True, slots=True)
class Queued:
    """A handoff and who took it."""

    handoff: Handoff
    settled_at: datetime | None = None
    settled_by: str | None = None

    @property
    def id(self) -> UUID:
        return self.handoff.id


HANDOFFS = Table[Queued](name="handoff", parents={"conversation": lambda row: row.entity.handoff.conversation_id})


class MemoryChannelAccounts(ChannelAccounts):
    def __init__(self, store: MemoryStore) -> None:
        self._accounts = Rows(store, ACCOUNTS)

    async def add(self, account: ChannelAccount) -> None:
        self._accounts.insert(account, at=account.owner)

    async def get(self, scope: TenantScope, account_id: UUID) -> ChannelAccount:
        return _found(self._accounts.get(account_id, narrow(scope)), "channel account")


class MemoryChannelDirectory(ChannelDirectory):
    def __init__(self, store: MemoryStore) -> None:
        self._accounts = Rows(store, ACCOUNTS)

    async def named(self, kinds: Sequence[str], names: Sequence[str]) -> list[ChannelAccount]:
        accounts = (row.entity for row in self._accounts.committed())
        return [
            copy(account)
            for account in accounts
            if account.is_active
            and account.kind in kinds
            and {account.external_id, account.provider_account} & {*names}
        ]


class MemoryConversations(Conversations):
    def __init__(self, store: MemoryStore) -> None:
        self._conversations = Rows(store, CONVERSATIONS)

    async def get(self, scope: TenantScope, conversation_id: UUID) -> Conversation:
        return _found(self._conversations.get(conversation_id, scope), "conversation")

    async def lock(self, scope: TenantScope, conversation_id: UUID) -> Conversation:
        return await self.get(scope, conversation_id)

    async def save(self, conversation: Conversation) -> None:
        self._conversations.update(conversation)

    async def page(
        self,
        scope: TenantScope,
        *,
        page: int,
        limit: int,
        status: str | None = None,
        attendance: str | None = None,
        after: str | None = None,
    ) -> Page[Conversation]:
        found = self._conversations.all(
            scope, lambda c: (status or c.status) == c.status and (attendance or c.attendance) == c.attendance
        )
        return newest_by_time(found, lambda c: c.last_message_at, page=page, limit=limit, after=after)


class MemoryMessages(Messages):
    def __init__(self, store: MemoryStore) -> None:
        self._messages, self._conversations = Rows(store, MESSAGES), Rows(store, CONVERSATIONS)

    async def save(self, scope: TenantScope, message: Message) -> None:
        conversation = self._conversations.get(message.conversation_id, narrow(scope))
        if conversation is None:
            raise Conflict("a message belongs to a conversation that is there")
        self._messages.upsert(Written.of(message, conversation.channel_account_id), at=scope)

    async def get(self, scope: TenantScope, message_id: UUID) -> Message:
        return copy(_found(self._messages.get(message_id, narrow(scope)), "message").message)

    async def lock(self, scope: TenantScope, message_id: UUID) -> Message:
        return await self.get(scope, message_id)

    async def of(
        self,
        scope: TenantScope,
        conversation_id: UUID,
        *,
        after_seq: int = 0,
        last: int | None = None,
        first: int | None = None,
    ) -> list[Message]:
        found = self._messages.all(scope, lambda w: w.message.conversation_id == conversation_id)
        later = sorted((w.message for w in found if w.message.seq > after_seq), key=lambda message: message.seq)
        kept = later[-(last or 1_000) :] if first is None else later[:first]
        return [copy(message) for message in kept]


class MemoryTurns(Turns):
    def __init__(self, store: MemoryStore) -> None:
        self._turns, self._messages = Rows(store, TURNS), Rows(store, MESSAGES)

    async def get(self, scope: TenantScope, turn_id: UUID) -> Turn:
        return _found(self._turns.get(turn_id, narrow(scope)), "turn")

    async def latest_in(self, scope: TenantScope, conversation_id: UUID) -> tuple[Turn | None, Message | None]:
        found = self._turns.all(narrow(scope), lambda turn: turn.conversation_id == conversation_id)
        latest = max(found, key=lambda turn: turn.to_seq, default=None)
        written = None if latest is None else self._messages.by(ONE_REPLY, latest.id, narrow(scope))
        return latest, None if written is None else copy(written.message)

    async def save(self, scope: TenantScope, turn: Turn) -> None:
        self._turns.upsert(turn, at=scope)


class MemoryHandoffs(Handoffs):
    def __init__(self, store: MemoryStore) -> None:
        self._store, self._handoffs = store, Rows(store, HANDOFFS)

    async def add(self, scope: TenantScope, handoff: Handoff) -> None:
        self._handoffs.insert(Queued(handoff), at=scope)

    async def settle(self, scope: TenantScope, conversation_id: UUID, *, by: str) -> None:
        now = self._store.clock.now()
        waiting = self._handoffs.all(
            narrow(scope), lambda q: q.handoff.conversation_id == conversation_id and q.settled_at is None
        )
        for queued in waiting:
            self._handoffs.update(replace(queued, settled_at=now, settled_by=by))


def _found(entity: E | None, what: str) -> E:
    if entity is None:
        raise NotFound(f"no such {what}")
    return entity
