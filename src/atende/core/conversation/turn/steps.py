"""What comes next in a turn, and why a turn gets no reply: two closed sets."""

from dataclasses import dataclass
from typing import TypeAlias

from atende.core.conversation.channel import Dispatch
from atende.core.conversation.model import HandoffReason
from atende.core.conversation.turn.prepare_answer import PreparedAnswer
from atende.core.conversation.turns import SilenceReason


@dataclass(frozen=True, slots=True)
class AnswerNow:
    """The turn is open and its cost is held: compose the answer, then record it."""

    prepared: PreparedAnswer


@dataclass(frozen=True, slots=True)
class SendNow:
    """The reply is recorded as being sent: hand it to its channel, once."""

    dispatch: Dispatch


@dataclass(frozen=True, slots=True)
class Done:
    """Nothing is left to do, and the job is finished."""


Step: TypeAlias = AnswerNow | SendNow | Done


@dataclass(frozen=True, slots=True)
class CallPerson:
    """The agent does not answer this turn: a person must."""

    reason: HandoffReason


@dataclass(frozen=True, slots=True)
class StaySilent:
    """Nobody answers this turn, and nobody is called."""

    reason: SilenceReason


Refusal: TypeAlias = CallPerson | StaySilent
