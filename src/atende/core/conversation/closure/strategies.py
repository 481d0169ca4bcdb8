"""The views of a conversation's end, each giving its factors. Every weight is a field: policy as data."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Final

from atende.core.conversation.closure.model import Factor, Signals, Strategy
from atende.core.conversation.closure.reading import Asked, Reading, read
from atende.core.language.phrases.kinds import Kind

_SAID_PLAINLY: Final = frozenset({Kind.CLOSING, Kind.FAREWELL, Kind.THANKS, Kind.HELPED})


@dataclass(frozen=True, slots=True)
class KeywordStrategy(Strategy):
    """The customer's last words alone: what they say to end, and what they still want."""

    closing_phrase: float = 0.50
    resolved: float = 0.30
    put_off: float = 0.30
    farewell: float = 0.30
    thanks: float = 0.20
    help_received: float = 0.15
    nothing_but_courtesy: float = 0.35
    unsaid_share: float = 0.60
    open_question: float = -0.60
    request: float = -0.60
    complaint: float = -0.50
    contrast: float = -0.50
    greeting: float = -0.20
    per_content_word: float = -0.05
    content_at_most: float = -0.30
    too_long: float = -0.60

    def __call__(self, signals: Signals) -> tuple[Factor, ...]:
        reading = read(signals.turns, signals.language)
        if reading is None:
            return ()
        return (*self._for(reading), *self._against(reading))

    def _for(self, reading: Reading) -> tuple[Factor, ...]:
        words = reading.words
        farewell = _farewell(reading)
        found = [
            Factor("closing_phrase", self.closing_phrase, words.found.get(Kind.CLOSING, "")),
            Factor("resolved", self.resolved, words.found.get(Kind.RESOLVED, "")),
            Factor("put_off", self.put_off, words.found.get(Kind.LATER, "")),
            Factor("farewell", self.farewell, farewell),
            Factor("thanks", self.thanks, words.found.get(Kind.THANKS, "")),
            Factor("help_received", self.help_received, words.found.get(Kind.HELPED, "")),
        ]
        if words.is_courteous and reading.may_end and Kind.ADVANCE not in words.found:
            share = _share_of_courtesy(reading) * (1.0 if _SAID_PLAINLY & words.found.keys() else self.unsaid_share)
            found.append(Factor("nothing_but_courtesy", round(self.nothing_but_courtesy * share, 4), "last words"))
        return tuple(factor for factor in found if factor.evidence and factor.weight)

    def _against(self, reading: Reading) -> tuple[Factor, ...]:
        words = reading.words
        eased = 0.5 if reading.answered else 1.0
        content = max(self.content_at_most, self.per_content_word * words.content)
        found = [
            Factor("open_question", self.open_question * eased, words.question),
            Factor("request", self.request * eased, words.request),
            Factor("complaint", self.complaint, words.found.get(Kind.COMPLAINT, "")),
            Factor("contrast", self.contrast, words.contrast),
            Factor("greeting", self.greeting, "opens with a greeting" if words.greets else ""),
            Factor("too_long", self.too_long, "longer than what is read" if reading.unread else ""),
            Factor("content", round(content, 4), f"{words.content} words" if words.content else ""),
        ]
        return tuple(factor for factor in found if factor.evidence)


def _share_of_courtesy(reading: Reading) -> float:
    """1 when the last words hold nothing of their own, 0 from four words of content on."""
    return max(0.0, 1 - reading.words.content / 4)


def _farewell(reading: Reading) -> str:
    """`Boa noite` opens a conversation or ends it: it ends one after another courtesy, the customer's or ours."""
    found = reading.words.found
    if reading.parted_before and Kind.TIME_WISH in found:
        return found[Kind.TIME_WISH]
    return found.get(Kind.FAREWELL, "")


