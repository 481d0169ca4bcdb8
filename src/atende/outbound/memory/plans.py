"""Plans in memory, what an organization is allowed by its own, which names are taken, and what operators see."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from atende.core.identity.ports import Operators
from atende.core.kernel import PLATFORM, NotFound, Page
from atende.core.tenancy.model import Organization
from atende.core.tenancy.plans import FREE, Allowance, Plan, allowance
from atende.core.tenancy.ports import Entitlements, Plans, TenantNames
from atende.outbound.keyset import after_id
from atende.outbound.memory.store import MemoryStore
from atende.outbound.memory.table import Rows, copied
from atende.outbound.memory.tenancy import ORGANIZATIONS, PROJECTS

_PRICES = {  # name, monthly and yearly in cents, credits a month
    "free": ("Free", 0, 0, 50),
    "starter": ("Starter", 4_900, 47_000, 500),
    "professional": ("Professional", 9_900, 95_000, 2_000),
    "business": ("Business", 24_900, 239_000, 10_000),
    "enterprise": ("Enterprise", 0, 0, 0),
}
_LIMITS: Mapping[str, tuple[Any, ...]] = {
    "images_per_month": (50, 500, 2_000, 10_000, -1),
    "videos_per_month": (0, 20, 100, 500, -1),
    "audio_minutes_per_month": (0, 30, 120, 500, -1),
    "max_resolution": ("512x512", "1024x1024", "2048x2048", "4096x4096", "unlimited"),
    "max_video_duration": (0, 5, 10, 30, -1),
    "max_team_members": (1, 3, 10, 50, -1),
    "max_projects": (2, 10, 50, 200, -1),
    "max_storage_gb": (0.5, 5, 25, 100, -1),
    "max_upload_mb": (5, 10, 25, 100, 500),
    "api_requests_per_minute": (5, 20, 60, 120, -1),
    "api_requests_per_day": (100, 5_000, 20_000, 100_000, -1),
    "session_requests_per_minute": (10, 30, 60, 120, 300),
    "max_documents": (10, 100, 1_000, 10_000, -1),
    "max_agents": (1, 3, 10, 50, -1),
    "max_monthly_messages": (100, 2_000, 20_000, 100_000, -1),
    "priority_queue": (False, False, True, True, True),
    "custom_models": (False, False, False, True, True),
    "white_label": (False, False, False, False, True),
    "dedicated_support": (False, False, False, False, True),
}
_FEATURES = {
    "image_generation": (True, True, True, True, True),
    "video_generation": (False, True, True, True, True),
    "audio_generation": (False, True, True, True, True),
    "workflow": (True, True, True, True, True),
    "analytics": (False, True, True, True, True),
    "api_access": (False, False, True, True, True),
    "webhooks": (False, False, True, True, True),
    "sso": (False, False, False, True, True),
}
SEEDED = tuple(
    Plan(
        slug=slug,
        name=name,
        price_monthly=monthly,
        price_yearly=yearly,
        currency="BRL",
        credits_per_month=granted,
        limits={key: cells[position] for key, cells in _LIMITS.items()},
        features={key: cells[position] for key, cells in _FEATURES.items()},
    )
    for position, (slug, (name, monthly, yearly, granted)) in enumerate(_PRICES.items())
)
"""The plans that the migrations seed."""


class MemoryPlans(Plans):
    async def all(self) -> list[Plan]:
        return list(SEEDED)


class MemoryEntitlements(Entitlements):
    def __init__(self, store: MemoryStore) -> None:
        self._organizations = Rows(store, ORGANIZATIONS)

    async def of(self, organization_id: UUID) -> Allowance:
        found = next((row.entity for row in self._organizations.committed() if row.entity.id == organization_id), None)
        if found is None:
            raise NotFound("no such organization")
        plan = next(plan for plan in SEEDED if plan.slug == FREE)
        return allowance(
            organization_id,
            plan=plan.slug,
            limits=plan.limits,
            features=plan.features,
            custom=copied(found).custom_limits,
        )


class MemoryTenantNames(TenantNames):
    def __init__(self, store: MemoryStore) -> None:
        self._organizations, self._projects = Rows(store, ORGANIZATIONS), Rows(store, PROJECTS)

    async def taken(self, slugs: Sequence[str]) -> set[str]:
        organizations = (row.entity for row in self._organizations.committed())
        live = {organization.slug for organization in organizations if organization.deleted_at is None}
        return set(slugs) & (live | {row.entity.tenant_id for row in self._projects.committed()})


class MemoryOperators(Operators):
    def __init__(self, store: MemoryStore) -> None:
        self._organizations = Rows(store, ORGANIZATIONS)

    async def organizations(self, *, page: int, limit: int, after: str | None = None) -> Page[Organization]:
        everybody = [copied(row.entity) for row in self._organizations.committed()]
        found = [one for one in everybody if one.id != PLATFORM.organization_id]
        found.sort(key=lambda organization: organization.id, reverse=True)
        rest = found[(page - 1) * limit :]
        if after is not None:
            before = after_id(after)
            rest = [organization for organization in found if organization.id < before]
        data = rest[:limit]
        return Page(data, page, limit, len(found), str(data[-1].id) if len(rest) > limit and data else None)

    async def named(self, organization_ids: Sequence[UUID]) -> list[Organization]:
        wanted = set(organization_ids)
        return [copied(row.entity) for row in self._organizations.committed() if row.entity.id in wanted]
