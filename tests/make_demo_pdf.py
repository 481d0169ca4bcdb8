"""Writes docs/demo/manual-de-garantia.pdf: `python tests/make_demo_pdf.py`. Run it again only when the text changes."""

from pathlib import Path

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.lib.units import cm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    ListFlowable,
    ListItem,
    PageBreak,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

TARGET = Path(__file__).resolve().parents[1] / "docs" / "demo" / "manual-de-garantia.pdf"
TITLE = "Manual de garantia"
STYLES = getSampleStyleSheet()
BODY = ParagraphStyle("body", parent=STYLES["BodyText"], fontSize=11, leading=15, spaceAfter=7)
BIG, SECTION = STYLES["Title"], STYLES["Heading2"]

PAGES: list[list[object]] = [
    [
        ("title", "Manual de garantia Aroeira Casa"),
        ("Este manual explica o que a garantia dos nossos produtos cobre, por quanto tempo ela vale e como pedir conserto, troca ou a "
        "devolução do dinheiro. Guarde-o junto com a nota fiscal: ela é o seu certificado de garantia."),
        ("section", "1. Quanto tempo dura a garantia"),
        ("Todo produto tem a garantia legal de 90 dias, prevista no Código de Defesa do Consumidor. A garantia da Aroeira Casa é "
        "somada a ela, conforme a linha do produto:"),
        [
            ["Linha", "Garantia total", "Quem atende"],
            ["Panelas e utensílios de cozinha", "12 meses", "Aroeira Casa"],
            ["Panelas de ferro fundido", "10 anos", "Aroeira Casa"],
            ["Eletroportáteis", "12 meses", "Assistência do fabricante"],
            ["Facas e talheres", "5 anos", "Aroeira Casa"],
            ["Móveis de pequeno porte", "6 meses", "Aroeira Casa"],
            ["Roupa de cama, mesa e banho", "90 dias", "Aroeira Casa"],
        ],
        "As panelas de ferro fundido têm garantia de 10 anos contra trincas e defeitos de fundição, a mais longa da loja.",
        (
            "A garantia conta a partir do dia em que o produto foi entregue ou retirado na loja. Quando uma peça é trocada na garantia, "
            "a peça nova fica coberta pelo tempo que restava da garantia original, e nunca por menos de 90 dias."
        ),
        ("section", "2. O que está coberto"),
        ("list", [
            "Defeitos de fabricação, como solda solta, cabo frouxo e costura aberta.",
            "Antiaderente que descasca com uso normal nos primeiros 12 meses.",
            "Motor, resistência e partes elétricas dos eletroportáteis.",
            "Trincas em panelas de ferro fundido que não venham de queda.",
        ]),
    ],
    [
        ("section", "3. O que a garantia não cobre"),
        ("list", [
            "Quedas, pancadas e riscos.",
            "Manchas causadas por produtos de limpeza com cloro.",
            "Ferrugem em panelas de ferro guardadas molhadas.",
            "Eletroportáteis ligados em tensão errada ou abertos por terceiros.",
            "Desgaste natural do uso, como perda de brilho e desbotamento.",
        ]),
        "Produtos usados em restaurantes, hotéis e outros comércios têm apenas a garantia legal de 90 dias.",
        ("section", "4. Como acionar a garantia"),
        ("Fale com o setor de garantia pelo telefone (31) 3555-0160 ou pelo e-mail garantia@aroeiracasa.example. Tenha em mãos a "
        "nota fiscal, fotos do defeito e o número de série, que fica na base do produto."),
        ("Respondemos ao pedido de garantia em até 2 dias úteis. Se for preciso ver a peça, enviamos uma etiqueta de coleta sem "
        "custo, ou você pode deixá-la em qualquer loja."),
        ("O conserto fica pronto em até 30 dias corridos. Passado esse prazo sem solução, você escolhe entre um produto novo igual, a "
        "devolução do valor pago corrigido ou um abatimento no preço."),
        ("section", "5. Eletroportáteis"),
        ("Batedeiras, liquidificadores, cafeteiras e fritadeiras são atendidos pela rede do fabricante. A lista de assistências "
        "acompanha o produto. Se não houver assistência a menos de 50 km da sua casa, nós recebemos o aparelho e cuidamos do envio."),
        "Todos os eletroportáteis que vendemos são em 127 V ou 220 V; não vendemos aparelhos bivolt.",
    ],
    [
        ("section", "6. Cuidados que mantêm a garantia"),
        ("Lave as panelas antiaderentes com esponja macia e detergente neutro. Não use palha de aço nem talheres de metal. Espere a "
        "panela esfriar antes de lavar: o choque térmico entorta o fundo."),
        ("Panelas de ferro fundido devem ser secas no fogo baixo e untadas com óleo vegetal depois de cada uso. Elas não vão à "
        "lava-louças."),
        ("Facas devem ser lavadas à mão e afiadas a cada 3 meses. A afiação é gratuita nas nossas lojas no primeiro ano, às "
        "quartas-feiras."),
        "Roupas de cama de algodão podem ser lavadas a até 40 graus. Não use alvejante.",
        ("section", "7. Garantia estendida"),
        ("Para eletroportáteis você pode contratar 12 meses a mais de garantia. O custo é de 15% do preço do produto e a contratação "
        "pode ser feita em até 30 dias depois da compra. A garantia estendida pode ser cancelada a qualquer momento, com devolução "
        "proporcional do valor."),
        ("section", "8. Peças de reposição"),
        ("Vendemos tampas, cabos e borrachas de vedação das panelas que fabricamos, por até 5 anos depois que o modelo sai de linha. "
        "O pedido de peças é feito pelo telefone do setor de garantia e a entrega leva de 5 a 10 dias úteis."),
    ],
]  # fmt: skip


def flowables() -> list[object]:
    found: list[object] = []
    for number, page in enumerate(PAGES):
        if number:
            found.append(PageBreak())
        for part in page:
            found.extend(flowable(part))
    return found


def flowable(part: object) -> list[object]:
    if isinstance(part, str):
        return [Paragraph(part, BODY)]
    if isinstance(part, list):
        table = Table(part, colWidths=[7 * cm, 4 * cm, 5.5 * cm], hAlign="LEFT")
        table.setStyle(TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.grey), ("FONTSIZE", (0, 0), (-1, -1), 10)]))
        return [table, Spacer(1, 10)]
    assert isinstance(part, tuple)
    kind, content = part
    if kind == "list":
        return [ListFlowable([ListItem(Paragraph(text, BODY)) for text in content], bulletType="bullet", start="•")]
    return [Paragraph(content, BIG if kind == "title" else SECTION)]


def foot(canvas: Canvas, document: SimpleDocTemplate) -> None:
    canvas.setFont("Helvetica", 8)
    canvas.drawString(2 * cm, 1.2 * cm, f"Aroeira Casa - {TITLE} - página {document.page} de {len(PAGES)}")


def main() -> None:
    document = SimpleDocTemplate(str(TARGET), pagesize=A4, title=TITLE, author="Aroeira Casa")
    document.build(flowables(), onFirstPage=foot, onLaterPages=foot)


if __name__ == "__main__":
    main()
