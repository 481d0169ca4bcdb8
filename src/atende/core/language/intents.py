"""What short messages say, in Portuguese, English and Spanish: pure predicates on text. None ever raises."""

import re
from typing import Final, Literal

from atende.core.language.colloquial import plain_form
from atende.core.language.detect import guess_language, language_scores
from atende.core.language.phrases.handover import ALONE, ASKS, REPORTED
from atende.core.language.phrases.kinds import Kind
from atende.core.language.phrases.lexer import MAX_READ, Token, lex
from atende.core.language.phrases.scan import Scan

_OUT: Final = frozenset(
    {
        *("stop", "stopall", "stop all", "unsubscribe", "opt out", "opt-out", "optout"),
        *("parar", "pare", "sair", "cancelar inscricao", "descadastrar", "descadastre-me"),
        *("baja", "darme de baja", "dar de baja", "cancelar suscripcion", "salir"),
    }
)
_IN: Final = frozenset({"start", "unstop", "subscribe", "opt in", "opt-in", "optin", "voltar", "alta", "darme de alta"})
_AROUND: Final = " .!\"'*"
_ASKING: Final = re.compile(
    r"(?:can|could|would|will|may|shall|should|how about|what about|pode|podem|poderia|poderiam|posso|"
    r"da (?:pra|para)|tem como|podemos|puedo|sera que|"
    r"e possivel|que tal|consegue|voces?|vcs?|puede|pueden|puedes|podria|podrian|podrias|es posible|me)\b"
)
_GREETING_PARTS: Final = frozenset({Kind.GREETING, Kind.TIME_WISH, Kind.FILLER, Kind.COMMA, Kind.BREAK, Kind.MARK})
_GREETINGS: Final = frozenset({Kind.GREETING, Kind.TIME_WISH})


def wants_human(text: str) -> bool:
    """Whether the writer asks for a person: `quero falar com um atendente`, `human please`, `un asesor`."""
    plain = plain_form(text[: 2 * MAX_READ])
    if ALONE.fullmatch(plain[:MAX_READ]):
        return True
    return any(not REPORTED.search(plain[max(0, match.start() - 60) : match.start()]) for match in ASKS.finditer(plain))


def opt_out(text: str) -> Literal["out", "in"] | None:
    """What a whole message orders: no more messages (STOP, SAIR, BAJA), or messages again (START, VOLTAR, ALTA).

    Words like `cancel` alone are left to the conversation: they may be about an order.
    """
    order = plain_form(text[:MAX_READ]).strip(_AROUND)
    if order in _OUT:
        return "out"
    return "in" if order in _IN else None


def greeting_only(text: str) -> bool:
    """Whether the message greets and says nothing else: `oi`, `bom dia!`, `hello there`, `hola buenas`."""
    tokens = _tokens(text)
    kinds = {token.kind for token in tokens if token.text != "emojibye"}
    return kinds <= _GREETING_PARTS and not kinds.isdisjoint(_GREETINGS)


def is_question(text: str) -> bool:
    """Whether the message asks something, with or without a question mark; a tag (`só isso, tá?`) is no question."""
    scores = language_scores(text)
    likely = [language for language, score in scores.items() if score == max(scores.values())]
    scans = [Scan.of(lex(text, language)) for language in likely]
    return any(scan.question or _ASKING.match(scan.request) for scan in scans)


def is_farewell(text: str) -> bool:
    """Whether the message says goodbye, perhaps beside other things. `Boa noite` alone may be a greeting: no."""
    return Kind.FAREWELL in Scan.of(_tokens(text)).found


def is_thanks(text: str) -> bool:
    """Whether the message thanks for something received, perhaps beside other things; thanks in advance do not count."""
    found = Scan.of(_tokens(text)).found
    return Kind.ADVANCE not in found and (Kind.THANKS in found or Kind.HELPED in found)


def _tokens(text: str) -> tuple[Token, ...]:
    return lex(text, guess_language(text))
