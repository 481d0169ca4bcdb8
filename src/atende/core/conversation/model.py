"""Conversations between a tenant's customers and its attendants, artificial and human."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from atende.core.conversation.turns import SilenceReason, Turn
from atende.core.kernel import Conflict, InvalidState, Owner, Retryable

MAX_TEXT = 65_536


class Status(StrEnum):
    PENDING = "pending"
    ACTIVE = "active"
    CLOSED = "closed"
    ARCHIVED = "archived"
    BLOCKED = "blocked"


class Attendance(StrEnum):
    """Who attends: the agent, nobody yet (it waits for a person), or a person."""

    AI = "ai"
    WAITING_HUMAN = "waiting_human"
    HUMAN = "human"


class CloseReason(StrEnum):
    COMPLETED = "completed"
    MANUAL = "manual"
    CLOSURE_DETECTED = "closure_detected"
    IDLE = "idle"
    EXPIRED = "expired"
    CANCELED = "canceled"
    BLOCKED = "blocked"


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Sender(StrEnum):
    CONTACT = "contact"
    AI = "ai"
    HUMAN = "human"
    SYSTEM = "system"


class Delivery(StrEnum):
    """Delivery status of an outgoing message. Incoming messages are `received`."""

    RECEIVED = "received"
    PENDING = "pending"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"

    @property
    def rank(self) -> int:
        """Callbacks move a message to a higher rank only; `failed` yields to a later proof of delivery."""
        return _RANK[self]


_RANK = {
    Delivery.RECEIVED: 0,
    Delivery.PENDING: 0,
    Delivery.SENDING: 1,
    Delivery.UNKNOWN: 1,
    Delivery.SENT: 2,
    Delivery.FAILED: 3,
    Delivery.DELIVERED: 4,
    Delivery.READ: 5,
}


class HandoffReason(StrEnum):
    ASKED_FOR_HUMAN = "asked_for_human"
    NOT_KNOWN = "not_known"
    SEND_UNKNOWN = "send_unknown"
    SEND_FAILED = "send_failed"
    TURN_FAILED = "turn_failed"
    NO_CREDITS = "no_credits"
    TOO_OLD = "too_old"
    WINDOW_CLOSED = "window_closed"
    CHANNEL_OFF = "channel_off"
    """The number was paused or disconnected."""


class ReplyInFlight(Conflict, Retryable):
    """A reply is on its way to the customer; try again in a moment."""


class TakenOver(Conflict):
    """A person attends this conversation; the agent keeps quiet."""


@dataclass(slots=True, kw_only=True)
class Conversation:
    """A thread with one contact on one channel account; at most one of them is open at a time."""

    id: UUID
    owner: Owner
    channel_account_id: UUID
    contact_id: UUID
    contact_address: str
    created_at: datetime
    status: Status = Status.ACTIVE
    attendance: Attendance = Attendance.AI
    contact_name: str | None = None
    agent_id: UUID | None = None
    language: str | None = None
    last_seq: int = 0
    answered_seq: int = 0
    started_at: datetime | None = None
    last_message_at: datetime | None = None
    last_customer_at: datetime | None = None
    closed_at: datetime | None = None
    close_reason: CloseReason | None = None
    closure: dict[str, Any] = field(default_factory=dict)
    opted_out: bool = False

    @property
    def is_open(self) -> bool:
        return self.status in {Status.PENDING, Status.ACTIVE, Status.BLOCKED}

    @property
    def agent_may_speak(self) -> bool:
        return self.status is Status.ACTIVE and self.attendance is Attendance.AI and not self.opted_out

    @property
    def duration_seconds(self) -> int | None:
        """Whole seconds from start to end; None while it runs."""
        if self.closed_at is None or self.started_at is None:
            return None
        return int((self.closed_at - self.started_at).total_seconds())

    def silence_for(self, turn: Turn) -> SilenceReason | None:
        """Why nobody is to answer this open turn; None when the agent may.

        Answered by a person: somebody took the conversation after the turn began, and gave it back since.
        """
        if self.answered_seq >= turn.to_seq:
            return SilenceReason.ANSWERED_BY_PERSON
        if self.opted_out:
            return SilenceReason.OPTED_OUT
        if not self.is_open:
            return SilenceReason.CONVERSATION_CLOSED
        if self.attendance is Attendance.HUMAN:
            return SilenceReason.PERSON_ATTENDS
        if self.attendance is Attendance.WAITING_HUMAN:
            return SilenceReason.PERSON_CALLED
        return None if self.agent_may_speak else SilenceReason.CONVERSATION_BLOCKED

    def next_seq(self) -> int:
        self.last_seq += 1
        return self.last_seq

    def call_human(self) -> None:
        if self.attendance is Attendance.AI:
            self.attendance = Attendance.WAITING_HUMAN

    def take_over(self) -> None:
        """A person takes the conversation; doing it twice changes nothing."""
        if not self.is_open:
            raise InvalidState("a conversation that has ended cannot be taken over")
        self.attendance = Attendance.HUMAN

    def give_back(self) -> None:
        """The agent attends again; what was said meanwhile is the person's to answer.

        One that has ended stays so: it leaves the human queue, where its last reply may have put it.
        """
        if not self.is_open and self.attendance is Attendance.AI:
            raise InvalidState("a conversation that has ended cannot be given back")
        self.attendance = Attendance.AI
        self.answered_seq = self.last_seq

    def close(self, reason: CloseReason, *, at: datetime, closure: dict[str, Any] | None = None) -> None:
        if self.status is Status.CLOSED:
            return
        if self.status not in {Status.PENDING, Status.ACTIVE, Status.BLOCKED}:
            raise InvalidState(f"a conversation that is {self.status} cannot be closed")
        self.status, self.closed_at, self.close_reason = Status.CLOSED, at, reason
        self.closure = closure or {}


@dataclass(slots=True, kw_only=True)
class Message:
    """One message. `seq` orders the conversation; `provider_at` is the provider's time (1 s), `created_at` ours."""

    id: UUID
    conversation_id: UUID
    seq: int
    direction: Direction
    sender: Sender
    text: str
    created_at: datetime
    delivery: Delivery = Delivery.RECEIVED
    kind: str = "text"
    provider_message_id: str | None = None
    provider_at: datetime | None = None
    turn_id: UUID | None = None
    answer_id: UUID | None = None
    attempts: int = 0
    sending_at: datetime | None = None
    sent_at: datetime | None = None
    error: str | None = None

    def sending(self, at: datetime) -> None:
        if self.delivery not in {Delivery.PENDING, Delivery.SENDING}:
            raise InvalidState(f"a message that is {self.delivery} is not sent again")
        self.delivery, self.sending_at, self.attempts = Delivery.SENDING, at, self.attempts + 1

    def moved(
        self, to: Delivery, *, at: datetime, provider_message_id: str | None = None, error: str | None = None
    ) -> bool:
        """Move forward as the provider says; False when it would be backwards."""
        self.provider_message_id = self.provider_message_id or provider_message_id
        if to.rank <= self.delivery.rank:
            return False
        self.delivery, self.error = to, error
        if to is not Delivery.FAILED:
            self.sent_at = self.sent_at or at
        return True

    def doubted(self, error: str) -> bool:
        """Nobody knows whether it was sent: it is never sent again, and a proof may still come.

        False when it was not being sent.
        """
        if self.delivery is not Delivery.SENDING:
            return False
        self.delivery, self.error = Delivery.UNKNOWN, error[:500]
        return True

    def not_sent(self, error: str, *, retry: bool) -> None:
        if self.delivery is Delivery.SENDING:
            self.delivery, self.error = (Delivery.PENDING if retry else Delivery.FAILED), error[:500]

    def withdraw(self, error: str) -> None:
        """It was certainly not sent, and never will be."""
        if self.delivery is not Delivery.PENDING:
            raise InvalidState(f"a message that is {self.delivery} cannot be withdrawn")
        self.delivery, self.error = Delivery.FAILED, error[:500]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handoff:
    """A conversation on the human queue, and why."""

    id: UUID
    conversation_id: UUID
    reason: HandoffReason
    created_at: datetime
    message_id: UUID | None = None
    note: str = ""
