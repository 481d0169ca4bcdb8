"""Our figures beside their references, interleaved in one run; nothing is asserted about any of them.

python -m tests.bench.run [--only ack|auth|jobs|ledger] [--rounds N] [--out FILE.json]
"""

import argparse
import asyncio
import importlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvloop

from tests.bench.measure import Row, table, write

PARTS = {"ledger": 5, "ack": 7, "jobs": 5, "auth": 5}
"""The parts, with the rounds that each takes unless told."""


async def measure(parts: list[str], rounds: int | None) -> list[Row]:
    rows: list[Row] = []
    for part in parts:
        run: Callable[[int], Awaitable[list[Row]]] = importlib.import_module(f"tests.bench.{part}").measure
        print(f"{part} ...", flush=True)
        rows += await run(rounds or PARTS[part])
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=list(PARTS), action="append", help="this part; may be repeated")
    parser.add_argument("--rounds", type=int, help="how often every side is measured")
    parser.add_argument("--out", type=Path, default=Path("bench-results/bench.json"))
    given = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        rows = runner.run(measure(given.only or list(PARTS), given.rounds))
    write(rows, given.out)
    print(table(rows))
    print(f"written to {given.out}")


if __name__ == "__main__":
    main()
