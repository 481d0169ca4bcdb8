"""Patterns of questions for money, time, places and people in Portuguese, English and Spanish, and of sentences that answer them.

All patterns are for folded text.
"""

import re
from enum import Enum, auto

from atende.core.language.lexicon import NUMBER_WORDS


class Expected(Enum):
    MONEY = auto()
    DURATION = auto()
    HOUR = auto()
    DATE = auto()
    NUMBER = auto()
    SHARE = auto()
    PLACE = auto()
    PHONE = auto()
    MAIL = auto()
    PERSON = auto()
    PAYER = auto()
    ADDRESS = auto()
    REASON = auto()
    CODE = auto()


def one_of(phrases: str) -> str:
    """A pattern for any of the phrases, which are separated by semicolons."""
    return r"\b(?:" + "|".join(phrase.strip() for phrase in " ".join(phrases.split()).split(";")) + r")\b"


_WHICH = r"(?:\b(?:qual|quais|quant[oa]|what|which|how much|whats|cual|cuales|cuant[oa])\b|^(?:[oa] |the |el |la )?)"
_COUNT = r"(?:\d+|" + "|".join(NUMBER_WORDS) + r"|uma?|one|una?|dos|meio|half|media)"
_SPAN = r"(?:minut\w*|horas?|hours?|hrs?|dias?|days?|semanas?|weeks?|mes(?:es)?|months?|anos?|years?|h|min)\b"

ASKS = {
    Expected.PHONE: re.compile(
        r"(?:\b(?:qual|what|cual|numero|number)\b.{0,25}|^(?:o |the |el )?)\b(?:telefone|whatsapp|phone|telephone|telefono)\b|"
        + one_of("numero de contato; contact number; numero de contacto; (?:qual|que) numero (?:eu )?ligo")
    ),
    Expected.MAIL: re.compile(r"\b(?:qual|what|which|cual)\b.{0,20}\b(?:e-?mail|correo)\b|\be-?mail address\b"),
    Expected.SHARE: re.compile(
        one_of("""juros; interest; intereses; porcentagem; percentual; percentage; percent; porcentaje; por ?cento; desconto;
            discount; descuento""")
    ),
    Expected.DURATION: re.compile(
        one_of(r"""
            quanto tempo; prazo; quantos (?:dias|meses|anos|minutos); quantas (?:horas|semanas); demora\w*; quanto
            dura; duracao; ate quando; how long; how soon; how many (?:days|weeks|months|years|hours|minutes);
            deadline; cuanto (?:tiempo|tarda\w*|demora\w*|dura\w*); plazo; cuant[oa]s
            (?:dias|horas|semanas|meses|anos); duracion
        """)
    ),
    Expected.MONEY: re.compile(
        _WHICH
        + r".{0,30}"
        + one_of(
            r"preco\w*; valor; custo; taxa; tarifa; mensalidade; price\w*; cost; fees?; precio\w*; coste; costo; tasa"
        )
        + "|"
        + one_of(r"""
            (?:quanto|cuanto) (?!tempo|tiempo)\w+ (?:custa\w*|cobra\w*|cuesta\w*);
            quanto (?:custa\w*|e|eh|fica|sai|pago|paga\w*|cobra\w*|vou pagar|eu pago|seria|ta|esta); costs?; how
            much (?:is|are|does|do|will|would|for|to); cuanto (?:cuesta\w*|sale\w*|es|vale\w*|cobra\w*|paga\w*|hay
            que pagar)
        """)
    ),
    Expected.HOUR: re.compile(
        one_of(r"""
            que horas?; horarios?; abrem?; abrir; fecham?; (?:lojas?|voces|esta|estao|fica\w?) abert[oa]s?; funciona
            (?:aos?|no|na|de|em|hoje); what time; hours; opens?; opening; closes?; closing; a que hora; abren?;
            abiert[oa]s?; cierran?
        """)
    ),
    Expected.ADDRESS: re.compile(
        one_of(r"""
            endereco; localiza\w*; address; located; direccion; ubicad\w*; onde (?:\w+ )?(?:fica\w*|esta\w*|e|se
            localiza\w*); where (?:is|are); donde (?:esta\w*|queda\w*|se encuentra\w*)
        """)
    ),
    Expected.DATE: re.compile(
        one_of("""que dias?; quais dias; qual (?:a |e a )?data; em que ano; what days?; which days?; what date; what year;
            which year; que fecha; en que ano""")
    ),
    Expected.PAYER: re.compile(one_of("quem paga; por conta de quem; who pays; who covers; quien paga")),
    Expected.REASON: re.compile(one_of("por ?que; why")),
    Expected.CODE: re.compile(
        r"\b(?:qual|what|whats|cual)\b.{0,15}"
        + one_of("cnpj; cpf; cep; codigo; code; senha; password; contrasena; clave; chave; iban; zip; registro")
    ),
    Expected.NUMBER: re.compile(one_of("quant[oa]s; how many; cuant[oa]s")),
}
INTERROGATIVE = re.compile(
    one_of(r"""
        qual; quais; quant[oa]s?; quando; onde; quem; como; por ?que; what; which; how; when; where; who; whom; why;
        cual(?:es)?; cuant[oa]s?; cuando; donde; quien\w*
    """)
)
BY_WORD = {
    Expected.PLACE: re.compile(one_of("onde; where; donde")),
    Expected.DATE: re.compile(one_of("quando; when; cuando")),
    Expected.PERSON: re.compile(one_of(r"quem; who; whom; quien\w*")),
}
"""Words that count only if they are the first question word: `when` does not in `who pays when I return it?`."""

