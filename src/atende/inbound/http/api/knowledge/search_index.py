"""The search index of a project over HTTP, and the change of its embedding."""

from datetime import datetime
from decimal import Decimal
from inspect import getdoc
from typing import Annotated, Any

import msgspec
from dishka import FromDishka
from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from atende.core.identity.permissions import Permission
from atende.core.kernel import Transaction, as_credits, in_credits
from atende.core.knowledge.change_index import MOST_TRIALS, ChangeIndex, DropIndex, EstimateIndexes, SwitchIndex
from atende.core.knowledge.indexes import Indexes, space_of
from atende.core.knowledge.ports import SearchIndexes
from atende.core.knowledge.search_index import KEPT, LONGEST_KEPT, USUAL_GATE, After, Beside, SearchIndex, Space, Trial
from atende.core.tenancy.model import Project
from atende.inbound.http.api.controller import ApiController
from atende.inbound.http.errors import problems
from atende.inbound.http.wire.structs import In, Out


class EmbeddingOut(Out):
    model: str
    dimension: int


class ComparisonOut(Out):
    """Both indexes, asked the same questions."""

    questions: int
    own: Annotated[bool, Meta(description="Whether the questions were given, instead of taken from those asked last.")]
    passed: bool
    reason: str
    agreement: Annotated[float, Meta(description="Share of the best five passages that both have, on average.")] | None
    same_first: Annotated[float, Meta(description="Share of the questions with the same best passage.")] | None
    quotes: Annotated[int, Meta(description="Questions that were given with a quote.")] | None
    found_before: Annotated[int, Meta(description="Quotes that the searched index finds.")] | None
    found_after: Annotated[int, Meta(description="Quotes that the new index finds.")] | None
    worst: Annotated[list[str], Meta(description="Questions to look at first.")]


class BesideOut(Out):
    """The index beside the one that is searched."""

    state: Annotated[
        Beside,
        Meta(
            description="`building`; `ready`: complete, but not switched to; `kept`: it was searched before the last switch;"
            " `removing`."
        ),
    ]
    embedding: EmbeddingOut
    then: Annotated[After, Meta(description="What follows when it is complete.")]
    done: int
    total: int
    spent: Annotated[Decimal, Meta(description="Credits that building it has cost.")]
    error: Annotated[str, Meta(description="Why building stopped.")] | None
    comparison: ComparisonOut | None
    kept_until: datetime | None


class SearchIndexOut(Out):
    embedding: Annotated[EmbeddingOut, Meta(description="Whose vectors questions are searched in.")]
    changed_at: datetime | None
    beside: BesideOut | None


class EstimateOut(Out):
    embedding: EmbeddingOut
    provider: str
    passages: Annotated[int, Meta(description="Passages that have to be embedded.")]
    total: Annotated[int, Meta(description="Passages that are searched.")]
    tokens: int
    cost: (
        Annotated[Decimal, Meta(description="Credits, about. Null if there is no price, so it cannot be chosen.")]
        | None
    )


class EstimatesOut(Out):
    data: list[EstimateOut]


class TrialIn(In):
    question: Annotated[str, Meta(min_length=1, max_length=4_000)]
    quote: Annotated[str, Meta(max_length=2_000, description="Text that a passage which answers it contains.")] = ""


class ChangeIn(In):
    example_fields = ("model", "dimension")
    model: Annotated[str, Meta(min_length=1, max_length=100, examples=["text-embedding-3-large"])]
    dimension: Annotated[int, Meta(ge=1, le=16_000, examples=[1536])]
    then: Annotated[
        After,
        Meta(
            description="When it is complete: `switch_if_good`, after a comparison that reaches the gate; `ask`, after a comparison"
            " that you look at; `switch`, at once and without one."
        ),
    ] = After.SWITCH_IF_GOOD
    min_agreement: Annotated[float, Meta(ge=0, le=1, description="The gate.")] = USUAL_GATE
    keep_days: Annotated[int, Meta(ge=1, le=LONGEST_KEPT.days, description="How long there is a way back.")] = KEPT.days
    max_cost: Annotated[Decimal, Meta(description="Credits: refused if the estimate is above it.")] | None = None
    questions: Annotated[
        list[TrialIn],
        Meta(max_length=MOST_TRIALS, description="To compare by; without any, those that were asked last."),
    ] = msgspec.field(default_factory=list)


