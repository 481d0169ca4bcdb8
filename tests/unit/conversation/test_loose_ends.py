"""What must not stay behind: a queue that nobody can empty, a reason that does not fit its row."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from atende.core.conversation.model import Attendance, CloseReason, Conversation, Status
from atende.core.conversation.turns import Turn
from atende.core.kernel import InvalidState, Owner

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ID = UUID(int=1)


def ended() -> Conversation:
    conversation = Conversation(
        id=ID,
        owner=Owner(ID, ID, "loja"),
        channel_account_id=ID,
        contact_id=ID,
        contact_address="+5581999990000",
        created_at=NOW,
    )
    conversation.close(CloseReason.CLOSURE_DETECTED, at=NOW)
    return conversation


def test_an_ended_conversation_leaves_the_human_queue_when_it_is_given_back() -> None:
    """Its farewell was refused or in doubt: a person is called after the end, and must be able to say that it is settled."""
    conversation = ended()
    conversation.call_human()
    conversation.give_back()
    assert (conversation.attendance, conversation.status) == (Attendance.AI, Status.CLOSED)


def test_an_ended_conversation_that_waits_for_nobody_is_not_given_back() -> None:
    with pytest.raises(InvalidState):
        ended().give_back()


def test_the_reason_of_a_failed_turn_fits_its_row() -> None:
    turn = Turn(id=ID, conversation_id=ID, from_seq=1, to_seq=1, created_at=NOW)
    turn.hand_over(at=NOW, error="x" * 5_000)
    assert turn.error == "x" * 500
