"""Reports of measurements: right figures, nothing unescaped, nothing from elsewhere."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from atende.core.knowledge.evaluate_retrieval import Ranking, RetrievalQuestion
from atende.main.commands.evaluate.report import Bars, Miss, Report, Share, Table, beside, interval
from atende.main.commands.evaluate.retrieval_report import report

SLY = "<script>alert(1)</script> \"'&"
VOID = {"meta", "line", "rect"}


class Balanced(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(html: str) -> Balanced:
    made = Balanced()
    made.feed(html)
    assert made.open == []
    return made


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(0, 0, 0.0, 1.0), (0, 10, 0.0, 0.278), (5, 10, 0.237, 0.763), (95, 100, 0.888, 0.978)],
)
def test_intervals_are_those_of_wilson(hits: int, of: int, low: float, high: float) -> None:
    assert list(interval(hits, of)) == pytest.approx([low, high], abs=0.001)


def test_whatever_was_asked_is_text_in_a_report() -> None:
    made = Report(
        title=SLY,
        lead=SLY,
        parts=[Table(SLY, [SLY], [[SLY]]), Bars(SLY, [(SLY, Share(1, 2)), (SLY, 3)])],
        misses=[Miss(SLY, [(SLY, SLY)])],
    )
    page = parsed(made.html())
    assert "script" not in page.seen
    assert page.text.count(SLY) >= 9
    assert not re.search(r"(src|href)\s*=|https?://|url\(", made.html())


def _ranked(id_: str, question: str, gold: str | None, *found: str) -> Ranking:
    return Ranking(RetrievalQuestion(id_, question, gold), found)


def test_the_report_of_a_search_has_its_figures_and_its_misses() -> None:
    rankings = [
        _ranked("1", "Quanto custa o frete?", "a", "a", "b"),
        _ranked("2", "Qual o horário de vocês?", "a", "b", "a"),
        _ranked("3", "How much is shipping?", "b", "a", "c"),
        _ranked("4", "not judged", None, "a"),
    ]
    html = report(rankings, {"a": "Text A", "b": "Text B", "c": "C"}, embedding="hashed-384", each=2.0).html()
    text = parsed(html).text
    assert "3 paragraphs, 4 questions, 3 of them" in text
    assert "0.333" in text, "recall@1"
    assert "0.667" in text, "recall@5"
    assert text.index("How much is shipping? – not found") < text.index("Qual o horário de vocês? – place 2")
    assert "Quanto custa o frete? –" not in text
    assert "Portuguese" in text
    assert "English" in text


def test_a_search_without_right_answers_has_a_report_too() -> None:
    parsed(report([_ranked("1", "?", None, "a")], {"a": "A"}, embedding="m", each=1.0).html())


def test_a_report_stands_beside_the_results(tmp_path: Path) -> None:
    assert beside(None) is None
    assert beside(Path("/dev/null")) is None
    assert beside(tmp_path / "out.jsonl") == tmp_path / "out.html"
    assert beside(tmp_path / "out.html") == tmp_path / "out.html.report.html"
    Report(title="\ud800", lead="").write(tmp_path / "r.html")
    assert "?" in (tmp_path / "r.html").read_text(encoding="utf-8")
