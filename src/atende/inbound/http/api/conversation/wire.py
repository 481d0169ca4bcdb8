"""Wire structs of conversations and messages."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta

from atende.core.conversation.model import (
    Attendance,
    CloseReason,
    Conversation,
    Delivery,
    Direction,
    Sender,
    Status,
)
from atende.core.knowledge.model import Outcome
from atende.inbound.http.api.knowledge.questions import CitationOut
from atende.inbound.http.wire.structs import Out


class ConversationStatusName(StrEnum):
    """States of a conversation. `progress` stands for `active`, `completed` for `closed`."""

    PENDING = "pending"
    ACTIVE = "active"
    CLOSED = "closed"
    ARCHIVED = "archived"
    BLOCKED = "blocked"
    PROGRESS = "progress"
    COMPLETED = "completed"

    @property
    def canonical(self) -> Status:
        return Status({"progress": "active", "completed": "closed"}.get(self, self))


class ConversationOut(Out):
    id: UUID
    project_id: UUID
    channel_account_id: UUID
    agent_id: UUID | None
    contact_id: UUID
    contact_address: str
    contact_name: str | None
    status: Status
    close_reason: CloseReason | None
    closure: Annotated[
        dict[str, Any], Meta(description="The factors of the last decision whether to close the conversation.")
    ]
    attendance: Attendance
    opted_out: bool
    language: str | None
    message_count: int
    duration_seconds: int | None
    created_at: datetime
    started_at: datetime | None
    last_message_at: datetime | None
    closed_at: datetime | None


class MessageOut(Out):
    id: UUID
    conversation_id: UUID
    seq: Annotated[int, Meta(description="Position in the conversation, from 1.")]
    direction: Direction
    sender: Sender
    kind: str
    text: str
    delivery: Delivery
    error: str | None
    provider_message_id: str | None
    answer_id: Annotated[UUID, Meta(description="Only for replies of the agent, which have a proof.")] | None
    created_at: datetime
    provider_at: datetime | None
    sent_at: datetime | None


class ProofOut(Out):
    """The evidence and the cost of a reply. `ledgerReference` is the `reference` of its credit transactions."""

    message_id: UUID
    answer_id: UUID
    question: str
    answer: str
    outcome: Outcome
    citations: list[CitationOut]
    model: str
    tokens_used: int
    cost: Annotated[Decimal, Meta(description="Credits.")]
    hold_id: UUID | None
    ledger_reference: str | None
    processing_time_ms: int


def conversation_out(conversation: Conversation) -> ConversationOut:
    return ConversationOut.of(
        conversation, project_id=conversation.owner.project_id, message_count=conversation.last_seq
    )