@dataclass(frozen=True, slots=True)
class SilenceStrategy(Strategy):
    """How long the customer has been silent, while it is their turn to speak."""

    most: float = 0.30

    def __call__(self, signals: Signals) -> tuple[Factor, ...]:
        share = self._share(signals)
        reading = read(signals.turns, signals.language) if share else None
        if reading is None or not (reading.may_end or reading.answered):
            return ()
        return (Factor("silence", round(self.most * share, 4), f"{share:.0%} of the idle time"),)

    @staticmethod
    def _share(signals: Signals) -> float:
        """The part of the idle time that has passed, from 0 to 1."""
        spoken = [turn.at for turn in signals.turns if turn.by == "customer" and turn.at]
        last = signals.last_customer_at or (spoken[-1] if spoken else None)
        if signals.now is None or last is None or signals.idle_after is None:
            return 0.0
        silent = _aware(signals.now) - _aware(last)
        if signals.idle_after <= timedelta(0):
            return 1.0 if silent > timedelta(0) else 0.0
        return min(1.0, max(0.0, silent / signals.idle_after))


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class DialogueStrategy(Strategy):
    """What the last words answer: `no` after `anything else?` ends, `thanks` while a question waits does not."""

    nothing_else: float = 0.70
    said_done: float = 0.70
    offer_let_go: float = 0.20
    declined: float = 0.10
    after_answer: float = 0.15
    assent: float = 0.15
    confirmed_solved: float = 0.30
    we_said_farewell: float = 0.30
    we_parted_before: float = 0.15
    we_were_thanked: float = 0.15
    we_asked_again: float = -0.35
    more_wanted: float = -0.30
    pending_question: float = -0.30
    confirming: float = -0.15
    nothing_answered_yet: float = -0.25
    hand_off_pending: float = -0.50

    def __call__(self, signals: Signals) -> tuple[Factor, ...]:
        reading = read(signals.turns, signals.language)
        waiting = Factor("hand_off_pending", self.hand_off_pending, "a person was asked for")
        hand_off = (waiting,) if signals.hand_off_pending else ()
        if reading is None:
            return hand_off
        answer = self._answer(reading) if reading.may_end else ()
        return (*answer, *self._our_side(reading), *hand_off)

    def _answer(self, reading: Reading) -> tuple[Factor, ...]:
        match reading.asked:
            case Asked.MORE:
                return self._to_more(reading)
            case Asked.DONE:
                return self._to_done(reading)
            case Asked.PENDING:
                return self._to_pending(reading)
            case Asked.NOTHING_YET:
                return (Factor("nothing_answered_yet", self.nothing_answered_yet, "no turn of ours before"),)
            case _:
                return (self._to_more(reading) if reading.offered else ()) or self._to_told(reading)

    def _to_more(self, reading: Reading) -> tuple[Factor, ...]:
        found = reading.words.found
        if Kind.NO in found:
            share = 1.0 if reading.words.is_courteous else _share_of_courtesy(reading)
            nothing = Factor("nothing_else", round(self.nothing_else * share, 4), found[Kind.NO])
            return (nothing, self._answered("an offer of more help"))
        if reading.words.is_courteous:
            let_go = Factor("offer_let_go", self.offer_let_go, "an offer of more help passed by")
            return (let_go, self._answered("an offer of more help"))
        if Kind.YES in found:
            return (Factor("more_wanted", self.more_wanted, found[Kind.YES]),)
        return ()

    def _to_done(self, reading: Reading) -> tuple[Factor, ...]:
        found = reading.words.found
        if Kind.NO in found and not reading.words.is_courteous:
            return (Factor("more_wanted", self.more_wanted, found[Kind.NO]),)
        said = found.get(Kind.YES) or found.get(Kind.CLOSING) or found.get(Kind.ASSENT)
        return (Factor("said_done", self.said_done, said),) if said else self._to_told(reading)

    def _to_pending(self, reading: Reading) -> tuple[Factor, ...]:
        found = reading.words.found
        if Kind.NO in found:
            return (Factor("declined", self.declined, found[Kind.NO]),)
        if Kind.FAREWELL in found:
            return ()
        factors = [Factor("pending_question", self.pending_question, "a question of ours waits")]
        if Kind.YES in found:
            factors.append(Factor("confirming", self.confirming, found[Kind.YES]))
        return tuple(factors)

    def _to_told(self, reading: Reading) -> tuple[Factor, ...]:
        found = reading.words.found
        factors = []
        if reading.asked is Asked.SOLVED and Kind.YES in found:
            factors.append(Factor("confirmed_solved", self.confirmed_solved, found[Kind.YES]))
        if reading.words.is_courteous:
            factors.append(self._answered("an answer"))
        elif Kind.ASSENT in found:
            factors.append(Factor("assent", self.assent, found[Kind.ASSENT]))
        return tuple(factors)

    def _answered(self, what: str) -> Factor:
        return Factor("after_answer", self.after_answer, what)

    def _our_side(self, reading: Reading) -> tuple[Factor, ...]:
        found = [
            Factor("we_said_farewell", self.we_said_farewell, reading.parted_after),
            Factor("we_parted_before", self.we_parted_before, reading.parted_before),
            Factor("we_were_thanked", self.we_were_thanked, reading.welcomed),
            Factor("we_asked_again", self.we_asked_again, "our last turn asks" if reading.asked_after else ""),
        ]
        return tuple(factor for factor in found if factor.evidence)


@dataclass(frozen=True, slots=True)
class AIVerdictStrategy(Strategy):
    """A model's opinion, which decides what the others leave open and nothing else: `most` is as wide as that band."""

    most: float = 0.40

    def __call__(self, signals: Signals) -> tuple[Factor, ...]:
        opinion = signals.ai_verdict
        if opinion is None or not isfinite(opinion) or not opinion:
            return ()
        return (Factor("ai_verdict", round(self.most * max(-1.0, min(1.0, opinion)), 4), f"{opinion:+.2f}"),)
