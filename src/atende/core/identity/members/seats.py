"""The limit of members of an organization."""

from dataclasses import dataclass
from datetime import datetime

from atende.core.identity.ports import Invitations, Memberships
from atende.core.kernel import TenantScope
from atende.core.tenancy.plans import SEATS, Allowance


@dataclass(frozen=True, slots=True)
class SeatPolicy:
    """`enforce_plan`: whether the plan's limit applies; a limit of the organization's own always applies."""

    enforce_plan: bool = False

    def require_seat(self, allowance: Allowance, used: int) -> None:
        """Raises PlanLimitReached if `used` is at the limit."""
        if self.enforce_plan or SEATS in allowance.custom:
            allowance.require_room(SEATS, used)


async def seats_taken(memberships: Memberships, invitations: Invitations, scope: TenantScope, now: datetime) -> int:
    """Number of members, including those who wait for approval, plus open invitations."""
    return await memberships.count(scope) + await invitations.count_open(scope, now)
