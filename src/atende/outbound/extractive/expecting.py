"""What kind of thing a question asks for, and whether a sentence has one."""

import re
from enum import Enum, auto

from atende.core.knowledge.lexicon import NUMBER_WORDS
from atende.core.knowledge.text import fold


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
    REASON = auto()
    CODE = auto()


LACKING = {
    Expected.PHONE: 0.3, Expected.MAIL: 0.3, Expected.CODE: 0.3, Expected.MONEY: 0.4, Expected.NUMBER: 0.4, Expected.DURATION: 0.45,
    Expected.HOUR: 0.5, Expected.DATE: 0.6, Expected.PLACE: 0.7, Expected.PERSON: 0.75, Expected.SHARE: 0.85, Expected.REASON: 0.9,
}  # fmt: skip
"""What a sentence is worth that lacks what is asked for: the less, the fewer ways there are to put it."""
"""Without one of these a sentence is no answer; the others may be put in many ways."""

_COUNT = r"(?:\d+|" + "|".join(NUMBER_WORDS) + r"|uma?|one|una?|dos|meio|half|media)"
_SPAN = r"(?:minut\w*|horas?|hours?|hrs?|dias?|days?|semanas?|weeks?|mes(?:es)?|months?|anos?|years?|h|min)\b"
_ASKING = r"(?:qual|quais|quanto|quanta|what|which|how much|whats|cual|cuales|cuanto|cuanta|^(?:[oa] |the |el |la )?)"
_ASKS: tuple[tuple[Expected, str], ...] = (
    (Expected.PHONE, r"(?:qual|what|cual|numero|number|^).{0,25}\b(?:telefone|whatsapp|celular|phone|telephone|telefono|movil)\b"
     r"|\b(?:numero de contato|contact number|numero de contacto|para (?:onde|que numero) (?:eu )?ligo)\b"),
    (Expected.MAIL, r"\b(?:qual|what|which|cual)\b.{0,20}\b(?:e-?mail|correo)\b|\be-?mail address\b"),
    (Expected.SHARE, r"\b(?:juros|interest|intereses|porcentagem|percentual|percentage|percent|porcentaje|por ?cento|desconto|discount"
     r"|descuento)\b"),
    (Expected.DURATION, r"\b(?:quanto tempo|prazo|quantos (?:dias|meses|anos|minutos)|quantas (?:horas|semanas)|demora\w*|how long|how soon"
     r"|how many (?:days|weeks|months|years|hours|minutes)|deadline|cuanto (?:tiempo|tarda\w*|demora\w*|dura\w*)|quanto dura|plazo"
     r"|cuant[oa]s (?:dias|horas|semanas|meses|anos)|ate quando|duracao|duracion)\b"),
    (Expected.MONEY, _ASKING + r".{0,30}\b(?:preco\w*|valor|custo|taxa|tarifa|mensalidade|price\w*|cost|fees?|precio\w*|coste|costo|tasa)\b"
     r"|\b(?:quanto (?:custa\w*|e|eh|fica|sai|pago|paga\w*|cobra\w*|vou pagar|eu pago|seria|ta|esta)"
     r"|how much (?:is|are|does|do|will|would|for|to)|costs?|cuanto (?:cuesta\w*|sale\w*|es|vale\w*|cobra\w*|pago|hay que pagar))\b"),
    (Expected.HOUR, r"\b(?:que horas?|horarios?|abrem?|abrir|fecham?|(?:lojas?|voces|esta|estao|fica\w?) abert[oa]s?|what time|hours|opens?"
     r"|opening|closes?|closing|abren?|abierto|cierran?|a que hora|funciona (?:aos?|no|na|de|em|hoje))\b"),
    (Expected.PLACE, r"\b(?:endereco|localiza\w*|address|located|direccion|ubicad\w*)\b"),
    (Expected.DATE, r"\b(?:que dias?|quais dias|qual (?:a |e a )?data|what days?|which days?|what date|que fecha)\b"),
    (Expected.REASON, r"\b(?:por ?que|why)\b"),
    (Expected.CODE, r"\b(?:qual|what|whats|cual)\b.{0,15}\b(?:cnpj|cpf|cep|codigo|code|senha|password|contrasena|clave|chave|iban|zip|registro)\b"),
    (Expected.NUMBER, r"\b(?:quant[oa]s|how many|cuant[oa]s)\b"),
)  # fmt: skip
_HAS: dict[Expected, str] = {
    Expected.MONEY: r"r\$|us\$|[$€£]|\b(?:reais|real|euros?|dolar\w*|dollars?|usd|eur|brl|pesos?|gratis|gratuit\w*|free|sem custo|no charge|sin costo|incluid\w*|included|por nossa conta|por conta d\w|pag[oa]s? pel[oa]|isent\w*|cents?|centavos)\b|\d ?%",
    Expected.DURATION: rf"\b{_COUNT}(?: \w+)? ?(?:a|ate|to|-|–|ou|or|e|y|and)? ?{_COUNT}? ?(?:\w+ )?{_SPAN}|\b(?:na hora|imediat\w*|immediate\w*|inmediat\w*|same day|mesmo dia|mismo dia|next day|dia seguinte|at once|faturas?)\b",
    Expected.HOUR: r"\b\d{1,2} ?(?:h\b|h\d\d|hs\b|horas\b|:\d\d|a\.?m\b|p\.?m\b)|\b(?:24 ?h\w*|fechad\w*|closed|cerrad\w*|meio-dia|meia-noite|noon|midnight|mediodia|medianoche|o'clock|around the clock)\b",
    Expected.DATE: rf"\b\d{{1,2}}/\d|\b(?:19|20)\d\d\b|\b(?:segunda|terca|quarta|quinta|sexta|sabado|domingo|feriado|monday|tuesday|wednesday|thursday|friday|saturday|sunday|lunes|martes|miercoles|jueves|viernes|janeiro|fevereiro|marco|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro|january|february|march|april|may|june|july|august|september|october|november|december|enero|febrero|mayo|junio|julio|septiembre|octubre|noviembre|diciembre|depois|apos|quando|assim que|antes|after|before|once|until|as soon|cuando|despues|minut\w*|horas?|hours?|dias?|days?|semanas?|weeks?)\b",
    Expected.NUMBER: rf"\b{_COUNT}\b|\d",
    Expected.SHARE: r"\d ?%|\b(?:por ?cento|percent|por ciento|sem juros|no interest|sin intereses|interest.free|r\$|pontos|points)\b|[$€£] ?\d",
    Expected.PLACE: r"\b(?:rua|r\.|av\.?|avenida|alameda|praca|rodovia|travessa|estrada|street|st\.|road|rd\.|avenue|ave\.?|square|calle|plaza|paseo|carretera|camino|km|loja|andar|floor|piso|bairro|cidade|centro|shopping|mall|next to|ao lado|perto|near|junto|site|link|app|aplicativo|website|pagina|menu|counter|balcao|recepcao|reception|recepcion)\b",
    Expected.CODE: r"\d{3,}|\d[\d./-]{4,}",
    Expected.PHONE: r"(?:\+?\d[\d ().-]{6,}\d)",
    Expected.MAIL: r"[\w.+-]+@[\w-]+\.\w+",
    Expected.REASON: r"\b(?:porque|pois|para|por|devido|because|due|since|so that|to|ya que|debido|motivo|reason)\b",
}  # fmt: skip
_FIGURE = r"(?:r\$|us\$|[$€£])? ?(\d+(?:[.,]\d+)*)(?: ?(?:kg|km|dias?|anos?|horas?|days?|years?|hours?|anos|h))?"
_BETWEEN = re.compile(
    rf"\b(?:de|entre|from|between|desde|das) (?:as )?{_FIGURE} (?:a|as|e|to|and|y|ate|until|hasta) (?:as )?{_FIGURE}"
)
_AT_MOST = re.compile(rf"\b(?:ate|no maximo|menos de|abaixo de|up to|at most|under|less than|hasta|maximo) {_FIGURE}")
_AT_LEAST = re.compile(
    rf"\b(?:a partir de|a partir dos|acima de|mais de|no minimo|pelo menos|at least|over|more than|above|from|mas de|desde|al menos) {_FIGURE}"
)
_INTERROGATIVE = re.compile(
    r"\b(?:qual|quais|quant[oa]s?|quando|onde|quem|como|por ?que|what|which|how|when|where|who|whom|why|cual(?:es)?|cuant[oa]s?|cuando|donde"
    r"|quien\w*)\b"
)
_BY_WORD = {
    Expected.PLACE: re.compile(r"\b(?:onde|where|donde)\b"),
    Expected.DATE: re.compile(r"\b(?:quando|when|cuando)\b"),
    Expected.PERSON: re.compile(r"\b(?:quem|who|whom|quien\w*)\b"),
}
_ASK_PATTERNS = [(kind, re.compile(pattern)) for kind, pattern in _ASKS]
_HAS_PATTERNS = {kind: re.compile(pattern) for kind, pattern in _HAS.items()}
_NAMED = re.compile(
    r"(?<=[\w,;:)] )[\"'“]?[A-ZÀ-Ý][\w'.-]+|\b(?:cliente|equipe|customer|team|we|nós|nossa|fabricante|manufacturer)\b"
)


