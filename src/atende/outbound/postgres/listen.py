"""The wake-up line of the database: a notification when there is work."""

import asyncio
import contextlib
from collections.abc import Callable

import asyncpg
import structlog

from atende.outbound.postgres.jobs import CHANNEL

log = structlog.get_logger(__name__)


async def listen(url: str, wake: Callable[[], None], *, retry: float = 1.0) -> None:
    """Calls `wake` at every notification, until cancelled; connects again when the connection breaks.

    The URL must reach PostgreSQL itself, not a pooler. A missed notification costs no more than one poll.
    """
    while True:
        try:
            connection = await asyncpg.connect(url)
        except Exception as error:  # noqa: BLE001  whatever it was, we try again
            log.warning("listen.unreachable", error=repr(error))
            await asyncio.sleep(retry)
            continue
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _, lost=lost: lost.set())
        try:
            await connection.add_listener(CHANNEL, lambda *_: wake())
            wake()
            await lost.wait()
        except Exception as error:  # noqa: BLE001  whatever it was, we listen again
            log.warning("listen.lost", error=repr(error))
        finally:
            with contextlib.suppress(Exception):
                await asyncio.shield(connection.close(timeout=2))
