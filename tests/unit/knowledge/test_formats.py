"""Text out of Markdown, plain text and the pages of a PDF, before any process is involved."""

import pytest

from atende.core.kernel import Invalid
from atende.core.knowledge.filetypes import sniff
from atende.core.language.text import normalise
from atende.outbound.extraction.errors import Refused
from atende.outbound.extraction.formats import decoded
from atende.outbound.extraction.markdown import markdown
from atende.outbound.extraction.pdf import tidied

MARKDOWN = """---
title: "Política"
author: Ana
---
# Trocas *e* devoluções

Um **parágrafo** com [link](https://x.example), `código` e
quebra.<!-- secreto --> Fim<br>novo.

1. primeiro
2. segundo
   - dentro

- tarefa

  com parágrafo

| Região | Prazo |
|--------|------:|
| Sul    | **3** |

> citado

```
x = 1
```
<script>alert(1)</script>
<b>em negrito</b>

![mapa da loja](mapa.png)
"""


class TestMarkdown:
    def test_it_reads_as_it_would_be_read_aloud(self) -> None:
        text, _ = markdown(MARKDOWN)
        assert normalise(text).split("\n") == [
            "Trocas e devoluções", "", "Um parágrafo com link, código e quebra. Fim", "novo.", "1. primeiro", "2. segundo",
            "- dentro", "", "- tarefa", "com parágrafo", "", "Região | Prazo", "Sul | 3", "", "citado", "", "x = 1", "",
            "em negrito", "", "mapa da loja",
        ]  # fmt: skip

    def test_title_and_author_come_from_the_front_or_the_first_heading(self) -> None:
        assert markdown(MARKDOWN)[1] == {"title": "Política", "author": "Ana"}
        assert markdown("texto\n\n# Título **forte**\n")[1] == {"title": "Título forte"}
        assert markdown("## só uma seção")[1] == {}

    @pytest.mark.parametrize(
        "hostile",
        [">" * 5_000, "[" * 5_000, "* " * 5_000, "`" * 5_001, "<" * 5_000, "|a" * 2_000 + "\n" + "|-" * 2_000],
    )
    def test_marks_without_sense_are_borne(self, hostile: str) -> None:
        assert isinstance(markdown(hostile)[0], str)


class TestDecoded:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
    def test_the_encodings_of_real_files(self, encoding: str) -> None:
        assert decoded("Ação às 9h — “não”".encode(encoding)) == "Ação às 9h — “não”"

    @pytest.mark.parametrize(
        "data",
        [
            b"%PDF-1.7 x",
            b"PK\x03\x04zip",
            b"\x89PNG\r\n",
            b"\x00\x01\x02",
            b"\x01\x02\x03\x04" * 50,
            bytes(range(256)) * 4,
        ],
    )
    def test_what_is_no_text_is_refused(self, data: bytes) -> None:
        with pytest.raises(Refused):
            decoded(data)


class TestTidied:
    def test_words_broken_at_a_lines_end_are_whole_again(self) -> None:
        pages = [
            "A devolu\x02ção na segunda\x02feira por e\x02mail.",
            "O guarda-roupa. Um guarda\x02roupa. Leva\x02se.",
        ]
        assert tidied(pages) == [
            "A devolução na segunda-feira por e-mail.",
            "O guarda-roupa. Um guarda-roupa. Leva-se.",
        ]

    def test_a_foot_line_is_kept_once(self) -> None:
        body = "\n".join(f"linha {n} do texto" for n in range(6))
        pages = [f"Loja X - página {n} de 4 - SAC 0800\nAssunto {n}a\n{body}\nfim {n}b" for n in range(1, 5)]
        found = tidied(pages)
        assert found[0] == pages[0]
        assert [page.count("SAC") for page in found] == [1, 0, 0, 0]
        assert all(f"Assunto {n}a" in page and f"fim {n}b" in page for n, page in enumerate(found, 1))

    def test_pages_that_differ_keep_all_they_have(self) -> None:
        pages = [
            f"Página sobre {word}\n" + "\n".join(f"{word} {n}" for n in range(8)) for word in ("sol", "mar", "rio")
        ]
        assert tidied(pages) == pages


class TestSniff:
    @pytest.mark.parametrize(
        ("name", "data", "kind"),
        [
            ("A.PDF", b"", "pdf"), ("b.md", b"", "md"), ("c.Markdown", b"", "md"), ("d.txt", b"%PDF-1.4", "txt"),
            ("sem nome", b"%PDF-1.4", "pdf"), ("leia-me", "olá".encode(), "txt"), ("ata 2.3", b"oi", "txt"),
        ],
    )  # fmt: skip
    def test_the_name_decides_and_then_the_content(self, name: str, data: bytes, kind: str) -> None:
        assert sniff(name, data) == kind

    @pytest.mark.parametrize(("name", "data"), [("a.docx", b"PK\x03\x04"), ("a.png", b""), ("planilha", b"PK\x03\x04")])
    def test_other_types_are_refused(self, name: str, data: bytes) -> None:
        with pytest.raises(Invalid, match="send one of pdf, md, txt"):
            sniff(name, data)
