"""A turn, whatever happens in whatever order: at most one reply, and exactly one end."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from atende.core.conversation.model import Attendance, CloseReason, Conversation, Status
from atende.core.conversation.turns import SilenceReason, Turn, TurnState
from atende.core.kernel import Invalid, InvalidState, Owner

NOW = datetime(2026, 12, 1, tzinfo=UTC)
ID = UUID(int=1)


def _conversation() -> Conversation:
    owner = Owner(ID, ID, "loja")
    return Conversation(
        id=ID, owner=owner, channel_account_id=ID, contact_id=ID, contact_address="+5581999990000", created_at=NOW
    )


def _turn(to_seq: int = 1) -> Turn:
    return Turn(id=ID, conversation_id=ID, from_seq=1, to_seq=to_seq, created_at=NOW)


class TurnMachine(RuleBasedStateMachine):
    """A worker answers while customer, people and other workers do what they like, each any number of times."""

    def __init__(self) -> None:
        super().__init__()
        self.conversation, self.turn = _conversation(), _turn()
        self.conversation.next_seq()
        self.now = NOW
        self.ends: list[TurnState] = []
        self.taken_in = 0

    def _end(self, state: TurnState, *, ended: bool) -> None:
        assert ended is (len(self.ends) == 0), "it ends if it had not ended, and only then"
        if ended:
            self.ends.append(state)

    def _tick(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    @rule()
    def the_customer_writes(self) -> None:
        self.conversation.next_seq()

    @rule()
    def newer_messages_are_taken_in(self) -> None:
        before = replace(self.turn)
        if self.turn.take_in(self.conversation.last_seq):
            self.taken_in += 1
            assert not self.ends, "what has ended covers nothing more"
        else:
            assert self.turn == before

    @rule()
    def a_worker_replies(self) -> None:
        with suppress(InvalidState):
            self.turn.reply(at=self._tick())
            return self._end(TurnState.REPLIED, ended=True)
        return self._end(TurnState.REPLIED, ended=False)

    @rule()
    def a_worker_hands_over(self) -> None:
        with suppress(InvalidState):
            self.turn.hand_over(at=self._tick(), error="turn_failed")
            return self._end(TurnState.HANDED_OVER, ended=True)
        return self._end(TurnState.HANDED_OVER, ended=False)

    @rule(reason=st.sampled_from(SilenceReason))
    def a_worker_stays_silent(self, reason: SilenceReason) -> None:
        with suppress(InvalidState):
            self.turn.stay_silent(reason, at=self._tick())
            return self._end(TurnState.SILENT, ended=True)
        return self._end(TurnState.SILENT, ended=False)

    @rule()
    def a_worker_does_what_it_should(self) -> None:
        """As OpenTurn and RecordReply do."""
        if self.ends:
            return
        silence = self.conversation.silence_for(self.turn)
        if silence is None:
            self.a_worker_replies()
        else:
            self.a_worker_stays_silent(silence)

    @rule()
    def a_person_takes_over(self) -> None:
        with suppress(InvalidState):
            self.conversation.take_over()

    @rule()
    def a_person_gives_back(self) -> None:
        with suppress(InvalidState):
            self.conversation.give_back()

    @rule()
    def a_person_is_called(self) -> None:
        self.conversation.call_human()

    @rule(out=st.booleans())
    def the_contact_opts(self, *, out: bool) -> None:
        self.conversation.opted_out = out

    @rule(reason=st.sampled_from(CloseReason))
    def it_is_closed(self, reason: CloseReason) -> None:
        self.conversation.close(reason, at=self._tick())

    @rule(status=st.sampled_from([Status.ACTIVE, Status.BLOCKED, Status.PENDING]))
    def the_channel_moves_it(self, status: Status) -> None:
        if self.conversation.is_open:
            self.conversation.status = status

    @invariant()
    def it_ends_once_and_says_how(self) -> None:
        assert len(self.ends) <= 1
        assert self.taken_in <= 1
        assert self.turn.state is (self.ends[0] if self.ends else TurnState.OPEN)
        assert (self.turn.finished_at is not None) is bool(self.ends)
        assert (self.turn.silence is not None) is (self.turn.state is TurnState.SILENT)
        replace(self.turn)  # runs the checks of a new one

    @invariant()
    def the_agent_is_silent_exactly_where_it_may_not_speak_or_nothing_is_left_to_say(self) -> None:
        may = self.conversation.agent_may_speak and self.conversation.answered_seq < self.turn.to_seq
        assert (self.conversation.silence_for(self.turn) is None) is may


TestTurnMachine = TurnMachine.TestCase
TestTurnMachine.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


@given(
    state=st.sampled_from(TurnState),
    finished=st.booleans(),
    silence=st.none() | st.sampled_from(SilenceReason),
)
def test_a_turn_is_open_or_has_one_whole_end(
    *, state: TurnState, finished: bool, silence: SilenceReason | None
) -> None:
    sound = finished is (state is not TurnState.OPEN) and (silence is not None) is (state is TurnState.SILENT)
    stored: dict[str, Any] = {"state": state, "finished_at": NOW if finished else None, "silence": silence}
    if sound:
        replace(_turn(), **stored)
    else:
        with pytest.raises(Invalid):
            replace(_turn(), **stored)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"answered_seq": 1, "attendance": Attendance.HUMAN}, SilenceReason.ANSWERED_BY_PERSON),
        ({"opted_out": True, "attendance": Attendance.HUMAN}, SilenceReason.OPTED_OUT),
        ({"status": Status.CLOSED}, SilenceReason.CONVERSATION_CLOSED),
        ({"attendance": Attendance.HUMAN}, SilenceReason.PERSON_ATTENDS),
        ({"attendance": Attendance.WAITING_HUMAN}, SilenceReason.PERSON_CALLED),
        ({"status": Status.BLOCKED}, SilenceReason.CONVERSATION_BLOCKED),
    ],
)
def test_why_nobody_answers(changes: dict[str, Any], reason: SilenceReason | None) -> None:
    assert replace(_conversation(), **changes).silence_for(_turn()) is reason
