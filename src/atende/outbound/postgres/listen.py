"""Listening for notifications of the database that there are jobs."""

import asyncio
import contextlib
from collections.abc import Callable

import asyncpg
import structlog

from atende.outbound.postgres.jobs import CHANNEL

log = structlog.get_logger(__name__)


async def listen(url: str, wake: Callable[[], None], *, retry: float = 1.0) -> None:
    """Calls `wake` at every notification, until cancelled; reconnects after `retry` seconds if the connection breaks.

    The URL must lead to PostgreSQL itself, not to a pooler. A missed notification delays a job until the next poll.
    """
    while True:
        try:
            connection = await asyncpg.connect(url)
        except Exception as error:  # noqa: BLE001  after any error it connects again
            log.warning("listen.unreachable", error=repr(error))
            await asyncio.sleep(retry)
            continue
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _, lost=lost: lost.set())
        try:
            await connection.add_listener(CHANNEL, lambda *_: wake())
            wake()
            await lost.wait()
        except Exception as error:  # noqa: BLE001  after any error it listens again
            log.warning("listen.lost", error=repr(error))
        finally:
            with contextlib.suppress(Exception):
                await asyncio.shield(connection.close(timeout=2))
