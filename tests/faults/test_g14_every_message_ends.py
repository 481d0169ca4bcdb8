"""An accepted message always ends: replied to, handed over, or visibly failed."""

from collections import Counter
from collections.abc import Awaitable, Callable

import pytest

from atende.core.kernel import Invalid, Unavailable
from tests.faults.support.shop import QUESTION, Shop

TEXTS = (QUESTION, "oi", "Vocês consertam guarda-chuvas?", "quero falar com um atendente", "era só isso, obrigada!", "")


async def _nothing(_: Shop) -> None:
    pass


async def _model_stumbles(shop: Shop) -> None:
    shop.model.failures.extend([Unavailable("the model is away"), Invalid("the model refuses")] * 2)


async def _model_is_away(shop: Shop) -> None:
    shop.model.failures.extend([Unavailable("the model is away")] * 100)


async def _sends_are_refused(shop: Shop) -> None:
    for _ in TEXTS:
        shop.channel.refuse_next()


async def _sends_are_delayed(shop: Shop) -> None:
    for _ in range(2 * len(TEXTS)):
        shop.channel.delay_next()


async def _sends_are_doubtful(shop: Shop) -> None:
    for number in range(len(TEXTS)):
        shop.channel.doubt_next(arrived=bool(number % 2))


async def _no_credits(shop: Shop) -> None:
    await shop.rows("UPDATE credit_account SET available = 0, issued = 0, spent = 0")
    await shop.rows("ALTER TABLE credit_entry DISABLE TRIGGER USER")
    await shop.rows("DELETE FROM credit_entry")


@pytest.mark.parametrize(
    "trouble",
    [
        _nothing,
        _model_stumbles,
        _model_is_away,
        _sends_are_refused,
        _sends_are_delayed,
        _sends_are_doubtful,
        _no_credits,
    ],
    ids=lambda trouble: trouble.__name__.strip("_"),
)
async def test_g14_whatever_happens_every_message_ends(shop: Shop, trouble: Callable[[Shop], Awaitable[None]]) -> None:
    await trouble(shop)
    for number, text in enumerate(TEXTS):
        await shop.receive(text, sender=f"+558199999000{number}")
    await _all_ended(shop)


async def test_g14_workers_die_one_after_the_other(shop: Shop) -> None:
    for number, text in enumerate(TEXTS):
        await shop.receive(text, sender=f"+558199999000{number}")
    for number in range(5):
        gate = shop.model.gates.hold()
        lost = await shop.worker(f"lost{number}")
        await lost.take()
        await gate.reached()
        await shop.kill_workers(lost)
    await _all_ended(shop)


async def _all_ended(shop: Shop) -> None:
    for _ in range(7):
        await shop.work()
        await shop.make_due()
    assert await shop.broken() == {}
    states = Counter(await shop.column("SELECT state FROM turn"))
    assert sum(states.values()) == len(TEXTS)
    assert "open" not in states


async def test_g14_a_turn_past_its_time_is_left_to_a_person(shop: Shop) -> None:
    await shop.receive(QUESTION)
    await shop.rows("UPDATE job SET deadline = now() - interval '1 s' WHERE kind = 'turn'")
    await shop.work()
    assert shop.channel.sent == []
    assert await shop.column("SELECT reason FROM handoff") == ["turn_failed"]
    assert await shop.column("SELECT status FROM job WHERE kind = 'turn'") == ["dead"]
    assert await shop.value("SELECT attendance FROM conversation") == "waiting_human"
