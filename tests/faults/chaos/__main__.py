"""A seeded run of kills, freezes, crashes and lying providers, and then the verdict.

    python -m tests.faults.chaos --seed 7 --turns 300 --kills 10     # the size of CI
    python -m tests.faults.chaos --seed 7 --full                     # 3,000 turns, 50 kills

The same seed writes the same messages and strikes after the same number of them. Exit code 1 when a promise was broken.
"""

import argparse
import asyncio
import json
import logging
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import asdict, replace
from pathlib import Path
from random import Random
from typing import Any

from tests.faults.chaos.plan import FULL, IN_CI, Size
from tests.faults.chaos.run import Run
from tests.faults.chaos.verdict import Result, reckon
from tests.faults.support.deploy import world

REST_WITHIN = 300.0
CHAOS_TIMES = {"JOB_LEASE": "6", "JOB_HEARTBEAT": "1"}


async def chaos(size: Size, seed: int, *, redis: bool = True, folder: Path | None = None) -> Result:
    """The whole of it. `folder` keeps the logs of all processes."""
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(
            world(
                workers=size.workers,
                webs=size.webs,
                redis=redis,
                model=True,
                seed=seed,
                times=CHAOS_TIMES,
                granted=100 * size.turns,
                folder=folder,
            )
        )
        run = Run(world=made, size=size, seed=seed)
        began = time.monotonic()
        await run.storm()
        stormed = time.monotonic()
        rested = await run.rest(REST_WITHIN)
        return await reckon(run, rested=rested, storm=stormed - began, calm=time.monotonic() - stormed)


def main() -> int:
    asked = _arguments()
    logging.getLogger("asyncpg").setLevel(
        logging.CRITICAL
    )  # its pools tell at length that the server is being restarted
    size = FULL if asked.full else replace(IN_CI, turns=asked.turns, kills=asked.kills)
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="atende-chaos-"))
    print(
        f"seed {asked.seed}: {size.bursts} bursts for {size.turns} turns, {size.kills} kills; logs in {folder}",
        flush=True,
    )
    result = asyncio.run(chaos(size, asked.seed, redis=not asked.no_redis, folder=folder))
    print(json.dumps(asdict(result), ensure_ascii=False, default=str))
    print(result.summary, flush=True)
    return 0 if result.kept else 1


def _arguments() -> Any:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=Random().randrange(1_000_000))
    parser.add_argument("--turns", type=int, default=IN_CI.turns)
    parser.add_argument("--kills", type=int, default=IN_CI.kills)
    parser.add_argument("--full", action="store_true", help="3,000 turns, 50 kills, 5 FLUSHALL")
    parser.add_argument("--no-redis", action="store_true", help="wake up by LISTEN/NOTIFY alone")
    parser.add_argument("--folder", type=Path, help="where the logs go; a temporary folder if not given")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
