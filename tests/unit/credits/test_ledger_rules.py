"""The guarantees about credits that hold without a database, one by one."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import FrozenInstanceError, replace
from datetime import timedelta
from decimal import Decimal
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from atende.core.credits.ledger import CreditLedger
from atende.core.credits.model import (
    Account,
    Balance,
    CaptureTooLarge,
    Entry,
    HoldNotDue,
    HoldNotFound,
    HoldResolved,
    HoldState,
    Kind,
    ReferenceReused,
    RefundTooLarge,
    hold_reference,
)
from atende.core.kernel import CREDIT, Credits, InsufficientCredits, Invalid
from tests.unit.credits.builders import HOUR, NOW, ORG, funded, new_id, set_aside, take

RESOLVING = (Kind.CAPTURE, Kind.RELEASE, Kind.EXPIRE)


def sums(entries: Sequence[Entry]) -> Counter[Account]:
    total: Counter[Account] = Counter()
    for entry in entries:
        total[entry.debit] -= entry.amount
        total[entry.credit] += entry.amount
    return total


def test_g22_balance_never_below_zero() -> None:
    ledger, refused = funded(100), 0
    for n in range(1_000):
        try:
            take(ledger, set_aside(ledger, 1, f"turn:{n}"), 1)
        except InsufficientCredits:
            refused += 1
    assert refused == 900
    assert ledger.balance == Balance(spent=Credits(100), issued=Credits(100))
    assert sum(entry.kind is Kind.CAPTURE for entry in ledger.new_entries) == 100


def test_short_balance_says_what_is_required_and_there_in_credits() -> None:
    ledger = funded(CREDIT // 2)
    with pytest.raises(InsufficientCredits) as refused:
        set_aside(ledger, 3 * CREDIT)
    assert refused.value.extras == {"required": Decimal(3), "balance": Decimal("0.5")}


def test_g23_an_operation_is_applied_once_per_reference() -> None:
    ledger, rng = funded(500), random.Random(23)
    attempts = [n for n in range(500) for _ in range(20)]
    rng.shuffle(attempts)
    holds = {(n, set_aside(ledger, 1, f"turn:{n}")) for n in attempts}
    assert len(holds) == 500
    assert ledger.balance == Balance(held=Credits(500), issued=Credits(500))
    conflicts = 0
    for n in range(500):
        with pytest.raises(ReferenceReused):
            set_aside(ledger, 2, f"turn:{n}")
        conflicts += 1
    assert (conflicts, len(ledger.new_entries)) == (500, 501)


def test_g23_a_reference_of_another_tenant_or_hold_is_not_a_replay() -> None:
    ledger = funded()
    first, second = set_aside(ledger, 10, "a", tenant="shop"), set_aside(ledger, 10, "b", tenant="shop")
    with pytest.raises(ReferenceReused):
        set_aside(ledger, 10, "a", tenant="other")
    for hold_id in (first, second):
        take(ledger, hold_id, 10)
    ledger.refund(new_id(), hold_id=first, amount=5, reference="message:1", at=NOW)
    with pytest.raises(ReferenceReused):
        ledger.refund(new_id(), hold_id=second, amount=5, reference="message:1", at=NOW)


def test_g24_every_movement_is_double_entry_and_immutable() -> None:
    ledger, rng, open_holds, captured = funded(10**9), random.Random(24), list[UUID](), list[UUID]()
    for n in range(20_000):
        try:
            match rng.randrange(6):
                case 0:
                    ledger.grant(new_id(), amount=rng.randint(1, 10**6), reference=f"g{n}", at=NOW)
                case 1:
                    open_holds.append(set_aside(ledger, rng.randint(1, 10**7), f"t{n}"))
                case 2 if open_holds:
                    captured.append(open_holds.pop(rng.randrange(len(open_holds))))
                    take(ledger, captured[-1], rng.randint(1, 10**7))
                case 3 if open_holds:
                    ledger.release(new_id(), hold_id=open_holds.pop(), at=NOW)
                case 4 if open_holds:
                    ledger.expire(new_id(), hold_id=open_holds.pop(), at=NOW + HOUR)
                case 5 if captured:
                    back = rng.randint(1, 10**6)
                    ledger.refund(new_id(), hold_id=rng.choice(captured), amount=back, reference=f"r{n}", at=NOW)
        except (CaptureTooLarge, RefundTooLarge, InsufficientCredits):
            continue
    assert {entry.kind for entry in ledger.new_entries} == set(Kind)
    assert len(ledger.new_entries) > 8_000
    total = sums(ledger.new_entries)
    assert sum(total.values()) == 0
    assert all(total[account] >= 0 for account in (Account.AVAILABLE, Account.HELD, Account.SPENT))
    assert Balance.of(ledger.new_entries) == ledger.balance
    with pytest.raises(FrozenInstanceError):
        ledger.new_entries[0].amount = Credits(1)  # type: ignore[misc]


def test_g24_an_entry_moves_credits_only_the_way_of_its_kind() -> None:
    entry = funded().new_entries[0]
    with pytest.raises(Invalid, match="cannot move credits"):
        replace(entry, debit=entry.credit, credit=entry.debit)
    with pytest.raises(Invalid, match="must belong to a hold"):
        replace(entry, hold_id=new_id())


@pytest.mark.parametrize("order", [*product(RESOLVING, repeat=4)])
def test_g26_a_hold_resolves_exactly_once_in_any_order(order: Sequence[Kind]) -> None:
    ledger = funded(50)
    hold_id, late = set_aside(ledger, 40), NOW + HOUR
    set_aside(ledger, 10, "turn:2:1")
    winner: Kind | None = None
    for kind in order:
        try:
            match kind:
                case Kind.CAPTURE:
                    ledger.capture(new_id(), hold_id=hold_id, amount=30, at=late, remainder_id=new_id())
                case Kind.RELEASE:
                    ledger.release(new_id(), hold_id=hold_id, at=late)
                case _:
                    ledger.expire(new_id(), hold_id=hold_id, at=late)
        except HoldResolved:
            assert winner is not None, "the first one wins"
        else:
            winner = winner or kind
    assert winner is order[0]
    left_held = [e for e in ledger.new_entries if e.hold_id == hold_id and e.debit is Account.HELD]
    assert sum(entry.amount for entry in left_held) == 40, "the hold left `held` once, whole"
    captures = [e for e in ledger.new_entries if e.kind is Kind.CAPTURE]
    late_capture = winner is Kind.EXPIRE and Kind.CAPTURE in order
    assert len(captures) == (1 if winner is Kind.CAPTURE or late_capture else 0)
    assert ledger.spent == 30 * len(captures)
    assert ledger.held == 10


def test_g26_more_than_the_hold_is_not_captured_and_the_rest_flows_back() -> None:
    ledger = funded(100)
    hold_id = set_aside(ledger, 40)
    with pytest.raises(CaptureTooLarge):
        take(ledger, hold_id, 41)
    assert ledger.balance == Balance(available=Credits(60), held=Credits(40), issued=Credits(100))
    assert take(ledger, hold_id, 15).held_after == 25
    rest = ledger.new_entries[-1]
    assert (rest.kind, rest.amount, rest.reference) == (Kind.RELEASE, 25, hold_reference(hold_id))
    assert ledger.balance == Balance(available=Credits(85), spent=Credits(15), issued=Credits(100))
    assert (ledger.find_hold(hold_id).captured, ledger.find_hold(hold_id).closed_at) == (15, NOW)


def test_g26_a_capture_after_expiry_needs_the_funds_again() -> None:
    ledger = funded(100)
    hold_id = set_aside(ledger, 80)
    with pytest.raises(HoldNotDue):
        ledger.expire(new_id(), hold_id=hold_id, at=NOW + HOUR - timedelta(microseconds=1))
    ledger.expire(new_id(), hold_id=hold_id, at=NOW + HOUR)
    other = set_aside(ledger, 50, "turn:2:1")
    with pytest.raises(InsufficientCredits):
        take(ledger, hold_id, 60)
    assert ledger.find_hold(hold_id).state is HoldState.EXPIRED
    with pytest.raises(CaptureTooLarge):
        take(ledger, hold_id, 81)
    ledger.release(new_id(), hold_id=other, at=NOW)
    entry = take(ledger, hold_id, 60)
    assert (entry.debit, entry.credit) == (Account.AVAILABLE, Account.SPENT)
    assert ledger.balance == Balance(available=Credits(40), spent=Credits(60), issued=Credits(100))
    assert take(ledger, hold_id, 60) is entry


def test_refunds_never_exceed_what_was_captured() -> None:
    ledger = funded(100)
    hold_id = set_aside(ledger, 40)
    with pytest.raises(RefundTooLarge):
        ledger.refund(new_id(), hold_id=hold_id, amount=1, reference="message:0", at=NOW)
    take(ledger, hold_id, 30)
    ledger.refund(new_id(), hold_id=hold_id, amount=20, reference="message:1", at=NOW)
    with pytest.raises(RefundTooLarge):
        ledger.refund(new_id(), hold_id=hold_id, amount=11, reference="message:2", at=NOW)
    ledger.refund(new_id(), hold_id=hold_id, amount=10, reference="message:2", at=NOW)
    assert ledger.balance == Balance(available=Credits(100), issued=Credits(100))


def test_an_unknown_hold_is_not_found() -> None:
    with pytest.raises(HoldNotFound):
        take(funded(), new_id(), 1)


@pytest.mark.parametrize(
    ("reference", "note"), [("", ""), ("x" * 201, ""), ("a\x00b", ""), ("\ud800", ""), ("a", "n" * 501)]
)
def test_a_movement_that_cannot_be_written_down_moves_nothing(reference: str, note: str) -> None:
    ledger = funded(100)
    captured = set_aside(ledger, 10, "turn:2:1")
    take(ledger, captured, 10)
    before, until = deepcopy(ledger), NOW + HOUR
    verbs: list[Callable[[], object]] = [
        lambda: ledger.grant(new_id(), amount=1, reference=reference, at=NOW, note=note),
        lambda: ledger.hold(
            new_id(), hold_id=new_id(), amount=1, reference=reference, at=NOW, expires_at=until, note=note
        ),
        lambda: ledger.refund(new_id(), hold_id=captured, amount=1, reference=reference, at=NOW, note=note),
    ]
    for verb in verbs:
        with pytest.raises(Invalid):
            verb()
    assert ledger == before


def test_a_hold_that_could_not_last_or_contradicts_itself_is_invalid() -> None:
    ledger = funded(100)
    with pytest.raises(Invalid):
        ledger.hold(new_id(), hold_id=new_id(), amount=1, reference="a", at=NOW, expires_at=NOW)
    hold = ledger.find_hold(set_aside(ledger, 10))
    contradictions: list[dict[str, Any]] = [
        {"captured": 5},
        {"state": HoldState.CAPTURED, "closed_at": NOW},
        {"state": HoldState.CAPTURED, "closed_at": NOW, "captured": 11},
        {"state": HoldState.CAPTURED, "closed_at": NOW, "captured": 5, "refunded": 6},
        {"state": HoldState.RELEASED},
        {"closed_at": NOW},
    ]
    for changes in contradictions:
        with pytest.raises(Invalid):
            replace(hold, **changes)


@pytest.mark.parametrize(
    "books", [{"available": 1}, {"available": -1, "spent": 1}, {"held": -1, "available": 1}, {"spent": -1, "held": 1}]
)
def test_a_ledger_that_does_not_add_up_is_not_worked_on(books: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        CreditLedger(organization_id=ORG, **books)
