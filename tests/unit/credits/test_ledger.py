"""The ledger against a plain model of it: any order of verbs, replays and reused references."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from atende.core.credits.ledger import CreditLedger
from atende.core.credits.model import Balance, Entry, Hold, Kind, hold_reference
from atende.core.kernel import DomainError
from tests.unit.credits.builders import HOUR, NOW, ORG, new_id


class Books:
    """What a database keeps of one organization; `open` gives a verb no more than it asked for."""

    def __init__(self) -> None:
        self.balance = Balance()
        self.entries: list[Entry] = []
        self.posted: dict[tuple[Kind, str], Entry] = {}
        self.holds: dict[UUID, Hold] = {}

    def open(self, *, holds: Sequence[UUID] = (), references: Sequence[tuple[Kind, str]] = ()) -> CreditLedger:
        posted = {key: self.posted[key] for key in references if key in self.posted}
        named = {*holds, *(entry.hold_id for entry in posted.values())}
        return CreditLedger(
            organization_id=ORG,
            available=self.balance.available,
            held=self.balance.held,
            spent=self.balance.spent,
            issued=self.balance.issued,
            holds={id_: replace(hold) for id_, hold in self.holds.items() if id_ in named},
            posted=posted,
        )

    def close(self, ledger: CreditLedger) -> None:
        for entry in ledger.new_entries:
            assert self.posted.setdefault((entry.kind, entry.reference), entry) is entry, "a reference was posted twice"
        self.entries += ledger.new_entries
        self.holds |= ledger.changed_holds
        self.balance = ledger.balance


class Plain:
    """The reference model: no entries, no accounts, only what each verb must say and leave behind."""

    def __init__(self) -> None:
        self.available = self.held = self.spent = self.issued = 0
        self.used: dict[tuple[str, str], tuple[int, int | None]] = {}
        self.holds: list[dict[str, Any]] = []

    def once(self, kind: str, reference: str, amount: int, hold: int | None = None) -> str | None:
        seen = self.used.get((kind, reference))
        return None if seen is None else ("replayed" if seen == (amount, hold) else "ReferenceReused")

    def grant(self, reference: str, amount: int) -> str:
        if said := self.once("grant", reference, amount):
            return said
        self.used["grant", reference] = (amount, None)
        self.available += amount
        self.issued += amount
        return "moved"

    def hold(self, reference: str, amount: int, until: datetime) -> str:
        if said := self.once("hold", reference, amount):
            return said
        if amount > self.available:
            return "InsufficientCredits"
        self.used["hold", reference] = (amount, None)
        self.holds.append({"amount": amount, "state": "held", "until": until, "captured": 0, "refunded": 0})
        self.available -= amount
        self.held += amount
        return "moved"

    def capture(self, n: int, amount: int) -> str:
        hold = self.holds[n]
        if hold["state"] == "captured":
            return "replayed" if amount == hold["captured"] else "ReferenceReused"
        if hold["state"] == "released":
            return "HoldResolved"
        if amount > hold["amount"]:
            return "CaptureTooLarge"
        if hold["state"] == "expired":
            if amount > self.available:
                return "InsufficientCredits"
            self.available -= amount
        else:
            self.held -= hold["amount"]
            self.available += hold["amount"] - amount
        self.spent += amount
        hold.update(state="captured", captured=amount)
        return "moved"

    def free(self, n: int, state: str, now: datetime) -> str:
        hold = self.holds[n]
        if hold["state"] != "held":
            return "replayed" if hold["state"] == state else "HoldResolved"
        if state == "expired" and now < hold["until"]:
            return "HoldNotDue"
        hold["state"] = state
        self.held -= hold["amount"]
        self.available += hold["amount"]
        return "moved"

    def refund(self, n: int, reference: str, amount: int) -> str:
        if said := self.once("refund", reference, amount, n):
            return said
        hold = self.holds[n]
        if amount > hold["captured"] - hold["refunded"]:
            return "RefundTooLarge"
        self.used["refund", reference] = (amount, n)
        hold["refunded"] += amount
        self.spent -= amount
        self.available += amount
        return "moved"


amounts = st.integers(1, 40)
references = st.sampled_from(["a", "b", "c", "d", "e"])
picks = st.integers(0, 9)


class LedgerMachine(RuleBasedStateMachine):
    """Any order of verbs, replays and reused references; each verb on a ledger freshly read, as an adapter reads it."""

    def __init__(self) -> None:
        super().__init__()
        self.books, self.plain, self.now = Books(), Plain(), NOW
        self.hold_ids: list[UUID] = []

    def compare(self, ledger: CreditLedger, verb: Callable[[], Entry], expected: str) -> None:
        before = deepcopy(ledger)
        try:
            entry = verb()
        except DomainError as error:
            said = type(error).__name__
            assert ledger == before, "a refusal moved something"
        else:
            said = "moved" if entry in ledger.new_entries else "replayed"
            if said == "replayed":
                assert ledger == before, "a replay moved something"
                assert entry in self.books.entries
        assert said == expected
        self.books.close(ledger)

    def pick(self, number: int) -> int | None:
        return number % len(self.hold_ids) if self.hold_ids else None

    @rule(minutes=st.integers(1, 90))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(reference=references, amount=amounts)
    def grant(self, reference: str, amount: int) -> None:
        ledger = self.books.open(references=[(Kind.GRANT, reference)])
        expected = self.plain.grant(reference, amount)
        self.compare(ledger, lambda: ledger.grant(new_id(), amount=amount, reference=reference, at=self.now), expected)

    @rule(number=st.integers(0, 30), amount=amounts)
    def hold(self, number: int, amount: int) -> None:
        reference, hold_id, until = f"turn:{number}", new_id(), self.now + HOUR
        ledger = self.books.open(references=[(Kind.HOLD, reference)])
        expected = self.plain.hold(reference, amount, until)

        def verb() -> Entry:
            return ledger.hold(
                new_id(), hold_id=hold_id, amount=amount, reference=reference, at=self.now, expires_at=until
            )

        self.compare(ledger, verb, expected)
        if expected == "moved":
            self.hold_ids.append(hold_id)

    @rule(number=picks, amount=amounts)
    def capture(self, number: int, amount: int) -> None:
        self._capture(number, amount)

    @rule(number=picks)
    def capture_again_or_all(self, number: int) -> None:
        if (n := self.pick(number)) is not None:
            self._capture(n, self.plain.holds[n]["captured"] or self.plain.holds[n]["amount"])

    def _capture(self, number: int, amount: int) -> None:
        if (n := self.pick(number)) is None:
            return
        hold_id = self.hold_ids[n]
        ledger = self.books.open(holds=[hold_id], references=[(Kind.CAPTURE, hold_reference(hold_id))])
        expected = self.plain.capture(n, amount)

        def verb() -> Entry:
            return ledger.capture(new_id(), hold_id=hold_id, amount=amount, at=self.now, remainder_id=new_id())

        self.compare(ledger, verb, expected)

    @rule(number=picks, state=st.sampled_from(["released", "expired"]))
    def free(self, number: int, state: str) -> None:
        if (n := self.pick(number)) is None:
            return
        hold_id, kind = self.hold_ids[n], Kind.RELEASE if state == "released" else Kind.EXPIRE
        ledger = self.books.open(holds=[hold_id], references=[(kind, hold_reference(hold_id))])
        expected = self.plain.free(n, state, self.now)
        verb = ledger.release if state == "released" else ledger.expire
        self.compare(ledger, lambda: verb(new_id(), hold_id=hold_id, at=self.now), expected)

    @rule(number=picks, reference=references, amount=amounts)
    def refund(self, number: int, reference: str, amount: int) -> None:
        if (n := self.pick(number)) is None:
            return
        hold_id = self.hold_ids[n]
        ledger = self.books.open(holds=[hold_id], references=[(Kind.REFUND, reference)])
        expected = self.plain.refund(n, reference, amount)

        def verb() -> Entry:
            return ledger.refund(new_id(), hold_id=hold_id, amount=amount, reference=reference, at=self.now)

        self.compare(ledger, verb, expected)

    @invariant()
    def books_are_those_of_the_model(self) -> None:
        had, plain = self.books.balance, self.plain
        assert (had.available, had.held, had.spent, had.issued) == (
            plain.available,
            plain.held,
            plain.spent,
            plain.issued,
        )
        assert had == Balance.of(self.books.entries)
        states = [str(self.books.holds[id_].state) for id_ in self.hold_ids]
        assert states == [hold["state"] for hold in plain.holds]
        assert had.held == sum(hold["amount"] for hold in plain.holds if hold["state"] == "held")

    @invariant()
    def every_entry_tells_the_balance_it_left(self) -> None:
        for n, entry in enumerate(self.books.entries):
            left = Balance.of(self.books.entries[: n + 1])
            assert (entry.available_after, entry.held_after) == (left.available, left.held)


LedgerMachine.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestLedgerAgainstModel = LedgerMachine.TestCase
