"""What a worker does with one kind of job."""

import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from dishka import AsyncContainer

from atende.core.work.model import Claim, JobKind

GiveUp = Callable[[Claim, str], Awaitable[None]]
Call = Callable[..., Callable[..., Awaitable[Any]]]
"""`called` for one container."""


class PutBack(Protocol):
    def __call__(self, claim: Claim, *, delay: timedelta, error: str | None, counts: bool) -> Awaitable[Any]:
        """Queued again; with `counts` False the attempt is forgotten. Raises Fenced when the claim was lost."""


@dataclass(frozen=True, slots=True)
class Handler:
    """`give_up` ends a job whose attempts or time are used up: it becomes a dead letter, and all that depends on it is settled.

    `put_back` ends a failed attempt that is to be repeated: job and what the attempt held, in one transaction. None when an
    attempt holds nothing: then the job alone is put back. `finishes`: `run` ends the job in a transaction of its own.
    """

    kind: JobKind
    run: Callable[[Claim], Awaitable[None]]
    give_up: GiveUp
    put_back: PutBack | None = None
    finishes: bool = False


def called(
    container: AsyncContainer,
    use_case: type[Callable[..., Awaitable[Any]]],
    step: Callable[..., Awaitable[Any]] | None = None,
) -> Callable[..., Awaitable[Any]]:
    """The use case, or a step of it, each time in a unit of work that nobody else uses meanwhile.

    A unit whose call ended well is used again: it holds nothing of the job, and to make its forty parts anew takes longer than
    some jobs.
    """
    idle: list[tuple[AbstractAsyncContextManager[AsyncContainer], Any]] = []

    async def call(*given: Any, **named: Any) -> Any:
        scope, made = idle.pop() if idle else await _unit(container, use_case)
        try:
            found = await (made(*given, **named) if step is None else step(made, *given, **named))
        except BaseException:
            await scope.__aexit__(*sys.exc_info())
            raise
        idle.append((scope, made))
        return found

    return call


async def _unit(
    container: AsyncContainer, use_case: type[Any]
) -> tuple[AbstractAsyncContextManager[AsyncContainer], Any]:
    scope = container()
    try:
        return scope, await (await scope.__aenter__()).get(use_case)
    except BaseException:
        await scope.__aexit__(*sys.exc_info())
        raise
