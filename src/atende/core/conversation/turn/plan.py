"""What a turn is answered with: a courtesy, a person, or the documents. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from atende.core.conversation.closure.acts import read_end
from atende.core.conversation.closure.detector import ClosureDetector, Decision, Signals, Utterance, Verdict
from atende.core.conversation.model import Conversation, HandoffReason, Message, Sender
from atende.core.knowledge.model import Courtesy
from atende.core.language.intents import greeting_only, is_question, opt_out, wants_human
from atende.core.language.smalltalk import asks_for_robot, is_pause, is_small_talk, is_yes
from atende.core.language.text import terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`courtesy` None: look into the documents. `handoff`: a person is called. `closes`: the reply is the last word."""

    verdict: Verdict
    courtesy: Courtesy | None = None
    handoff: HandoffReason | None = None
    closes: bool = False


def plan_reply(detector: ClosureDetector, text: str, signals: Signals) -> Plan:
    """A request for a person goes before everything; then the customer's farewell; then what asks nothing; then the documents.

    Small talk, bare assent and thanks are never looked up: so they never bring a person because nothing was found.
    """
    verdict = detector.detect(signals)
    if not text.strip():
        return Plan(verdict=verdict, courtesy=Courtesy.TEXT_ONLY)
    if wants_human(text):
        return Plan(verdict=verdict, courtesy=Courtesy.HANDING_OVER, handoff=HandoffReason.ASKED_FOR_HUMAN)
    courtesy = _before_the_end(text, signals)
    if courtesy is not None:
        return Plan(verdict=verdict, courtesy=courtesy)
    if verdict.decision is Decision.CLOSE:
        return Plan(verdict=verdict, courtesy=Courtesy.FAREWELL, closes=True)
    if verdict.decision is Decision.ASK and not is_question(text):
        return Plan(verdict=verdict, courtesy=Courtesy.ANYTHING_ELSE)
    if greeting_only(text) or opt_out(text) == "in":
        return Plan(verdict=verdict, courtesy=Courtesy.GREETING)
    if is_small_talk(text) or not any(letter.isalnum() for letter in text):
        answered = any(turn.by != "customer" for turn in signals.turns)
        return Plan(verdict=verdict, courtesy=Courtesy.ANYTHING_ELSE if answered else Courtesy.GREETING)
    if not terms(text, signals.language or "pt"):
        return Plan(verdict=verdict, courtesy=Courtesy.ASK_BACK)
    return Plan(verdict=verdict)


def _before_the_end(text: str, signals: Signals) -> Courtesy | None:
    """What is answered at once, whatever the verdict: yes to our own offer, a pause, the question whether a machine answers."""
    if asks_for_robot(text):
        return Courtesy.AUTOMATED
    if is_pause(text):
        return Courtesy.NO_HURRY
    if is_yes(text):
        end = read_end(signals.turns, signals.language)
        if end is not None and end.move == "more":
            return Courtesy.GO_AHEAD
    return None


def signals_of(
    conversation: Conversation,
    messages: list[Message],
    *,
    now: datetime,
    idle_after: timedelta | None = None,
    ai_verdict: float | None = None,
) -> Signals:
    """What the closure detector may know of a conversation, its messages oldest first."""
    return Signals(
        turns=[Utterance(_BY[message.sender], message.text, message.created_at) for message in messages],
        language=conversation.language,
        now=now,
        last_customer_at=conversation.last_customer_at,
        idle_after=idle_after,
        hand_off_pending=conversation.attendance != "ai",
        ai_verdict=ai_verdict,
    )


_BY: dict[Sender, Literal["customer", "assistant", "human"]] = {
    Sender.CONTACT: "customer",
    Sender.AI: "assistant",
    Sender.HUMAN: "human",
    Sender.SYSTEM: "assistant",
}


def closure_record(verdict: Verdict) -> dict[str, object]:
    """The verdict as it is kept with the conversation, so that a close can be audited."""
    return {
        "decision": str(verdict.decision),
        "confidence": round(verdict.confidence, 3),
        "factors": [{"name": f.name, "weight": round(f.weight, 3), "evidence": f.evidence} for f in verdict.factors],
    }
