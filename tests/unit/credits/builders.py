"""What the tests of the ledger start from."""

from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

from atende.core.credits.ledger import CreditLedger
from atende.core.credits.model import Entry

ORG = UUID(int=1)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
_numbers = count(100)


def new_id() -> UUID:
    return UUID(int=next(_numbers))


def funded(amount: int = 100) -> CreditLedger:
    ledger = CreditLedger(organization_id=ORG)
    ledger.grant(new_id(), amount=amount, reference="grant", at=NOW)
    return ledger


def set_aside(ledger: CreditLedger, amount: int, reference: str = "turn:1:1", tenant: str | None = None) -> UUID:
    entry = ledger.hold(
        new_id(), hold_id=new_id(), amount=amount, reference=reference, at=NOW, expires_at=NOW + HOUR, tenant_id=tenant
    )
    assert entry.hold_id is not None
    return entry.hold_id


def take(ledger: CreditLedger, hold_id: UUID, amount: int) -> Entry:
    return ledger.capture(new_id(), hold_id=hold_id, amount=amount, at=NOW, remainder_id=new_id())
