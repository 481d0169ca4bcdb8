"""What people shorten in a chat, written out: the small closed class of question words, pronouns, days and units."""

import re
from functools import lru_cache
from typing import Final

from atende.core.language.languages import LANGUAGES

_WORD: Final = re.compile(r"[^\W_]+")


def _pairs(text: str) -> dict[str, str]:
    """From `short long words; short long`."""
    return dict(pair.strip().split(" ", 1) for pair in " ".join(text.split()).split(";"))


_LONG: Final = {
    "pt": _pairs("""
        qto quanto; qnto quanto; qnt quanto; qt quanto; qta quanta; qtos quantos; qtas quantas; qts quantos; qnts quantos;
        qd quando; qdo quando; qnd quando; qndo quando; q que; oq o que; pq por que; hj hoje; tb também; tbm também;
        tbem também; vc você; vcs vocês; n não; ñ não; mto muito; mt muito; dps depois; agr agora; td tudo;
        tds todos; eh é; fds fim de semana; hrs horas; tel telefone; fone telefone; zap whatsapp; wpp whatsapp;
        whats whatsapp; pgto pagamento; pagto pagamento; msg mensagem; sab sábado; dom domingo
    """),
    "es": _pairs("""
        q que; k que; ke que; xq por qué; pq por qué; tb también; tmb también; tbn también; cto cuánto; cnto cuánto;
        cdo cuándo; dnd dónde; dd dónde; tlf teléfono; tfno teléfono; tel teléfono; wasap whatsapp; whats whatsapp;
        wsp whatsapp; hs horas; hrs horas; msj mensaje; finde fin de semana; uds ustedes; ud usted
    """),
    "en": _pairs("""
        r are; u you; ur your; hw how; wat what; wht what; wen when; whn when; wer where; pls please; plz please; thx thanks;
        tmrw tomorrow; tmr tomorrow; hrs hours; appt appointment; cuz because; b4 before; wknd weekend; ppl people; tel telephone
    """),
}


@lru_cache(maxsize=1_024)
def written_out(text: str, language: str) -> str:
    """The text with the shorthand of its language written out; the rest stays as it is. Capitals are no shorthand."""
    long = _LONG.get(language, _LONG[LANGUAGES[0]])
    return _WORD.sub(lambda match: long.get(match[0], match[0]), text)
