"""Text out of Markdown, plain text and the pages of a PDF, before any process is involved."""

import pytest

from atende.core.kernel import Invalid
from atende.core.knowledge.filetypes import detect, ending_note
from atende.core.language.text import normalise
from atende.outbound.extraction.decoding import decoded
from atende.outbound.extraction.errors import Refused
from atende.outbound.extraction.formats import read
from atende.outbound.extraction.markdown import markdown

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
            "- dentro", "", "- tarefa", "com parágrafo", "", "Região | Prazo", "Sul | 3", "", "citado", "", "```", "x = 1", "```", "",
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
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
    def test_the_encodings_of_real_files(self, encoding: str) -> None:
        assert decoded("Ação às 9h — “não”".encode(encoding)) == ("Ação às 9h — “não”", [])

    @pytest.mark.parametrize(
        ("data", "text", "note"),
        [
            (
                "inscrição: ".encode() + b"\xff" + "\nação".encode(),
                "inscrição: \ufffd\nação",
                "replaced by \ufffd in line 1",
            ),
            ("devolução e devoluçã".encode()[:-1], "devolução e devoluç\ufffd", "replaced by \ufffd in line 1"),
            (
                "ação\n".encode() + "promoção\n".encode("latin-1") + "mês".encode(),
                "ação\npromoção\nmês",
                "Windows-1252 in line 2",
            ),
            (b"plain text \xff here", "plain text \ufffd here", "replaced by \ufffd in line 1"),
        ],
    )
    def test_a_bad_byte_spoils_no_other_letter_and_is_named(self, data: bytes, text: str, note: str) -> None:
        found, notes = decoded(data)
        assert found == text
        assert [note in one for one in notes] == [True]

    @pytest.mark.parametrize("data", [b"\x00\x01\x02", b"\x01\x02\x03\x04" * 50, bytes(range(256)) * 4])
    def test_what_is_no_text_is_refused(self, data: bytes) -> None:
        with pytest.raises(Refused):
            decoded(data)


class TestDetect:
    @pytest.mark.parametrize(
        ("name", "data", "kind"),
        [
            ("A.PDF", b"%PDF-1.4", "pdf"), ("b.md", b"x", "md"), ("c.Markdown", b"x", "md"), ("d.txt", b"%PDF-1.4", "pdf"),
            ("leia-me", "olá".encode(), "txt"), ("ata 2.3", b"oi", "txt"), ("e.pdf", b"so texto", "txt"), ("f.csv", b"a;b", "csv"),
            ("g.doc", b"<!DOCTYPE html><p>", "html"), ("h.jpg", b"\x89PNG\r\n\x1a\n", "image"), ("i", b"MM\x00*", "image"),
            ("j.zip", b"PK\x03\x04..word/document.xml", "docx"), ("k.docx", b"PK\x03\x04..xl/workbook.xml", "xlsx"),
        ],
    )  # fmt: skip
    def test_the_content_decides_and_the_name_between_kinds_of_text(self, name: str, data: bytes, kind: str) -> None:
        assert detect(data, name)[0] == kind

    @pytest.mark.parametrize(
        ("data", "reason"),
        [
            (b"PK\x03\x04 readme.txt", "a ZIP archive"),
            (b"PK\x03\x04 ppt/presentation.xml", "a presentation"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "password-protected Office"),
            (b"\x7fELF", "a program"),
            (b"\x00\x00\x00\x18ftypheic", "HEIC"),
            (b"\x00\x01\x02\x03" * 9, "neither text nor"),
        ],
    )
    def test_other_types_are_refused_by_what_they_are(self, data: bytes, reason: str) -> None:
        with pytest.raises(Invalid, match=reason):
            detect(data, "a.pdf")

    def test_a_name_that_says_something_else_is_noted(self) -> None:
        assert ending_note("contrato.pdf", "docx") == (
            "The name ends in .pdf, but the file is a Word document; it was read as such."
        )
        assert ending_note("contrato.jpeg", "image") is None
        assert ending_note("contrato.log", "txt") is None


class TestStoredForm:
    """What a person would not miss, and would not read twice."""

    def test_struck_through_text_is_left_out(self) -> None:
        assert read(b"Valor: ~~R$ 100,00~~ R$ 80,00 <del>ou 90</del>", "md").pages == ["Valor: R$ 80,00"]

    def test_lines_of_code_stay_lines(self) -> None:
        text = "Execute:\n\n```sh\napt update\napt install x | tee log\n```\n\nPronto."
        assert read(text.encode(), "md").pages == [
            "Execute:\n\n```\napt update\napt install x | tee log\n```\n\nPronto."
        ]

    def test_an_empty_cell_keeps_its_place(self) -> None:
        text = "|a|b|c|\n|-|-|-|\n|1||3|\n||x \\| y|z|"
        assert read(text.encode(), "md").pages == ["a | b | c\n1 | - | 3\n- | x / y | z"]

    @pytest.mark.parametrize(
        "data",
        [
            b'Plano;Valor;Obs\nOuro;10,50;\nPrata;"8;00";x',
            b"sep=;\nPlano;Valor;Obs\nOuro;10,50;\nPrata;8;00;x"[:0]
            or b"Plano\tValor\tObs\nOuro\t10,50\t\nPrata\t8;00\tx",
        ],
    )
    def test_csv_is_a_table_whatever_divides_it(self, data: bytes) -> None:
        assert read(data, "csv").pages == ["Plano | Valor | Obs\nOuro | 10,50 | -\nPrata | 8;00 | x"]
