"""The life of a conversation against a plain model of it: whatever is tried in whatever order, only listed moves happen."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from atende.core.conversation.model import Attendance, CloseReason, Conversation, Status
from atende.core.kernel import InvalidState, Owner

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
OPEN = {Status.PENDING, Status.ACTIVE, Status.BLOCKED}


class ConversationMachine(RuleBasedStateMachine):
    """`status`, `attendance` and `ended` are what the conversation should say; `spoken` counts its messages."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.conversation = Conversation(
            id=UUID(int=1),
            owner=Owner(UUID(int=2), UUID(int=3), "loja"),
            channel_account_id=UUID(int=4),
            contact_id=UUID(int=5),
            contact_address="+5511987654321",
            created_at=START,
            started_at=START,
        )
        self.status, self.attendance = Status.ACTIVE, Attendance.AI
        self.ended: tuple[datetime, CloseReason] | None = None
        self.spoken = self.answered = 0

    @rule(seconds=st.integers(0, 100_000))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def somebody_speaks(self) -> None:
        self.spoken += 1
        assert self.conversation.next_seq() == self.spoken

    @rule(status=st.sampled_from(sorted(OPEN)))
    @precondition(lambda self: self.status in OPEN)
    def the_channel_or_a_member_moves_it(self, status: Status) -> None:
        self.status = self.conversation.status = status

    @rule()
    @precondition(lambda self: self.status is Status.CLOSED)
    def it_is_archived(self) -> None:
        self.status = self.conversation.status = Status.ARCHIVED

    @rule()
    def the_agent_calls_a_person(self) -> None:
        self.conversation.call_human()
        if self.attendance is Attendance.AI:
            self.attendance = Attendance.WAITING_HUMAN

    @rule()
    def a_person_takes_over(self) -> None:
        if self._moves(self.conversation.take_over, when=self.status in OPEN):
            self.attendance = Attendance.HUMAN

    @rule()
    def a_person_gives_back(self) -> None:
        waits = self.attendance is not Attendance.AI
        if self._moves(self.conversation.give_back, when=self.status in OPEN or waits):
            self.attendance = Attendance.AI
            self.answered = self.spoken

    @rule(reason=st.sampled_from(CloseReason))
    def it_is_closed(self, reason: CloseReason) -> None:
        may = self.status is not Status.ARCHIVED
        if self._moves(lambda: self.conversation.close(reason, at=self.now), when=may) and self.status in OPEN:
            self.status, self.ended = Status.CLOSED, (self.now, reason)

    @rule(out=st.booleans())
    def the_contact_opts(self, *, out: bool) -> None:
        self.conversation.opted_out = out

    @invariant()
    def it_is_as_expected(self) -> None:
        found = self.conversation
        assert (found.status, found.attendance) == (self.status, self.attendance)
        assert found.is_open is (self.status in OPEN)
        assert (found.last_seq, found.answered_seq) == (self.spoken, self.answered)

    @invariant()
    def an_end_is_final_and_has_its_time_and_reason(self) -> None:
        found = self.conversation
        assert ((found.closed_at, found.close_reason) if found.closed_at else None) == self.ended
        seconds = None if self.ended is None else int((self.ended[0] - START).total_seconds())
        assert found.duration_seconds == seconds

    @invariant()
    def the_agent_speaks_only_where_nobody_else_does(self) -> None:
        may = self.status is Status.ACTIVE and self.attendance is Attendance.AI and not self.conversation.opted_out
        assert self.conversation.agent_may_speak is may

    def _moves(self, move: Callable[[], object], *, when: bool) -> bool:
        before = (self.conversation.status, self.conversation.attendance, self.conversation.closed_at)
        try:
            move()
        except InvalidState:
            assert not when, "a listed move was refused"
            after = (self.conversation.status, self.conversation.attendance, self.conversation.closed_at)
            assert after == before, "a refused move changed something"
            return False
        assert when, "a move that is not listed happened"
        return True


ConversationMachine.TestCase.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
TestConversation = ConversationMachine.TestCase
