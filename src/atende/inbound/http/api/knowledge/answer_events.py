"""An answer sentence by sentence: each is passed on as soon as its quotes are checked, and never taken back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import structlog
from dishka import AsyncContainer
from litestar import Request

from atende.core.identity.principal import Principal
from atende.core.kernel import DomainError, Unavailable
from atende.core.knowledge.ask_documents import AskDocuments
from atende.core.knowledge.compose_answer import Ask
from atende.core.knowledge.model import Answer, Sentence

_STOP_WITHIN = 20.0
log = structlog.get_logger(__name__)
Told = Sentence | Answer | DomainError
"""Checked sentences, then the stored answer, which has all of them; or an error."""

_working: set["asyncio.Task[None]"] = set()
"""Answers that are being made, also for clients that have hung up."""


async def told_by(
    request: Request[Principal, Any, Any], ask: Ask, *, answer_id: UUID | None = None
) -> AsyncIterator[Told]:
    """What comes of a question. Raises what refuses it before anything was told.

    The answer is made in a task and a unit of work of its own. A client that hangs up does not end it: what the model was asked
    for is stored and charged, once, as if the client had stayed. Under an Idempotency-Key, whose effect is committed together with
    the response, it is made in the call's own unit of work, and told when it is whole.
    """
    told: asyncio.Queue[Told] = asyncio.Queue()
    if "Idempotency-Key" in request.headers:
        whole: AskDocuments = await request.state.dishka_container.get(AskDocuments)
        told.put_nowait(await whole(ask, answer_id=answer_id, on_sentence=told.put_nowait))
    else:
        task = asyncio.create_task(_make(request.app.state.dishka_container, ask, answer_id, told))
        _working.add(task)
        task.add_done_callback(_working.discard)
    first = await told.get()
    if isinstance(first, DomainError):
        raise first
    return _all(first, told)


@asynccontextmanager
async def finishing_answers() -> AsyncIterator[None]:
    """At the end, waits for the answers that are being made."""
    yield
    if _working:
        await asyncio.wait(set(_working), timeout=_STOP_WITHIN)


async def _make(container: AsyncContainer, ask: Ask, answer_id: UUID | None, told: "asyncio.Queue[Told]") -> None:
    try:
        async with container() as scope:
            ask_documents = await scope.get(AskDocuments)
            answer = await ask_documents(ask, answer_id=answer_id, on_sentence=told.put_nowait)
            told.put_nowait(answer)
    except DomainError as error:
        told.put_nowait(error)
    except asyncio.CancelledError:
        told.put_nowait(Unavailable("this process is stopping: ask again"))
        raise
    except Exception:
        log.exception("answer.failed")
        told.put_nowait(Unavailable("the answer could not be made: ask again"))


async def _all(first: Told, told: "asyncio.Queue[Told]") -> AsyncIterator[Told]:
    yield first
    last = first
    while isinstance(last, Sentence):
        last = await told.get()
        yield last
