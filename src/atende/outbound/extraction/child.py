"""The process that reads untrusted files. It may crash: it has no secrets, no network, no files, and limited memory and time.

`SubprocessTextExtractor` starts it as a script in an empty environment, and talks to it by `frames`.
"""

import codecs
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

_START = monotonic()
_ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1", "ascii", "cp437")
_TOO_MUCH = "The file needs too much memory to read; it may be damaged or malicious."


def main(file_type: str, language: str, memory_bytes: int, cpu_seconds: int, recognise_seconds: float) -> None:
    packages = next((i for i, path in enumerate(sys.path) if path.endswith("-packages")), len(sys.path))
    sys.path.insert(packages, str(Path(__file__).resolve().parents[3]))  # behind the standard library
    from atende.outbound.extraction import frames
    from atende.outbound.extraction.confinement import die_with_parent, leave_the_system, limit
    from atende.outbound.extraction.errors import NoRecognition, Refused
    from atende.outbound.extraction.formats import read
    from atende.outbound.extraction.result import Picture, Seen
    from atende.outbound.extraction.samples import read_samples

    die_with_parent()
    limit(memory_bytes=memory_bytes, cpu_seconds=cpu_seconds)
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    data = frames.read_block(stdin)
    # Loads now what Python would load later: after `leave_the_system` there are no files.
    for encoding in _ENCODINGS:
        codecs.lookup(encoding)
    read_samples(data[:8])
    leave_the_system()

    def recognise(pictures: Iterator[Picture]) -> dict[int, list[Seen]]:
        if recognise_seconds <= 0:
            raise NoRecognition
        for picture in pictures:
            if monotonic() - _START > recognise_seconds:
                break
            stdout.write(frames.picture_frame(picture))
            stdout.flush()
        stdout.write(frames.frame(frames.END))
        stdout.flush()
        found = json.loads(frames.read_block(stdin))
        return {
            int(page): [
                Seen(text, left, top, width, height, (a, b, c)) for text, left, top, width, height, (a, b, c) in words
            ]
            for page, words in found.items()
        }

    try:
        found = read(data, file_type, recognise=recognise, language=language)
        answer = {"pages": found.pages, "has_pages": found.has_pages, "metadata": found.metadata, "notes": found.notes}
    except Refused as refused:
        answer = {"refused": str(refused)}
    except (MemoryError, RecursionError):
        answer = {"refused": _TOO_MUCH}
    stdout.write(frames.frame(frames.ANSWER, json.dumps(answer).encode()))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]))