class SearchIndexController(ApiController):
    """The search index of the project."""

    path = "/search-index"
    tags = ("documents",)

    @get(
        permission=Permission.DOCUMENTS_READ,
        summary="Get the search index",
        description="Of which embedding it is, and how far the index of another one beside it is.",
        response_description="The index.",
    )
    async def get_search_index(
        self,
        project: NamedDependency[Project],
        indexes: FromDishka[Indexes],
        search_indexes: FromDishka[SearchIndexes],
        transaction: FromDishka[Transaction],
    ) -> SearchIndexOut:
        scope = project.owner.scope
        async with transaction(scope):
            found = await search_indexes.find(scope)
        if found is None:
            space = space_of(indexes.default.embedding)
            return SearchIndexOut(embedding=_embedding(space), changed_at=None, beside=None)
        return index_out(found)

    @get(
        "/embeddings",
        permission=Permission.DOCUMENTS_READ,
        summary="List embeddings to change to",
        description=getdoc(EstimateIndexes),
        response_description="The embeddings, with estimates.",
    )
    async def list_embeddings(
        self, project: NamedDependency[Project], estimate: FromDishka[EstimateIndexes]
    ) -> EstimatesOut:
        found = await estimate(project.owner.scope)
        return EstimatesOut(
            data=[
                EstimateOut(
                    embedding=_embedding(one.space),
                    provider=one.provider,
                    passages=one.lacking.passages,
                    total=one.lacking.total,
                    tokens=one.lacking.tokens,
                    cost=None if one.cost is None else in_credits(one.cost),
                )
                for one in found
            ]
        )

    @post(
        "/change",
        status_code=202,
        permission=Permission.ORGANIZATION_UPDATE,
        summary="Change the embedding",
        description=getdoc(ChangeIndex),
        response_description="It is being built.",
        responses=problems(402, 422),
    )
    async def change_search_index(
        self, data: JSONBody[ChangeIn], project: NamedDependency[Project], change: FromDishka[ChangeIndex]
    ) -> SearchIndexOut:
        index = await change(
            project.owner.scope,
            Space(data.model, data.dimension),
            after=data.then,
            gate=data.min_agreement,
            keep_days=data.keep_days,
            trials=[Trial(one.question, one.quote) for one in data.questions],
            most=None if data.max_cost is None else as_credits(data.max_cost),
        )
        return index_out(index)

    @post(
        "/switch",
        permission=Permission.ORGANIZATION_UPDATE,
        summary="Switch to the other index",
        description=getdoc(SwitchIndex),
        response_description="The index.",
        responses=problems(422),
    )
    async def switch_search_index(
        self, project: NamedDependency[Project], switch: FromDishka[SwitchIndex]
    ) -> SearchIndexOut:
        return index_out(await switch(project.owner.scope))

    @delete(
        "/beside",
        permission=Permission.ORGANIZATION_UPDATE,
        summary="Remove the other index",
        description=getdoc(DropIndex),
        response_description="It will be removed in the background.",
    )
    async def remove_other_index(self, project: NamedDependency[Project], drop: FromDishka[DropIndex]) -> None:
        await drop(project.owner.scope)


def index_out(index: SearchIndex) -> SearchIndexOut:
    return SearchIndexOut(
        embedding=_embedding(index.live),
        changed_at=index.changed_at,
        beside=None
        if index.other is None
        else BesideOut(
            state=index.beside,
            embedding=_embedding(index.other),
            then=index.after,
            done=index.done,
            total=index.total,
            spent=in_credits(index.spent),
            error=index.error,
            comparison=_comparison(index.comparison) if index.comparison else None,
            kept_until=index.kept_until,
        ),
    )


def _comparison(figures: dict[str, Any]) -> ComparisonOut:
    return ComparisonOut(
        questions=figures["questions"],
        own=figures["own"],
        passed=figures["passed"],
        reason=figures["reason"],
        agreement=figures.get("agreement"),
        same_first=figures.get("same_first"),
        quotes=figures.get("quotes"),
        found_before=figures.get("found_before"),
        found_after=figures.get("found_after"),
        worst=figures.get("worst", []),
    )


def _embedding(space: Space) -> EmbeddingOut:
    return EmbeddingOut(model=space.model, dimension=space.dimension)
