"""Turns: what a customer said that one answer is for, and how each of them ends."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from atende.core.kernel import Invalid, InvalidState


class SilenceReason(StrEnum):
    """Why a turn ends without a reply and without calling anybody."""

    PERSON_ATTENDS = "person_attends"
    PERSON_CALLED = "person_called"
    ANSWERED_BY_PERSON = "answered_by_person"
    OPTED_OUT = "opted_out"
    CONVERSATION_CLOSED = "conversation_closed"
    CONVERSATION_BLOCKED = "conversation_blocked"


class TurnState(StrEnum):
    """Open, or ended in one of three ways: with the one reply, with a person called, or with neither."""

    OPEN = "open"
    REPLIED = "replied"
    HANDED_OVER = "handed_over"
    SILENT = "silent"


@dataclass(slots=True, kw_only=True)
class Turn:
    """The customer's messages from_seq..to_seq. It ends exactly once, with at most one reply; `silence` says why without any."""

    id: UUID
    conversation_id: UUID
    from_seq: int
    to_seq: int
    created_at: datetime
    state: TurnState = TurnState.OPEN
    hold_id: UUID | None = None
    discards: int = 0
    finished_at: datetime | None = None
    silence: SilenceReason | None = None
    error: str | None = None

    def __post_init__(self) -> None:
        if not 0 < self.from_seq <= self.to_seq:
            raise Invalid("a turn covers at least one message")
        if self.is_open is not (self.finished_at is None):
            raise Invalid("a turn has a time of its end when it has ended")
        if (self.state is TurnState.SILENT) is not (self.silence is not None):
            raise Invalid("a turn says why it ended in silence when it did")

    @property
    def is_open(self) -> bool:
        return self.state is TurnState.OPEN

    def take_in(self, to_seq: int) -> bool:
        """A newer message came while the answer was made: answer again, once. False when that was done before."""
        if self.discards or to_seq <= self.to_seq or not self.is_open:
            return False
        self.to_seq, self.discards = to_seq, self.discards + 1
        return True

    def reply(self, *, at: datetime) -> None:
        self._end(TurnState.REPLIED, at=at, error=None)

    def hand_over(self, *, at: datetime, error: str) -> None:
        """A person is called, `error` says why."""
        self._end(TurnState.HANDED_OVER, at=at, error=error)

    def stay_silent(self, reason: SilenceReason, *, at: datetime, error: str | None = None) -> None:
        self._end(TurnState.SILENT, at=at, error=error)
        self.silence = reason

    def _end(self, state: TurnState, *, at: datetime, error: str | None) -> None:
        """Raises InvalidState for a turn that has ended."""
        if not self.is_open:
            raise InvalidState(f"this turn has ended already: {self.state}")
        self.state, self.finished_at, self.error = state, at, error and error[:500]
