"""`atende eval closure`: measures the closure detector on dialogues; reads and writes JSON Lines."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from atende.core.conversation.closure.evaluate import evaluate_closure
from atende.core.kernel import Invalid
from atende.main.commands.evaluate.closure_report import lines, report
from atende.main.commands.evaluate.report import beside

R = TypeVar("R")


def closure(file: Path, *, out: Path | None) -> None:
    """Judges the dialogues of `file`; the rows go to `out`, or where there is none to stdout, and the figures after them.

    Where labels stand, a report is written beside `out`.
    """
    numbered = list(numbered_rows(file))
    try:
        evaluation = evaluate_closure(row for _, row in numbered)
    except Invalid as error:
        named = re.sub(r"^row (\d+)", lambda match: f"line {numbered[int(match[1]) - 1][0]}", error.detail)
        raise Invalid(f"{file}, {named}") from error
    write_rows(evaluation.rows, out)
    if not evaluation.judged:
        return
    for line in lines(evaluation):
        print(line)
    page = beside(out)
    if page is not None:
        report(evaluation).write(page)
        print(f"Report: {page}")


def numbered_rows(file: Path) -> Iterator[tuple[int, object]]:
    """The rows of a JSON Lines file, each with the number of its line. Raises Invalid for the first line that is none."""
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise Invalid(f"{file} is not UTF-8 text") from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError) as error:
                raise Invalid(f"{file}, line {number}: not a JSON object; write one row to a line") from error


def read_rows(file: Path, of: Callable[[Mapping[str, Any]], R]) -> list[R]:
    made: list[R] = []
    for number, row in numbered_rows(file):
        if not isinstance(row, dict):
            raise Invalid(f"{file}, line {number}: not a JSON object; write one row to a line")
        try:
            made.append(of(row))
        except Invalid as error:
            raise Invalid(f"{file}, line {number}: {error.detail}") from error
    if not made:
        raise Invalid(f"{file} has no rows")
    return made


def write_rows(rows: Sequence[Mapping[str, Any]], out: Path | None) -> None:
    """As JSON Lines, to a file or to stdout. A lone surrogate is written as the escape that it came as."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode("utf-8", "backslashreplace")
    if out is None:
        print(text.decode(), end="")
    else:
        out.write_bytes(text)