HOW_MANY = re.compile(r"\b(?:quant[oa]s|how many|cuant[oa]s) (?:de |tipos de |kinds of |types of )?(\w+)")

_MONTHS = """janeiro; fevereiro; marco; abril; maio; junho; julho; agosto; setembro; outubro; novembro; dezembro; january; february;
    march; april; may; june; july; august; september; october; november; december; enero; febrero; mayo; junio; julio; septiembre;
    octubre; noviembre; diciembre"""
_DAYS = """segundas?; tercas?; quartas?; quintas?; sextas?; sabados?; domingos?; feriados?; mondays?; tuesdays?; wednesdays?;
    thursdays?; fridays?; saturdays?; sundays?; weekends?; weekdays?; lunes; martes; miercoles; jueves; viernes; festivos?"""
HAS = {
    Expected.MONEY: re.compile(
        r"r\$|us\$|[$€£]|\d ?%|"
        + one_of(r"""
            reais; real; euros?; dolar\w*; dollars?; usd; eur; brl; pesos?; gratis; gratuit\w*; free; sem custo; no
            charge; no extra c\w+; sin costo; incluid\w*; included; por nossa conta; por conta d\w+; pag[oa]s?
            pel[oa]; isent\w*; cents?; centavos; metade; half; mitad; on us
        """)
    ),
    Expected.DURATION: re.compile(
        rf"\b{_COUNT}(?: \w+)? ?(?:a|ate|to|-|–|ou|or|e|y|and)? ?{_COUNT}? ?(?:\w+ )?{_SPAN}|"
        + one_of(r"""
            na hora; imediat\w*; immediate\w*; inmediat\w*; same day; mesmo dia; mismo dia; next day; dia seguinte;
            at once; \d faturas?
        """)
    ),
    Expected.HOUR: re.compile(
        r"\b\d{1,2} ?(?:h\b|h\d\d|hs\b|horas\b|:\d\d|a\.?m\b|p\.?m\b)|"
        + one_of(r"""
            24 ?h\w*; fechad\w*; closed; cerrad\w*; meio-dia; meia-noite; noon; midnight; mediodia; medianoche;
            o'clock; around the clock; horas? antes; hour before
        """)
    ),
    Expected.DATE: re.compile(
        r"\b\d{1,2}/\d|\b(?:1\d|20)\d\d\b|"
        + one_of(_DAYS + ";" + _MONTHS)
        + "|"
        + one_of(r"""
            depois; apos; quando; assim que; antes; after; before; once; until; as soon; when; cuando; despues;
            todos os dias; every day; (?:em|within|in|en) (?:ate )?\d+ \w+
        """)
    ),
    Expected.NUMBER: re.compile(rf"\b{_COUNT}\b|\d"),
    Expected.SHARE: re.compile(
        r"\d ?%|[$€£] ?\d|r\$|"
        + one_of("por ?cento; percent; por ciento; sem juros; no interest; sin intereses; interest.free; pontos; points")
    ),
    Expected.PLACE: re.compile(
        one_of(r"""
            rua; avenida; alameda; praca; rodovia; travessa; estrada; street; road; avenue; square; lane; calle;
            plaza; paseo; carretera; camino; \d+ ?km; andar; floor; piso; bairro; cidade; centro; shopping; mall;
            next to; ao lado; perto; near; junto; site; link; app; aplicativo; website; pagina; page; menu; counter;
            balcao; recepcao; reception; recepcion; serra; rio; taquillas; lockers; galeria
        """)
        + r"|\b(?:av|st|rd|ave|r)\.|\bpostal code\b"
    ),
    Expected.ADDRESS: re.compile(
        one_of(r"""
            rua; avenida; alameda; praca; rodovia; travessa; estrada; street; road; avenue; square; lane; calle;
            plaza; paseo; carretera; camino; ruta; km; kilometro; bairro; andar; floor; piso
        """)
        + r"|\b(?:av|st|rd|ave|r)\."
    ),
    Expected.PHONE: re.compile(r"\+?\d[\d ().-]{6,}\d|\d{3}-\d{4}|\b0800\b"),
    Expected.MAIL: re.compile(r"[\w.+-]+@[\w-]+\.\w+"),
    Expected.PAYER: re.compile(
        one_of(r"""
            por (?:nossa|sua) conta; por conta d\w+; pag[oa]s? pel[oa]s?; nos pagamos; (?:o|a) cliente paga;
            cliente; we pay; you pay; on us; at (?:our|your) (?:own )?(?:expense|cost); free; gratis; gratuit\w*; a
            cargo d\w+; por cuenta d\w+; por nuestra cuenta; corre por cuenta
        """)
    ),
    Expected.REASON: re.compile(
        one_of("""
            porque; pois; por causa; para que; devido; por motivo; because; due to; since; so that; ya que; debido;
            por motivos; motivo; reason; because of; a causa
        """)
    ),
    Expected.CODE: re.compile(r"\d{3,}|\d[\d./-]{4,}"),
}  # fmt: skip
LACKING = {
    Expected.PHONE: 0.3, Expected.MAIL: 0.3, Expected.CODE: 0.3, Expected.MONEY: 0.4, Expected.NUMBER: 0.4,
    Expected.DURATION: 0.45, Expected.HOUR: 0.5, Expected.DATE: 0.6, Expected.ADDRESS: 0.6, Expected.PLACE: 0.7,
    Expected.PAYER: 0.7, Expected.PERSON: 0.5, Expected.SHARE: 0.85, Expected.REASON: 0.9,
}  # fmt: skip
"""Factor for sentences without an answer of the expected kind. It is smaller for kinds that are easier to recognize."""

MEANT_BY = {
    "duration": Expected.DURATION, "price": Expected.MONEY, "hours": Expected.HOUR, "place": Expected.ADDRESS,
    "call": Expected.PHONE, "mail": Expected.MAIL, "age": Expected.NUMBER, "pay": Expected.PAYER, "date": Expected.DATE,
    "length": Expected.NUMBER,
}  # fmt: skip
"""Groups of words that name an expected kind: a sentence with an answer of that kind does not need the word itself."""

IMPLIED = {
    Expected.ADDRESS: "endereco", Expected.HOUR: "horario", Expected.PHONE: "telefone", Expected.MAIL: "email",
}  # fmt: skip
"""A Portuguese word for the kind, for questions that do not name it, such as `where are you?`."""
