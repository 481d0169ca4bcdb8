"""Plans over HTTP."""

from decimal import Decimal
from typing import Annotated, Any

from dishka import FromDishka
from dishka.integrations.litestar import inject
from litestar import get
from litestar.params import PathParameter
from litestar.types import ControllerRouterHandler
from msgspec import Meta

from atende.core.kernel import NotFound
from atende.core.tenancy.plans import Plan
from atende.core.tenancy.ports import Plans
from atende.inbound.http.errors import problems
from atende.inbound.http.wire.structs import Out

TAGS = ["plans"]
_ALIASES = {"pro": "professional"}
Cents = Annotated[int, Meta(description="In cents.")]


class PlanOut(Out):
    """-1 in `limits` means no cap."""

    slug: str
    name: str
    price_monthly: Cents
    price_yearly: Cents
    currency: str
    credits_per_month: Decimal
    limits: dict[str, Any]
    features: dict[str, bool]
    is_active: bool


class PlanList(Out):
    data: list[PlanOut]


@get(
    "/plans",
    public=True,
    tags=TAGS,
    summary="List plans",
    description="Cheapest first, those too that are not sold any more.",
    response_description="All plans.",
    responses=problems(public=True),
)
@inject
async def list_plans(plans: FromDishka[Plans]) -> PlanList:
    return PlanList(data=[_plan(one) for one in await plans.all()])


@get(
    "/plans/active",
    public=True,
    tags=TAGS,
    summary="List plans that can be taken",
    description="Cheapest first.",
    response_description="The plans on sale.",
    responses=problems(public=True),
)
@inject
async def list_active_plans(plans: FromDishka[Plans]) -> PlanList:
    return PlanList(data=[_plan(one) for one in await plans.all() if one.active])


@get(
    "/plans/{slug:str}",
    public=True,
    tags=TAGS,
    summary="Read a plan",
    description="By its slug; `pro` means professional.",
    response_description="The plan.",
    responses=problems(400, 404, public=True),
)
@inject
async def get_plan(slug: Annotated[str, PathParameter(max_length=100)], plans: FromDishka[Plans]) -> PlanOut:
    found = next((one for one in await plans.all() if one.slug == _ALIASES.get(slug, slug)), None)
    if found is None:
        raise NotFound("no such plan")
    return _plan(found)


def _plan(plan: Plan) -> PlanOut:
    return PlanOut(
        slug=plan.slug,
        name=plan.name,
        price_monthly=plan.price_monthly,
        price_yearly=plan.price_yearly,
        currency=plan.currency,
        credits_per_month=Decimal(plan.credits_per_month),
        limits=dict(plan.limits),
        features=dict(plan.features),
        is_active=plan.active,
    )


HANDLERS: list[ControllerRouterHandler] = [list_plans, list_active_plans, get_plan]
