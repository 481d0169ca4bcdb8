"""What a turn is answered with: a courtesy, a person, or the documents. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from atende.core.conversation.closure.detector import ClosureDetector, Decision, Signals, Utterance, Verdict
from atende.core.conversation.model import Conversation, HandoffReason, Message, Sender
from atende.core.knowledge.model import Courtesy
from atende.core.language.intents import greeting_only, opt_out, wants_human
from atende.core.language.text import terms

SHORT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`courtesy` None: look into the documents. `handoff`: a person is called. `closes`: the reply is the last word."""

    verdict: Verdict
    courtesy: Courtesy | None = None
    handoff: HandoffReason | None = None
    closes: bool = False


def plan_reply(detector: ClosureDetector, text: str, signals: Signals) -> Plan:
    """A request for a person goes before everything; then the customer's farewell; then what asks nothing; then the documents."""
    verdict = detector.detect(signals)
    if not text.strip():
        return Plan(verdict=verdict, courtesy=Courtesy.TEXT_ONLY)
    if wants_human(text):
        return Plan(verdict=verdict, courtesy=Courtesy.HANDING_OVER, handoff=HandoffReason.ASKED_FOR_HUMAN)
    if verdict.decision is Decision.CLOSE:
        return Plan(verdict=verdict, courtesy=Courtesy.FAREWELL, closes=True)
    if verdict.decision is Decision.ASK:
        return Plan(verdict=verdict, courtesy=Courtesy.ANYTHING_ELSE)
    if greeting_only(text) or opt_out(text) == "in":
        return Plan(verdict=verdict, courtesy=Courtesy.GREETING)
    if _only_agrees(text, verdict):
        return Plan(verdict=verdict, courtesy=Courtesy.ANYTHING_ELSE)
    if not terms(text, signals.language or "pt"):
        return Plan(verdict=verdict, courtesy=Courtesy.ASK_BACK)
    return Plan(verdict=verdict)


def _only_agrees(text: str, verdict: Verdict) -> bool:
    """A bare "ok" or a smile asks nothing: it must neither be looked up nor bring a person."""
    names = {factor.name for factor in verdict.factors}
    return (names == {"assent"} and len(text) < SHORT) or not any(letter.isalnum() for letter in text)


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
