"""Customers write while the web process and PostgreSQL die under it, and providers repeat and reorder what they tell."""

import asyncio
from itertools import count

import pytest

from atende.fakes.faults import dup, reorder
from atende.fakes.provider import Written
from tests.faults.chaos.run import HUNG
from tests.faults.chaos.verdict import promises
from tests.faults.support.deployment import Deployment, number_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

_PEOPLE = count(1)


def _people(size: int) -> list[str]:
    """Numbers that nobody has written from yet."""
    return [f"+55419{next(_PEOPLE):08d}" for _ in range(size)]


async def _write(world: Deployment, senders: list[str], *texts: str) -> list[str]:
    number = number_of(world.tenants[0], "whatsapp")
    ids = []
    for sender in senders:
        for text in texts:
            ids += await world.write(Written(text=text, sender=sender, number=number))
    return ids


async def _acknowledged(world: Deployment) -> set[str]:
    entries = await world.log("whatsapp", "callback")
    return {one for e in entries if e["data"]["failed"] is None for one in e["data"].get("messages", [])}


async def _stored(world: Deployment) -> set[str]:
    return {
        row["id"]
        for row in await world.rows("SELECT provider_message_id AS id FROM message WHERE direction = 'inbound'")
    }


async def _all_acknowledged(world: Deployment, ids: list[str]) -> None:
    async def known() -> bool:
        return set(ids) <= await _acknowledged(world)

    await world.until(known, "every message is acknowledged")


async def test_g01_what_was_acknowledged_is_stored(running: Deployment) -> None:
    """The web process is killed and PostgreSQL crashes while callbacks arrive."""
    (web,) = running.webs
    first = asyncio.create_task(_write(running, _people(30), "oi"))

    async def some() -> bool:
        return len(await _acknowledged(running)) > 10

    await running.until(some, "some are acknowledged")
    await web.kill()
    told = await _acknowledged(running)
    assert told <= await _stored(running)
    await web.start()
    second = asyncio.create_task(_write(running, _people(30), "bom dia"))
    await running.restart_postgres()
    told = await _acknowledged(running)
    assert told <= await _stored(running)
    ids = await first + await second
    await _all_acknowledged(running, ids)
    assert set(ids) <= await _stored(running)
    await running.rest()
    assert await promises(running) == []


async def test_g13_one_reply_for_each_turn_however_often_it_is_told(running: Deployment) -> None:
    """Callbacks come up to four times and out of order."""
    await running.faults("whatsapp", dup(rate=0.5), dup(2, rate=0.3), reorder(rate=0.2, seconds=0.2))
    before, began = len(await running.log("whatsapp", "sent")), await running.value("SELECT now()")
    people = _people(20)
    ids = await _write(running, people, "Qual o prazo de troca?", "e quem paga o frete?", "obrigada")
    await _all_acknowledged(running, ids)
    await running.rest()
    await running.faults("whatsapp")
    turns = await running.value(
        "SELECT count(*) FROM turn t JOIN conversation c ON c.id = t.conversation_id WHERE t.state = 'replied'"
        " AND c.contact_address = ANY ($1)",
        [person.lstrip("+") for person in people] + people,
    )
    unknown = await running.value("SELECT count(*) FROM message WHERE delivery = 'unknown' AND created_at > $1", began)
    assert turns >= len(people)
    assert len(await running.log("whatsapp", "sent")) - before == turns - unknown
    stored = await running.value("SELECT count(*) FROM message WHERE provider_message_id = ANY ($1)", ids)
    assert stored == len(ids)
    assert await promises(running) == []


async def test_g81_crashes_of_postgresql_under_load(running: Deployment) -> None:
    """Work goes on by itself, nothing acknowledged is missing, nothing is done twice."""
    load = asyncio.create_task(_write(running, _people(40), "Qual o prazo de troca?"))
    async with running.supervised() as ended:
        for _ in range(2):
            seen = len(await running.log("whatsapp", "sent"))

            async def progress(seen: int = seen) -> bool:
                return len(await running.log("whatsapp", "sent")) > seen

            await running.until(progress, "replies go out again")
            await running.restart_postgres()
        ids = await load
        await _all_acknowledged(running, ids)
        await running.rest()
        assert set(ids) <= await _stored(running)
        assert await promises(running) == []
        assert set(ended) <= {HUNG}, f"nobody had to be started again\n{running.tails()}"
        assert all(web.running for web in running.webs), running.tails()
