"""An accepted message always ends: replied to, handed over, or visibly failed."""

from collections import Counter

import pytest

from atende.core.kernel import Invalid, Unavailable
from tests.faults.stage import QUESTION, Stage

TEXTS = (QUESTION, "oi", "Vocês consertam guarda-chuvas?", "quero falar com um atendente", "era só isso, obrigada!", "")


@pytest.mark.parametrize(
    "trouble", ["none", "model", "model_for_good", "refused", "delayed", "doubtful", "lost", "no_credits"]
)
async def test_g14_whatever_happens_every_message_ends(shop: Stage, trouble: str) -> None:
    match trouble:
        case "model":
            shop.model.failures.extend([Unavailable("the model is away"), Invalid("the model refuses")] * 2)
        case "model_for_good":
            shop.model.failures.extend([Unavailable("the model is away")] * 100)
        case "refused":
            for _ in TEXTS:
                shop.phones.refuse_next()
        case "delayed":
            for _ in range(2 * len(TEXTS)):
                shop.phones.delay_next()
        case "doubtful":
            for number in range(len(TEXTS)):
                shop.phones.doubt_next(arrived=bool(number % 2))
        case "no_credits":
            await shop.rows("UPDATE credit_account SET available = 0, issued = 0, spent = 0")
            await shop.rows("ALTER TABLE credit_entry DISABLE TRIGGER USER; ")
            await shop.rows("DELETE FROM credit_entry")
    for number, text in enumerate(TEXTS):
        await shop.hears(text, sender=f"+558199999000{number}")
    if trouble == "lost":
        for number in range(5):
            gate = shop.model.gates.hold()
            lost = await shop.worker(f"lost{number}")
            await lost.take()
            await gate.reached()
            await shop.lose(lost)
    for _ in range(7):
        await shop.works()
        await shop.hurry()
    assert await shop.broken() == {}
    states = Counter(await shop.column("SELECT state FROM turn"))
    assert sum(states.values()) == len(TEXTS)
    assert "open" not in states


async def test_g14_a_turn_past_its_time_is_left_to_a_person(shop: Stage) -> None:
    await shop.hears(QUESTION)
    await shop.rows("UPDATE job SET deadline = now() - interval '1 s' WHERE kind = 'turn'")
    await shop.works()
    assert shop.phones.sent == []
    assert await shop.column("SELECT reason FROM handoff") == ["turn_failed"]
    assert await shop.column("SELECT status FROM job WHERE kind = 'turn'") == ["dead"]
    assert await shop.value("SELECT attendance FROM conversation") == "waiting_human"
