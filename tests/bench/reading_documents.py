"""Our side of the documents: python -m tests.bench.reading_documents FILE.pdf says seconds, processor time, memory, pages and chunks."""

import asyncio
import json
import os
import re
import resource
import sys
import threading
import time
from pathlib import Path

from atende.core.knowledge.chunking import chunk
from atende.outbound.extraction.extractor import SubprocessTextExtractor

_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


class Children:
    """The largest memory of a child process, looked at all the time: what the system says at its end counts its parent's too."""

    def __init__(self) -> None:
        self.most = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Children":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        tasks = Path(f"/proc/{os.getpid()}/task")
        while not self._over.wait(0.005):
            for task in tasks.iterdir():
                try:
                    ids = (task / "children").read_text().split()
                    self.most = max([self.most, *(_megabytes(id_) for id_ in ids)])
                except OSError:  # it has ended
                    continue


def _megabytes(process: object) -> float:
    found = _PEAK.search(Path(f"/proc/{process}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


async def main(file: Path) -> None:
    extractor = SubprocessTextExtractor(tesseract=None)
    used, began = _cpu(), time.perf_counter()
    with Children() as children:
        extracted = await extractor.extract(file.read_bytes(), file_type="pdf")
    chunks = list(chunk(extracted))
    seconds, cpu = time.perf_counter() - began, _cpu() - used
    told = {
        "seconds": seconds,
        "cpu": cpu,
        "megabytes": _megabytes("self") + children.most,
        "pages": len(extracted.pages),
        "chunks": len(chunks),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
