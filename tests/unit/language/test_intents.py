"""What short messages say: requests for a person, orders, greetings, questions, farewells, thanks."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from atende.core.language.detect import guess_language
from atende.core.language.intents import greeting_only, is_farewell, is_question, is_thanks, opt_out, wants_human
from atende.core.language.phrases.lexer import MAX_READ, lex

quick = settings(max_examples=80, deadline=None)

ASK_FOR_A_PERSON = [
    *("quero falar com um atendente", "humano", "HUMANO!", "atendente", "atendente humano", "quero atendimento humano"),
    *(
        "me passa pra um atendente",
        "chama um atendente por favor",
        "preciso falar com alguém",
        "não quero falar com robô",
    ),
    *(
        "posso conversar com o gerente?",
        "vocês têm atendimento humano?",
        "oi, humano por favor",
        "quero ser atendido por uma pessoa",
    ),
    *(
        "human please",
        "Can I talk to a real person?",
        "i need to speak with someone",
        "connect me to an agent",
        "representative",
    ),
    *(
        "transfer me to a human agent please",
        "I want a human, not a bot",
        "i dont want to talk to a bot",
        "give me a human",
    ),
    *(
        "No, I want to speak to a human",
        "put me through to customer service agent",
        "can someone call me",
        "live agent",
    ),
    *(
        "hablar con una persona",
        "quiero hablar con un asesor",
        "comuníqueme con un agente",
        "páseme con una persona real",
    ),
    *(
        "agente por favor",
        "asesor",
        "no quiero hablar con un bot",
        "necesito un asesor por favor",
        "prefiero hablar con alguien",
    ),
]
SPEAK_OF_PERSONS = [
    *("o atendente me disse ontem que o pedido saiu", "falei com o atendente ontem", "obrigada, o atendente foi ótimo"),
    *(
        "quantas pessoas cabem",
        "não quero falar com atendente",
        "direitos humanos",
        "quero falar com você sobre o atendente",
    ),
    *("quem é o gerente da loja?", "é um carro para 5 pessoas", "recursos humanos tem vaga?"),
    *(
        "is there human hair in it?",
        "the agent told me to wait",
        "I spoke with an agent yesterday",
        "table for one person",
    ),
    *(
        "I don't want to talk to a person, just cancel",
        "the operator manual",
        "someone stole my parcel",
        "he told me to talk to a manager",
    ),
    *(
        "la persona que me atendió fue amable",
        "una mesa para dos personas",
        "no quiero hablar con nadie",
        "mi agente de viajes no contesta",
    ),
]


@pytest.mark.parametrize("text", ASK_FOR_A_PERSON)
def test_a_request_for_a_person_is_heard(text: str) -> None:
    assert wants_human(text)


@pytest.mark.parametrize("text", SPEAK_OF_PERSONS)
def test_speaking_of_a_person_is_no_request(text: str) -> None:
    assert not wants_human(text)


@pytest.mark.parametrize(
    "text",
    ["STOP", "stop.", "STOOOP", "Parar", " SAIR ", "Cancelar inscrição", "baja", "BAJA!", "Unsubscribe", "stop 🛑"],
)
def test_opting_out(text: str) -> None:
    assert opt_out(text) == "out"


@pytest.mark.parametrize("text", ["START", "Voltar", "alta", "ALTA.", "unstop"])
def test_opting_in(text: str) -> None:
    assert opt_out(text) == "in"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "please stop",
        "stop?",
        "cancelar",
        "cancel",
        "quero sair mais cedo",
        "sair de casa",
        "voltar ao menu",
        "start my order",
        "o preço está em baixa",
    ],
)
def test_a_longer_sentence_is_no_order(text: str) -> None:
    assert opt_out(text) is None


@pytest.mark.parametrize(
    "text",
    [
        *(
            "oi",
            "oiii",
            "bom dia!",
            "Oi, tudo bem?",
            "oi tudo bem",
            "olá boa tarde",
            "boa noite",
            "opa bom dia",
            "e aí",
        ),
        *("hello there", "Hi!", "good morning", "hello, how are you?", "oi 👋"),
        *("hola buenas", "buenos días", "Hola, ¿qué tal?", "buenas tardes", "Hola, ¿cómo está?"),
    ],
)
def test_a_greeting_and_nothing_else(text: str) -> None:
    assert greeting_only(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "...",
            "👍",
            "ok",
            "tchau",
            "thanks",
            "oi, quero um bolo",
            "oi?? cadê meu pedido",
            "bom dia, qual o preço?",
        ),
        *("oi preço", "boa noite e obrigada", "hello I need help", "hola necesito ayuda"),
    ],
)
def test_more_than_a_greeting_or_none(text: str) -> None:
    assert not greeting_only(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "que horas vocês abrem",
            "qual o preço",
            "onde fica",
            "tem entrega?",
            "tem estacionamento",
            "obrigada, e qual o valor",
        ),
        *(
            "pode me dizer o preço",
            "vocês abrem domingo",
            "quando chega",
            "por que não chegou",
            "isso é tudo?",
            "bom dia, qual o preço?",
        ),
        *(
            "Do you ship to Spain",
            "how much is it",
            "thanks, and what time do you open",
            "is it open",
            "can you tell me the price",
            "?",
        ),
        *(
            "cuánto cuesta",
            "a qué hora abren",
            "¿Dónde están?",
            "hay envío gratis",
            "puedo pagar con tarjeta",
            "y el domingo?",
        ),
    ],
)
def test_a_question_with_or_without_its_mark(text: str) -> None:
    assert is_question(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "obrigada",
            "só isso, tá?",
            "que ótimo",
            "quando chegar eu aviso",
            "quero um bolo",
            "como eu disse, não chegou",
            "tudo bem?",
        ),
        *(
            "how nice",
            "what a great help",
            "when it arrives I'll tell you",
            "my order is late",
            "I know what time it opens",
            "book it",
        ),
        *("que tengas buen día", "cuando llegue te aviso", "no hay cupos", "eso es todo, gracias", "ok", ""),
    ],
)
def test_no_question(text: str) -> None:
    assert not is_question(text)


@pytest.mark.parametrize(
    "text",
    [
        *("tchau", "até mais", "até amanhã", "flw", "tenha um ótimo dia", "bom fim de semana", "abraços"),
        *("bye bye", "goodbye!", "have a nice day", "see you tomorrow", "take care", "bye 👋"),
        *("adiós", "hasta luego", "nos vemos", "que tengas un buen día", "que le vaya bien"),
    ],
)
def test_a_farewell(text: str) -> None:
    assert is_farewell(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "bom dia",
            "oi",
            "obrigado",
            "até sexta eu não vou estar",
            "até quando vale",
            "chega até amanhã",
            "tem voo sexta",
        ),
        *("bye the way, do you ship", "have you got milk", "see the menu", "i have a good reason to ask"),
        *("hasta el viernes no estaré", "este es mi pedido", "fue un buen día"),
    ],
)
def test_no_farewell(text: str) -> None:
    assert not is_farewell(text)


@pytest.mark.parametrize(
    "text",
    [
        *("obg!", "vlw", "valeu", "muito obrigada", "obrigadaaa", "grato", "🙏", "brigadão"),
        *("thanks", "thx", "ty", "thnaks", "thank you so much", "I appreciate it"),
        *("gracias", "mil gracias", "te agradezco", "graciasss"),
    ],
)
def test_thanks(text: str) -> None:
    assert is_thanks(text)


@pytest.mark.parametrize(
    "text",
    [
        *("obrigatório", "graças a Deus chegou", "desde já agradeço", "agradeceria se me ligassem"),
        *(
            "thank you in advance",
            "fish tanks",
            "I think so",
            "thanks to the rain I am late",
            "I'd appreciate it if you called",
        ),
        *("de antemano gracias", "ok", ""),
    ],
)
def test_no_thanks(text: str) -> None:
    assert not is_thanks(text)


@quick
@given(st.text(max_size=300))
@example("\ud800")
def test_no_predicate_ever_raises(text: str) -> None:
    assert opt_out(text) in {None, "in", "out"}
    assert guess_language(text) in {"pt", "en", "es"}
    for predicate in (wants_human, greeting_only, is_question, is_farewell, is_thanks):
        assert predicate(text) in {True, False}


@pytest.mark.parametrize(
    "unit", ["quero falar com um uma o a ", "speak to a the real ", "oi ", "é ", "😊", "a\u0315\u0300"], ids=ascii
)
def test_predicates_come_to_an_end_on_long_texts(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    assert opt_out(text) is None
    assert [predicate(text) for predicate in (wants_human, is_question)] == [False, False]
    assert sum(len(token.text) for token in lex(text, "pt")) <= MAX_READ
