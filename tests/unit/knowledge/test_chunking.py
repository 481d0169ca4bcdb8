"""Chunks: whole sentences, exact text, right pages."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atende.core.kernel import Invalid
from atende.core.knowledge.chunking import ChunkText, chunk, joined
from atende.core.knowledge.extracted import Extracted
from atende.core.language.text import estimate_tokens, normalise, sentences

WORDS = st.lists(
    st.sampled_from(["prazo", "de", "troca", "é", "sete", "dias", "R$", "10,50", "loja", "Sr.", "fim"]),
    min_size=1,
    max_size=12,
)
SENTENCES = st.builds(
    lambda parts, end: " ".join(parts).capitalize() + end, WORDS, st.sampled_from([".", "!", "?", "", ":"])
)
PAGES = st.lists(st.builds("\n".join, st.lists(SENTENCES, max_size=25)), min_size=1, max_size=4)


def numbered(texts: list[str]) -> list[str]:
    """Every word made unlike every other, so that a chunk can be found in one place only."""
    count = iter(range(100_000))
    return [re.sub(r"\w+", lambda word: f"{word.group()}x{next(count)}", text) for text in texts]


def pages(*texts: str) -> Extracted:
    return Extracted(tuple(normalise(text) for text in texts), has_pages=True)


def covered(text: str, chunks: list[ChunkText]) -> list[bool]:
    """Which characters some chunk has; each chunk must be found behind the start of the one before."""
    marks, at = [False] * len(text), 0
    for piece in chunks:
        at = text.index(piece.content, at)
        marks[at : at + len(piece.content)] = [True] * len(piece.content)
    return marks


@given(PAGES, st.integers(5, 60), st.integers(0, 4))
def test_no_text_is_lost_and_every_chunk_is_exact(texts: list[str], size: int, overlap: int) -> None:
    extracted = pages(*numbered(texts))
    text, _ = joined(extracted)
    marks = covered(text, chunk(extracted, size=size, overlap=overlap))
    assert all(mark or char.isspace() for mark, char in zip(marks, text, strict=True))


@given(PAGES, st.integers(40, 80), st.integers(0, 20))
def test_no_sentence_is_cut_and_no_chunk_is_too_long(texts: list[str], size: int, overlap: int) -> None:
    extracted = pages(*numbered(texts))
    text, _ = joined(extracted)
    whole = [text[a:b] for a, b in sentences(text) if estimate_tokens(text[a:b]) <= size]
    chunks = chunk(extracted, size=size, overlap=overlap)
    assert all(piece.tokens == estimate_tokens(piece.content) <= size for piece in chunks)
    assert all(any(sentence in piece.content for piece in chunks) for sentence in whole)


@given(PAGES)
def test_a_quote_is_on_the_page_of_its_chunk(texts: list[str]) -> None:
    extracted = pages(*numbered(texts))
    for piece in chunk(extracted, size=30, overlap=5):
        assert piece.page is not None
        first = extracted.pages[piece.page - 1]
        start, _ = sentences(piece.content)[0]
        assert piece.content[start : start + 3] in first


def test_the_end_of_a_window_is_repeated_in_the_next() -> None:
    text = " ".join(f"Esta é a frase de número {n} do texto." for n in range(60))
    chunks = chunk(Extracted((text,), has_pages=False), size=100, overlap=25)
    for one, other in itertools.pairwise(chunks):
        shared = next(n for n in range(len(one.content)) if other.content.startswith(one.content[n:]))
        assert 0 < estimate_tokens(one.content[shared:]) <= 25
    assert [piece.index for piece in chunks] == list(range(len(chunks)))
    assert {piece.page for piece in chunks} == {None}


def test_a_chunk_keeps_to_its_page() -> None:
    chunks = chunk(pages("Primeira página. Fim dela.", "Segunda página.", "Terceira."))
    assert [(piece.page, piece.content) for piece in chunks] == [
        (1, "Primeira página. Fim dela."),
        (2, "Segunda página."),
        (3, "Terceira."),
    ]


def test_a_sentence_over_the_end_of_a_page_stays_whole_on_the_page_where_it_begins() -> None:
    chunks = chunk(pages("O prazo corre. O cliente deve", "apresentar a nota. Depois recebe."))
    assert [(piece.page, piece.content) for piece in chunks] == [
        (1, "O prazo corre. O cliente deve\napresentar a nota."),
        (2, "Depois recebe."),
    ]


def test_a_title_goes_with_what_it_announces() -> None:
    body = " ".join(f"Frase {n} da seção com algumas palavras." for n in range(12))
    text = f"Trocas\n\n{body}\n\nEntrega expressa\n\n{body}"
    chunks = chunk(Extracted((text,), has_pages=False), size=150, overlap=20)
    assert not any(piece.content.endswith("Entrega expressa") for piece in chunks)
    assert any(piece.content.startswith("Entrega expressa\n\nFrase 0") for piece in chunks)


def test_a_title_does_not_stay_behind_alone() -> None:
    text = "Uma frase curta no começo do texto.\n\nEntrega expressa\n\n" + " ".join(["palavra"] * 40) + "."
    chunks = chunk(Extracted((text,), has_pages=False), size=90, overlap=5)
    assert chunks[0].content == "Uma frase curta no começo do texto."
    assert chunks[1].content.startswith("Entrega expressa\n\npalavra")


def test_an_endless_sentence_is_cut_between_words() -> None:
    text = " ".join(["palavra"] * 3_000)
    chunks = chunk(Extracted((text,), has_pages=False), size=101, overlap=10)
    assert all(re.fullmatch(r"(palavra ?)+", piece.content) and piece.tokens <= 101 for piece in chunks)
    assert sum(piece.content.count("palavra") for piece in chunks) == 3_000


def test_an_endless_word_is_cut_too() -> None:
    chunks = chunk(Extracted(("x" * 10_000,), has_pages=False), size=100, overlap=10)
    assert "".join(piece.content for piece in chunks) == "x" * 10_000


def test_nothing_gives_nothing() -> None:
    assert chunk(Extracted(("", ""), has_pages=True)) == []


@pytest.mark.parametrize(("size", "overlap"), [(0, 0), (10, 10), (10, -1)])
def test_senseless_sizes_are_refused(size: int, overlap: int) -> None:
    with pytest.raises(Invalid):
        chunk(Extracted(("a",), has_pages=False), size=size, overlap=overlap)


ROWS = st.lists(st.builds("{} | {}".format, WORDS.map(" ".join), WORDS.map(" ".join)), min_size=2, max_size=30).map(
    "\n".join
)
ITEMS = st.lists(st.builds("- {}".format, WORDS.map(" ".join)), min_size=1, max_size=30).map("\n".join)


@given(st.lists(st.one_of(SENTENCES, ROWS, ITEMS), min_size=1, max_size=8).map("\n\n".join), st.integers(30, 90))
def test_a_chunk_says_where_its_text_stands(text: str, size: int) -> None:
    extracted = Extracted((normalise(text),), has_pages=False)
    whole, _ = joined(extracted)
    chunks = chunk(extracted, size=size, overlap=5)
    covered_to = 0
    for piece in chunks:
        own = whole[piece.start : piece.end]
        assert piece.content[piece.carried : piece.carried + len(own)] == own
        assert piece.tokens == estimate_tokens(piece.content) <= size + 1
        assert not whole[covered_to : piece.start].strip() if piece.start > covered_to else True
        covered_to = piece.end
    assert covered_to == len(whole)
