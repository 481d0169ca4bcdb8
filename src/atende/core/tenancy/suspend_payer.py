"""Suspending a billing account, and lifting the suspension."""

from dataclasses import dataclass
from uuid import UUID

from atende.core.audit.model import Event, snapshot
from atende.core.audit.ports import AuditLog
from atende.core.kernel import Clock, TenantScope, Transaction
from atende.core.tenancy.model import BillingAccount
from atende.core.tenancy.ports import BillingAccounts

_SHOWN = ("payment_status", "suspended_at", "suspension_reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendPayer:
    """Suspends a billing account and all projects that it pays for: they can be read, but nothing is changed or sent.

    The organization finds the reason in its audit log.
    """

    accounts: BillingAccounts
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(self, account_id: UUID, *, reason: str) -> BillingAccount:
        scope, now = TenantScope(await self.accounts.home(account_id)), self.clock.now()
        async with self.transaction(scope):
            account = await self.accounts.get(scope, account_id)
            old = snapshot(account, *_SHOWN)
            account.suspend(now, reason)
            await self.accounts.save(account)
            count = await self.accounts.suspend_projects(scope, account_id, suspend=True, now=now)
            await self.audit.add(scope, _event("billing_account.suspend", account, old, f"{count} projects suspended"))
        return account


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftPayer:
    """Lifts the suspension of a billing account: its suspended projects are active again, including those that were inactive
    before.
    """

    accounts: BillingAccounts
    audit: AuditLog
    transaction: Transaction
    clock: Clock

    async def __call__(self, account_id: UUID) -> BillingAccount:
        scope, now = TenantScope(await self.accounts.home(account_id)), self.clock.now()
        async with self.transaction(scope):
            account = await self.accounts.get(scope, account_id)
            old = snapshot(account, *_SHOWN)
            account.lift()
            await self.accounts.save(account)
            count = await self.accounts.suspend_projects(scope, account_id, suspend=False, now=now)
            await self.audit.add(scope, _event("billing_account.lift", account, old, f"{count} projects active again"))
        return account


def _event(action: str, account: BillingAccount, old: dict[str, object], description: str) -> Event:
    return Event(
        action=action,
        resource_type="billing_account",
        resource_id=str(account.id),
        description=description,
        old=old,
        new=snapshot(account, *_SHOWN),
    )