def expected(question: str) -> frozenset[Expected]:
    """Whatever the question may be asking for. Of `when`, `where` and `who`, only the first asks: `who pays when I return it?`"""
    folded = fold(question)
    found = {kind for kind, pattern in _ASK_PATTERNS if pattern.search(folded)}
    first = _INTERROGATIVE.search(folded)
    for kind, pattern in _BY_WORD.items():
        own = pattern.search(folded)
        if own and first and own.start() == first.start():
            found.add(kind)
    if Expected.DURATION in found:
        found.discard(Expected.NUMBER)
    return frozenset(found)


MEANT_BY: dict[str, Expected] = {
    "duration": Expected.DURATION,
    "price": Expected.MONEY,
    "hours": Expected.HOUR,
    "place": Expected.PLACE,
    "call": Expected.PHONE,
    "mail": Expected.MAIL,
    "age": Expected.NUMBER,
    "pay": Expected.PERSON,
    "date": Expected.DATE,
    "length": Expected.NUMBER,
}
"""Words that only name what is expected: a sentence that has such a thing need not have the word."""

IMPLIED: dict[Expected, str] = {
    Expected.PLACE: "endereco",
    Expected.HOUR: "horario",
    Expected.PHONE: "telefone",
    Expected.MAIL: "email",
}
"""The Portuguese word for what `where are you?` asks without naming it."""


def has(text: str, kind: Expected) -> bool:
    if kind is Expected.PERSON:
        return _NAMED.search(text) is not None
    return _HAS_PATTERNS[kind].search(fold(text)) is not None


def within(number: int, text: str) -> bool:
    """Whether the text names a range or a bound that takes the number in: 8 is in `from 6 to 11`, and 250 is over 199."""
    folded = fold(text)
    for low, high in _BETWEEN.findall(folded):
        if min(_value(low), _value(high)) <= number <= max(_value(low), _value(high)):
            return True
    if any(number <= _value(bound) for bound in _AT_MOST.findall(folded)):
        return True
    return any(number >= _value(bound) for bound in _AT_LEAST.findall(folded))


def _value(figure: str) -> float:
    """1.250,00 and 1,250.00 are one number; a mark before three figures only groups them."""
    whole, _, rest = figure.replace(",", ".").rpartition(".")
    if not whole:
        return float(rest)
    digits = whole.replace(".", "")
    return float(digits + rest) if len(rest) == 3 else float(f"{digits}.{rest}")
