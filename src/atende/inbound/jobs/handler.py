"""What a worker does with one kind of job."""

from collections.abc import Awaitable, Callable
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
    """The use case, or a step of it, each time in a scope of its own."""

    async def call(*given: Any, **named: Any) -> Any:
        async with container() as scope:
            made = await scope.get(use_case)
            return await (made(*given, **named) if step is None else step(made, *given, **named))

    return call
