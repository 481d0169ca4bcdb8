"""Conversations, messages and channel accounts in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from sqlalchemy import insert, inspect, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from atende.core.conversation.channel import ChannelAccount, ChannelSecrets
from atende.core.conversation.model import Conversation, Message
from atende.core.conversation.ports import ChannelAccounts, ChannelDirectory, Conversations, Messages
from atende.core.kernel import NotFound, Owner, Page, TenantScope
from atende.core.tenancy.ports import Cipher
from atende.outbound.postgres.base import OwnedColumns, Row, TenantColumns, fresh, to_entity, to_values, upsert, within
from atende.outbound.postgres.constraints import database_errors
from atende.outbound.postgres.pages import newest_by_time


class ChannelAccountRow(OwnedColumns, Row):
    __tablename__ = "channel_account"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    external_id: Mapped[str]
    address: Mapped[str]
    provider_account: Mapped[str]
    secrets: Mapped[bytes]
    agent_id: Mapped[UUID | None]
    is_active: Mapped[bool]
    created_at: Mapped[datetime]


class ConversationRow(OwnedColumns, Row):
    __tablename__ = "conversation"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    channel_account_id: Mapped[UUID]
    contact_id: Mapped[UUID]
    contact_address: Mapped[str]
    contact_name: Mapped[str | None]
    agent_id: Mapped[UUID | None]
    language: Mapped[str | None]
    status: Mapped[str]
    attendance: Mapped[str]
    opted_out: Mapped[bool]
    last_seq: Mapped[int]
    answered_seq: Mapped[int]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    last_message_at: Mapped[datetime | None]
    last_customer_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    close_reason: Mapped[str | None]
    closure: Mapped[dict[str, Any]] = mapped_column(JSONB)


class MessageRow(TenantColumns, Row):
    __tablename__ = "message"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID]
    channel_account_id: Mapped[UUID]
    seq: Mapped[int]
    direction: Mapped[str]
    sender: Mapped[str]
    kind: Mapped[str]
    text: Mapped[str]
    delivery: Mapped[str]
    provider_message_id: Mapped[str | None]
    provider_at: Mapped[datetime | None]
    turn_id: Mapped[UUID | None]
    answer_id: Mapped[UUID | None]
    attempts: Mapped[int]
    sending_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    error: Mapped[str | None]
    created_at: Mapped[datetime]


class PostgresChannelAccounts(ChannelAccounts):
    """Secrets are encrypted and bound to their row: the place is the table and the id."""

    def __init__(self, session: AsyncSession, cipher: Cipher) -> None:
        self._session, self._cipher = session, cipher

    async def add(self, account: ChannelAccount) -> None:
        sealed = self._cipher.seal(msgspec.json.encode(account.secrets), place=_place(account.id))
        await self._session.execute(insert(ChannelAccountRow).values(to_values(account, secrets=sealed)))

    async def get(self, scope: TenantScope, account_id: UUID) -> ChannelAccount:
        row = await self._session.scalar(
            select(ChannelAccountRow).where(
                ChannelAccountRow.id == account_id, ChannelAccountRow.tenant_id == scope.tenant_id
            )
        )
        if row is None:
            raise NotFound("no such channel account")
        return to_account(row, self._cipher)


def to_account(row: ChannelAccountRow, cipher: Cipher) -> ChannelAccount:
    return _opened(cipher, {one.key: getattr(row, one.key) for one in inspect(ChannelAccountRow).column_attrs})


class PostgresChannelDirectory(ChannelDirectory):
    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", cipher: Cipher) -> None:
        self._pool, self._cipher = pool, cipher

    async def named(self, kinds: Sequence[str], names: Sequence[str]) -> list[ChannelAccount]:
        with database_errors():
            rows = await self._pool.fetch("SELECT * FROM find_channel_accounts($1, $2)", list(kinds), list(names))
        return [_opened(self._cipher, dict(row)) for row in rows]


def _opened(cipher: Cipher, row: dict[str, Any]) -> ChannelAccount:
    row["owner"] = Owner(row.pop("organization_id"), row.pop("project_id"), row.pop("tenant_id"))
    secrets = cipher.open(row.pop("secrets"), place=_place(row["id"]))
    row["secrets"] = msgspec.json.decode(secrets, type=ChannelSecrets)
    return msgspec.convert(row, ChannelAccount)


def _place(account_id: UUID) -> str:
    return f"channel_account/{account_id}"


class PostgresConversations(Conversations):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, scope: TenantScope, conversation_id: UUID) -> Conversation:
        return await self._one(scope, conversation_id, lock=False)

    async def lock(self, scope: TenantScope, conversation_id: UUID) -> Conversation:
        return await self._one(scope, conversation_id, lock=True)

    async def _one(self, scope: TenantScope, conversation_id: UUID, *, lock: bool) -> Conversation:
        query = select(ConversationRow).where(ConversationRow.id == conversation_id, *within(ConversationRow, scope))
        query = fresh(query)
        row = await self._session.scalar(query.with_for_update() if lock else query)
        if row is None:
            raise NotFound("no such conversation")
        return to_entity(row, Conversation)

    async def save(self, conversation: Conversation) -> None:
        await self._session.execute(
            update(ConversationRow)
            .where(ConversationRow.tenant_id == conversation.owner.tenant_id, ConversationRow.id == conversation.id)
            .values(to_values(conversation))
        )

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
        wanted = within(ConversationRow, scope)
        if status:
            wanted.append(ConversationRow.status == status)
        if attendance:
            # Not a parameter: the index holds only what is not attended by the agent, and the planner must see that it fits.
            wanted.append(ConversationRow.attendance == literal(str(attendance), literal_execute=True))
        return await newest_by_time(
            self._session,
            ConversationRow,
            ConversationRow.last_message_at,
            lambda row: to_entity(row, Conversation),
            *wanted,
            page=page,
            limit=limit,
            after=after,
        )


class PostgresMessages(Messages):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def save(self, scope: TenantScope, message: Message) -> None:
        account = (
            select(ConversationRow.channel_account_id)
            .where(ConversationRow.tenant_id == scope.tenant_id, ConversationRow.id == message.conversation_id)
            .scalar_subquery()
        )
        await upsert(self._session, MessageRow, [to_values(message, scope, channel_account_id=account)])

    async def get(self, scope: TenantScope, message_id: UUID) -> Message:
        return await self._one(scope, message_id, lock=False)

    async def lock(self, scope: TenantScope, message_id: UUID) -> Message:
        return await self._one(scope, message_id, lock=True)

    async def _one(self, scope: TenantScope, message_id: UUID, *, lock: bool) -> Message:
        query = fresh(select(MessageRow).where(*within(MessageRow, scope), MessageRow.id == message_id))
        row = await self._session.scalar(query.with_for_update() if lock else query)
        if row is None:
            raise NotFound("no such message")
        return to_entity(row, Message)

    async def of(
        self,
        scope: TenantScope,
        conversation_id: UUID,
        *,
        after_seq: int = 0,
        last: int | None = None,
        first: int | None = None,
    ) -> list[Message]:
        query = fresh(
            select(MessageRow)
            .where(*within(MessageRow, scope))
            .where(MessageRow.conversation_id == conversation_id, MessageRow.seq > after_seq)
        )
        newest = MessageRow.seq.desc()
        query = (
            query.order_by(newest).limit(last or 1_000)
            if first is None
            else query.order_by(MessageRow.seq).limit(first)
        )
        rows = (await self._session.scalars(query)).all()
        return [to_entity(row, Message) for row in (rows if first is not None else reversed(rows))]
