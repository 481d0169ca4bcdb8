"""Messages that ask and tell nothing."""

import pytest

from atende.core.language.smalltalk import asks_for_robot, is_courtesy, is_pause, is_small_talk, is_yes

COURTESIES = [
    *("obrigado", "Obrigada!!", "valeu", "ok", "de nada", "até mais", "👍", "tchau", "igualmente", "kkk", "muito obrigado pela atenção"),
    *("gracias", "muchas gracias", "vale", "hasta luego", "jajaja gracias", "igualmente, adiós", "dios lo bendiga"),
    *("thanks", "thank you so much", "bye", "you too", "ok thanks", "lol", "❤️", "great, thanks for your help"),
]  # fmt: skip
CHATTER = [
    "kkk",
    "rsrs",
    "legal",
    "show",
    "top",
    "massa",
    "hum",
    "eita",
    "que pena",
    "amém",
    "puxa",
    "qué lástima",
    "oh well",
    "wow",
]
MATTER = [
    *(
        "obrigado, mas não chegou",
        "ok?",
        "e o preço",
        "não",
        "valeu, quanto custa",
        "ok 2",
        "thanks, one more question",
    ),
    *("quero cancelar", "oi", "bom dia", "gracias, ¿abren hoy?", "top 10 produtos", "", "obrigado " * 40),
]


@pytest.mark.parametrize("text", COURTESIES)
def test_courtesies(text: str) -> None:
    assert is_courtesy(text)
    assert is_small_talk(text)


@pytest.mark.parametrize("text", CHATTER)
def test_small_talk(text: str) -> None:
    assert is_small_talk(text)


@pytest.mark.parametrize("text", MATTER)
def test_what_asks_or_tells_something_is_neither(text: str) -> None:
    assert not is_courtesy(text)
    assert not is_small_talk(text)


@pytest.mark.parametrize("text", ["peraí", "já volto", "un momento", "hold on", "ok, um minutinho"])
def test_pauses(text: str) -> None:
    assert is_pause(text)
    assert not is_courtesy(text)


@pytest.mark.parametrize("text", ["um momento, qual o preço?", "quanto tempo espera", "espera de quanto"])
def test_no_pauses(text: str) -> None:
    assert not is_pause(text)


@pytest.mark.parametrize("text", ["sim", "Sim, por favor", "quero sim", "sí", "yes please", "pode"])
def test_yes(text: str) -> None:
    assert is_yes(text)


@pytest.mark.parametrize("text", ["sim, qual o preço?", "não", "sim quero cancelar", "obrigado"])
def test_not_just_yes(text: str) -> None:
    assert not is_yes(text)


@pytest.mark.parametrize("text", ["você é um robô?", "vc é bot", "¿eres un robot?", "are you a real person?"])
def test_whether_a_machine_answers(text: str) -> None:
    assert asks_for_robot(text)


@pytest.mark.parametrize("text", ["vocês vendem robô aspirador?", "do you repair robots?", "oi"])
def test_robots_for_sale_are_another_matter(text: str) -> None:
    assert not asks_for_robot(text)
