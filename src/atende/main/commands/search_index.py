"""`atende index`: the embedding of a project's search index is shown and changed."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from dishka import AsyncContainer

from atende.core.kernel import Invalid, NotFound, TenantScope, Transaction, as_credits, in_credits
from atende.core.knowledge.change_index import ChangeIndex, DropIndex, Estimate, EstimateIndexes, SwitchIndex
from atende.core.knowledge.index_jobs import BUILD_INDEX, COMPARE_INDEXES, REMOVE_INDEX
from atende.core.knowledge.indexes import Indexes, space_of
from atende.core.knowledge.ports import SearchIndexes
from atende.core.knowledge.search_index import KEPT, USUAL_GATE, After, Beside, SearchIndex, Trial
from atende.core.work.ports import JobQueue
from atende.inbound.jobs.handlers import make_handlers
from atende.inbound.jobs.worker import Worker, WorkerOptions
from atende.main.commands.evaluate.closure import read_rows
from atende.main.commands.first_tenant import NO_TENANT, project_of, remembered_tenant
from atende.main.commands.installation import installation, number, say
from atende.main.providers.container import Pool
from atende.main.settings import Settings
from atende.outbound.postgres.transaction import scoped

_PAUSE = 0.1
_KINDS = [BUILD_INDEX.name, COMPARE_INDEXES.name, REMOVE_INDEX.name]
_DUE = "SELECT id FROM job WHERE tenant_id = $1 AND kind = ANY ($2) AND status = 'queued' AND run_at < now() + interval '1 minute'"


@dataclass(frozen=True, slots=True)
class Wish:
    """What `atende index change` is told."""

    model: str
    dimension: int | None = None
    after: After = After.SWITCH_IF_GOOD
    gate: float = USUAL_GATE
    keep_days: int = KEPT.days
    most: Decimal | None = None
    trials: list[Trial] = field(default_factory=list)


def read_trials(file: Path) -> list[Trial]:
    """Rows: question, optionally quote. Raises Invalid."""

    def one(row: Mapping[str, Any]) -> Trial:
        question, quote = row.get("question"), row.get("quote", "")
        if not isinstance(question, str) or not question.strip() or not isinstance(quote, str):
            raise Invalid("each row needs a question, and may have a quote")
        return Trial(question, quote)

    return read_rows(file, one)


async def show(settings: Settings, *, api_key: str | None, as_json: bool) -> None:
    async with _project(settings, api_key) as (container, scope):
        await _print(container, scope, as_json=as_json)


async def change(settings: Settings, wish: Wish, *, api_key: str | None, as_json: bool) -> None:
    """The index is built here, or by the workers that run, until it is complete."""
    async with _project(settings, api_key) as (container, scope):
        async with container() as unit:
            estimates = await (await unit.get(EstimateIndexes))(scope)
            chosen = _chosen(estimates, wish)
            say(_estimated(chosen))
            await (await unit.get(ChangeIndex))(
                scope,
                chosen.space,
                after=wish.after,
                gate=wish.gate,
                keep_days=wish.keep_days,
                trials=wish.trials,
                most=None if wish.most is None else as_credits(wish.most),
            )
        await _worked(container, scope)
        await _print(container, scope, as_json=as_json)


async def switch(settings: Settings, *, api_key: str | None, as_json: bool) -> None:
    async with _project(settings, api_key) as (container, scope):
        async with container() as unit:
            await (await unit.get(SwitchIndex))(scope)
        await _worked(container, scope)
        await _print(container, scope, as_json=as_json)


async def remove(settings: Settings, *, api_key: str | None, as_json: bool) -> None:
    async with _project(settings, api_key) as (container, scope):
        async with container() as unit:
            await (await unit.get(DropIndex))(scope)
        await _worked(container, scope)
        await _print(container, scope, as_json=as_json)


@asynccontextmanager
async def _project(settings: Settings, api_key: str | None) -> AsyncIterator[tuple[AsyncContainer, TenantScope]]:
    if api_key is None and remembered_tenant(settings) is None:
        raise NotFound(NO_TENANT)
    async with installation(settings) as container:
        yield container, (await project_of(container, settings, api_key)).owner.scope


def _chosen(estimates: list[Estimate], wish: Wish) -> Estimate:
    """Raises Invalid."""
    named = [
        one for one in estimates if one.space.model == wish.model and wish.dimension in {None, one.space.dimension}
    ]
    if len(named) == 1:
        return named[0]
    offered = ", ".join(f"{one.space.model} with {one.space.dimension} dimensions" for one in estimates)
    raise Invalid(f"choose one of {offered or 'none: set OTHER_EMBEDDING_MODEL'}")


def _estimated(one: Estimate) -> str:
    cost = "no price" if one.cost is None else f"about {number(in_credits(one.cost))} credits"
    lacking = f"{one.lacking.passages} of {one.lacking.total} passages to embed, {one.lacking.tokens} tokens"
    return f"{one.space.model}, {one.space.dimension} dimensions: {lacking}, {cost}"


async def _worked(container: AsyncContainer, scope: TenantScope) -> None:
    """Until nothing of the index is underway. Nothing else is worked on here."""
    worker = Worker(
        await container.get(JobQueue), make_handlers(container), WorkerOptions(name=f"index:{os.getpid()}", slots=1)
    )
    beating = asyncio.create_task(worker.beat())
    try:
        while (index := await _index(container, scope)) and index.beside in {Beside.BUILDING, Beside.REMOVING}:
            if index.error:
                raise Invalid(f"it stopped: {index.error}. The same command goes on where it was")
            _bar(index)
            async with scoped(await container.get(Pool), scope) as connection:
                due = [row["id"] for row in await connection.fetch(_DUE, scope.tenant_id, _KINDS)]
            await worker.take(only=due)
            await asyncio.sleep(_PAUSE)
    finally:
        beating.cancel()
        await worker.stop()


def _bar(index: SearchIndex) -> None:
    if sys.stderr.isatty():
        part = "#" * (20 * index.done // index.total if index.total else 0)
        print(f"\r  [{part:<20}] {index.done} of {index.total} passages ", end="", file=sys.stderr, flush=True)


async def _index(container: AsyncContainer, scope: TenantScope) -> SearchIndex | None:
    async with container() as unit:
        indexes, transaction = await unit.get(SearchIndexes), await unit.get(Transaction)
        async with transaction(scope):
            found: SearchIndex | None = await indexes.find(scope)
    return found


async def _print(container: AsyncContainer, scope: TenantScope, *, as_json: bool) -> None:
    index = await _index(container, scope)
    live = index.live if index else space_of((await container.get(Indexes)).default.embedding)
    shown: dict[str, Any] = {"embedding": {"model": live.model, "dimension": live.dimension}, "beside": None}
    if index is not None and index.other is not None:
        shown["beside"] = {
            "state": index.beside.value,
            "embedding": {"model": index.other.model, "dimension": index.other.dimension},
            "done": index.done,
            "total": index.total,
            "spent": number(in_credits(index.spent)),
            "error": index.error,
            "comparison": index.comparison or None,
            "keptUntil": index.kept_until.isoformat() if index.kept_until else None,
        }
    if as_json:
        print(json.dumps(shown, ensure_ascii=False))
        return
    print(f"searched: {live.model}, {live.dimension} dimensions")
    if beside := shown["beside"]:
        other, kept = beside["embedding"], f" until {beside['keptUntil']}" if beside["keptUntil"] else ""
        print(f"beside it: {other['model']}, {other['dimension']} dimensions, {beside['state']}{kept}")
        if beside["comparison"]:
            print(f"comparison by {beside['comparison']['questions']} questions: {beside['comparison']['reason']}")
    async with container() as unit:
        for one in await (await unit.get(EstimateIndexes))(scope):
            print(f"to change to: {_estimated(one)}")
