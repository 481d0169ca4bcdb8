"""A PDF of 300 pages read and cut into chunks of about 500 tokens, beside LlamaIndex, LangChain and Haystack. Embedding is no part.

Each side runs in processes of its own: the time is from the file to the last chunk, the imports before it left out, the memory
is the most that its processes took together. Ours reads in a confined child process, as the worker does.

The others need an environment of their own: BENCH_PEERS_PYTHON is its interpreter. Without it, only ours is measured.
"""

import asyncio
import json
import os
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.measure import Figures, Rounds, Row, Side, in_turns
from tests.reading.pdfs import drawn
from tests.reading.prose import Prose

PAGES, MANY_PAGES = (6, 12) if os.environ.get("BENCH_SHORT") else (300, 1_600)
MOST_MEGABYTES = 300.0
_HERE = Path(__file__).parent
_PEERS = ("llamaindex", "langchain", "haystack")


async def measure(rounds: int) -> list[Row]:
    peers = os.environ.get("BENCH_PEERS_PYTHON")
    with TemporaryDirectory() as folder:
        usual, long = Path(folder) / "usual.pdf", Path(folder) / "long.pdf"
        usual.write_bytes(await asyncio.to_thread(drawn, Prose(1), PAGES))
        long.write_bytes(await asyncio.to_thread(drawn, Prose(2), MANY_PAGES))
        sides: dict[str, Side] = {"ours": partial(_ours, usual, PAGES)}
        for name in _PEERS if peers else ():
            command = [str(peers), str(_HERE / "reference_documents.py"), name]
            sides[name] = partial(_side, command, usual, PAGES)
        seen = await in_turns(sides, rounds=rounds)
        large = [await _ours(long, MANY_PAGES) for _ in range(2)]
    return [*_beside(seen, _PEERS if peers else ()), *_large(large)]


def _beside(seen: Rounds, peers: tuple[str, ...]) -> list[Row]:
    units = {"rate": f"pages/s of {PAGES}", "memory": "MB at most", "cpu": "ms of CPU per page"}
    return [
        seen.compare(f"documents.{figure} vs {peer}", "ours", peer, figure=figure, unit=unit)
        for peer in peers
        for figure, unit in units.items()
    ]


def _large(large: list[Figures]) -> list[Row]:
    seen = Rounds({"ours": large, "goal": [{"memory": MOST_MEGABYTES}] * len(large)})
    name = f"documents.memory of {MANY_PAGES} pages"
    return [seen.compare(name, "ours", "goal", figure="memory", unit="MB at most, goal")]


async def _ours(file: Path, pages: int) -> Figures:
    return await _side([sys.executable, "-m", "tests.bench.reading_documents"], file, pages)


async def _side(command: list[str], file: Path, pages: int) -> Figures:
    process = await asyncio.create_subprocess_exec(*command, str(file), stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"{command[-1]} failed: its message stands above")
    told = json.loads(output.splitlines()[-1])
    if told["pages"] != pages or not told["chunks"]:
        raise RuntimeError(f"{command[-1]} read {told['pages']} pages of {pages}")
    return {
        "rate": pages / told["seconds"],
        "memory": max(told["megabytes"], 0.1),
        "cpu": told["cpu"] / pages * 1e3,
    }
