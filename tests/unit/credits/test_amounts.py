"""Amounts are exact whole numbers, and nothing overflows."""

import random
from collections.abc import Callable
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from atende.core.credits.ledger import CreditLedger
from atende.core.kernel import CREDIT, MAX_AMOUNT, InsufficientCredits, Invalid
from tests.unit.credits.builders import NOW, ORG, funded, new_id, set_aside, take

NOT_AMOUNTS = [2**63 - 1, MAX_AMOUNT + 1, 0, -1, -(2**63), 1.5, 1.0, "1e3", "1", float("nan"), Decimal(1), True, None]


def test_g28_amounts_are_exact_integers() -> None:
    """100,000 calls with amounts around every edge: what is not a whole number in range is Invalid and moves nothing."""
    rng, ledger, valid = random.Random(28), CreditLedger(organization_id=ORG), 0
    edges = [1, 2, CREDIT, MAX_AMOUNT - 1, MAX_AMOUNT, MAX_AMOUNT + 1, 2**63 - 1, 2**63, 2**64, 0]
    for n in range(100_000):
        pool = rng.randrange(3)
        amount: Any = (
            rng.choice(NOT_AMOUNTS) if pool == 0 else rng.choice(edges) + rng.randint(-2, 2) if pool == 1 else 1
        )
        before = ledger.balance
        try:
            if rng.random() < 0.5:
                ledger.grant(new_id(), amount=amount, reference=f"g{n}", at=NOW)
            else:
                set_aside(ledger, amount, f"t{n}")
        except Invalid:
            in_range = type(amount) is int and 1 <= amount <= MAX_AMOUNT
            assert not in_range or before.issued + amount > MAX_AMOUNT
            assert ledger.balance == before
        except InsufficientCredits:
            assert type(amount) is int
            assert before.available < amount <= MAX_AMOUNT
        else:
            assert type(amount) is int
            valid += 1
    assert valid > 1_000
    assert 0 < ledger.issued <= MAX_AMOUNT
    assert all(type(entry.amount) is int for entry in ledger.new_entries)


@pytest.mark.parametrize("amount", NOT_AMOUNTS)
def test_g28_no_verb_takes_what_is_not_an_amount(amount: Any) -> None:
    ledger = funded(100)
    hold_id = set_aside(ledger, 50)
    captured = set_aside(ledger, 10, "turn:2:1")
    take(ledger, captured, 10)
    before = deepcopy(ledger)
    verbs: list[Callable[[], object]] = [
        lambda: ledger.grant(new_id(), amount=amount, reference="x", at=NOW),
        lambda: set_aside(ledger, amount, "x"),
        lambda: take(ledger, hold_id, amount),
        lambda: ledger.refund(new_id(), hold_id=captured, amount=amount, reference="x", at=NOW),
    ]
    for verb in verbs:
        with pytest.raises(Invalid):
            verb()
    assert ledger == before
