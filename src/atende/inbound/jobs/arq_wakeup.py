"""arq on Redis as a wake-up line between workers. Its messages carry job ids only, and may be lost or doubled at any time."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import structlog
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from atende.core.kernel import Unavailable
from atende.inbound.jobs.loop import Line
from atende.inbound.jobs.worker import Worker, end

log = structlog.get_logger(__name__)
QUEUE = "atende:wake"
RUN = "run"


@asynccontextmanager
async def arq_line(url: str, worker: Worker, *, poll: float = 0.005, retry: float = 1.0) -> AsyncIterator[Line]:
    """Listens on the line for this worker, and yields the way to announce jobs on it. Neither needs Redis to be there now."""
    from arq.connections import ArqRedis

    pool = ConnectionPool.from_url(url, socket_connect_timeout=2.0, socket_timeout=5.0)
    redis = ArqRedis(
        connection_pool=pool,
        job_serializer=msgspec.json.encode,
        job_deserializer=msgspec.json.decode,
        default_queue_name=QUEUE,
    )

    async def line(ids: Sequence[int]) -> None:
        try:
            async with asyncio.timeout(2.0):
                for job_id in ids:
                    await redis.enqueue_job(RUN, job_id)
        except (RedisError, OSError, TimeoutError) as error:
            raise Unavailable(f"Redis does not answer: {error}") from error

    listener = asyncio.create_task(_listen(redis, worker, poll=poll, retry=retry), name="arq")
    try:
        yield line
    finally:
        await end(listener)
        await redis.aclose()
        await pool.aclose()


async def _listen(redis: Any, worker: Worker, *, poll: float, retry: float) -> None:
    """arq's worker ends when its connection breaks; it is started again until cancelled."""
    from arq.worker import Worker as ArqWorker
    from arq.worker import func

    async def run(_: dict[str, Any], job_id: int) -> None:
        await worker.take(only=[job_id])

    while True:
        arq = ArqWorker(
            functions=[func(run, name=RUN, keep_result=0, max_tries=1)],
            redis_pool=redis,
            queue_name=QUEUE,
            handle_signals=False,
            poll_delay=poll,
            max_jobs=200,
            job_timeout=60,
            health_check_interval=3600,
            job_serializer=msgspec.json.encode,
            job_deserializer=msgspec.json.decode,
        )
        try:
            await arq.main()
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("arq.down", error=str(error))
        except Exception:  # whatever it died of, the line is taken up again
            log.exception("arq.failed")
        finally:
            for task in arq.tasks.values():
                task.cancel()
        await asyncio.sleep(retry)
