"""Our figures beside their references, interleaved in one run; nothing is asserted about any of them.

python -m tests.bench.run [--only ack|auth|documents|growth|jobs|ledger|memory|search|turns] [--rounds N] [--short] [--out FILE.json]
"""

import argparse
import asyncio
import importlib
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvloop

from tests.bench.measure import Row, table, write

PARTS = {"ledger": 5, "ack": 7, "jobs": 5, "auth": 5, "growth": 5, "memory": 3, "turns": 5, "documents": 5, "search": 3}
"""The parts, with the rounds that each takes unless told."""
SHORT = ("growth", "memory", "turns", "documents", "search")
"""Parts that take tiny sizes when told, to show that they run."""


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
    parser.add_argument("--short", action="store_true", help="one round of tiny sizes, to see that it runs")
    parser.add_argument("--rounds", type=int, help="how often every side is measured")
    parser.add_argument("--out", type=Path, default=Path("bench-results/bench.json"))
    given = parser.parse_args()
    if given.short:
        os.environ["BENCH_SHORT"] = "1"  # before the parts are imported
        given.only, given.rounds = given.only or list(SHORT), given.rounds or 1
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        rows = runner.run(measure(given.only or list(PARTS), given.rounds))
    write(rows, given.out)
    print(table(rows))
    print(f"written to {given.out}")


if __name__ == "__main__":
    main()
