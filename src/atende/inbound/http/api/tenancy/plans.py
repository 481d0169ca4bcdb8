"""Plans over HTTP."""

from decimal import Decimal
from typing import Annotated, Any

from dishka import FromDishka
from litestar import get
from litestar.params import PathParameter
from msgspec import Meta

from atende.core.kernel import NotFound
from atende.core.tenancy.plans import Plan
from atende.core.tenancy.ports import Plans
from atende.inbound.http.api.controller import ApiController
from atende.inbound.http.errors import problems
from atende.inbound.http.wire.structs import ListOut, Out

_ALIASES = {"pro": "professional"}
Cents = Annotated[int, Meta(description="Price in cents.")]


class PlanOut(Out):
    """-1 in `limits` means no limit."""

    slug: str
    name: str
    price_monthly: Cents
    price_yearly: Cents
    currency: str
    credits_per_month: Decimal
    limits: dict[str, Any]
    features: dict[str, bool]
    is_active: bool


class PlansController(ApiController):
    """Plans."""

    path = "/plans"
    tags = ("plans",)

    @get(
        public=True,
        summary="List plans",
        description="Cheapest first, including plans that are no longer offered.",
        response_description="All plans.",
    )
    async def list_plans(self, plans: FromDishka[Plans]) -> ListOut[PlanOut]:
        return ListOut(data=[_plan(one) for one in await plans.all()])

    @get(
        "/active",
        public=True,
        summary="List the plans on offer",
        description="The plans that can be chosen now, cheapest first.",
        response_description="The plans on offer.",
    )
    async def list_active_plans(self, plans: FromDishka[Plans]) -> ListOut[PlanOut]:
        return ListOut(data=[_plan(one) for one in await plans.all() if one.active])

    @get(
        "/{slug:str}",
        public=True,
        summary="Get a plan",
        description="By its slug; `pro` stands for `professional`.",
        response_description="The plan.",
        responses=problems(400, 404, public=True),
    )
    async def get_plan(self, slug: Annotated[str, PathParameter(max_length=100)], plans: FromDishka[Plans]) -> PlanOut:
        found = next((one for one in await plans.all() if one.slug == _ALIASES.get(slug, slug)), None)
        if found is None:
            raise NotFound("no such plan")
        return _plan(found)


def _plan(plan: Plan) -> PlanOut:
    return PlanOut.of(plan, credits_per_month=Decimal(plan.credits_per_month), is_active=plan.active)
