"""The contract of every channel: what was certainly sent, certainly not sent, and not known."""

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from atende.core.conversation.ports import SendDelayed, SendDoubtful, SendRefused
from atende.core.kernel import Unavailable
from atende.fakes import faults
from atende.fakes.loopback_server import LoopbackServer, Reply, Request
from atende.outbound.http_responses import retry_after
from atende.outbound.whatsapp import WhatsAppChannel
from tests.contract.conversation.channels import (
    CUSTOMER,
    PUBLIC,
    WORLDS,
    ChannelSetup,
    HttpWorld,
    account_of,
    outgoing,
    reference_of,
)

PERSON = CUSTOMER.lstrip("+")


@pytest.fixture(params=WORLDS)
async def world(request: pytest.FixtureRequest) -> AsyncIterator[ChannelSetup]:
    made: ChannelSetup = WORLDS[request.param]()
    await made.open()
    yield made
    await made.close()


@pytest.fixture(params=[name for name in WORLDS if not name.startswith("fake")])
async def web(request: pytest.FixtureRequest) -> AsyncIterator[HttpWorld]:
    made: HttpWorld = WORLDS[request.param]()
    await made.open()
    yield made
    await made.close()


async def test_what_is_sent_arrives_once_as_it_was_written(world: ChannelSetup) -> None:
    text = "Olá, Ana! 👋\n1 & 2 = 3? 100% + frete: R$ 5,00"
    sent = await world.channel.send(world.account, outgoing(text))
    assert sent
    assert world.phones() == [(PERSON, text)]


async def test_every_message_has_its_own_id(world: ChannelSetup) -> None:
    ids = {await world.channel.send(world.account, outgoing("Oi")) for _ in range(3)}
    assert len(ids) == 3


async def test_the_longest_text_goes_and_a_longer_one_is_refused_before_it_leaves(world: ChannelSetup) -> None:
    await world.channel.send(world.account, outgoing("x" * world.max_text))
    with pytest.raises(SendRefused, match=f"{world.max_text}.*{world.max_text + 1}.*split"):
        await world.channel.send(world.account, outgoing("x" * (world.max_text + 1)))
    assert len(world.phones()) == 1


async def test_a_refusal_is_final_and_nothing_arrives(world: ChannelSetup) -> None:
    world.refuse_next()
    with pytest.raises(SendRefused):
        await world.channel.send(world.account, outgoing())
    assert world.phones() == []


async def test_a_busy_channel_says_when_to_come_back_and_nothing_arrives(world: ChannelSetup) -> None:
    world.delay_next(7)
    with pytest.raises(SendDelayed) as caught:
        await world.channel.send(world.account, outgoing())
    assert caught.value.retry_after == 7
    assert world.phones() == []


@pytest.mark.parametrize("arrived", [True, False])
async def test_no_answer_is_doubt_whether_it_arrived_or_not(world: ChannelSetup, arrived: bool) -> None:
    world.doubt_next(arrived=arrived)
    with pytest.raises(SendDoubtful):
        await world.channel.send(world.account, outgoing())
    assert len(world.phones()) == arrived


async def test_a_doubtful_send_is_found_where_the_provider_can_be_asked(world: ChannelSetup) -> None:
    message = outgoing()
    world.doubt_next(arrived=True)
    with pytest.raises(SendDoubtful):
        await world.channel.send(world.account, message)
    assert bool(await world.channel.find(world.account, message)) is world.can_find


async def test_what_never_arrived_is_not_found(world: ChannelSetup) -> None:
    message = outgoing()
    world.doubt_next(arrived=False)
    with pytest.raises(SendDoubtful):
        await world.channel.send(world.account, message)
    assert await world.channel.find(world.account, message) is None


async def test_the_id_found_is_the_one_that_sending_gave(world: ChannelSetup) -> None:
    message = outgoing()
    sent = await world.channel.send(world.account, message)
    assert await world.channel.find(world.account, message) == (sent if world.can_find else None)


async def test_other_words_other_people_and_other_times_are_not_found(world: ChannelSetup) -> None:
    message = outgoing()
    await world.channel.send(world.account, message)
    for other in (
        outgoing(message.text + "!", sending_at=message.sending_at),
        outgoing(to="+5511912345678", sending_at=message.sending_at),
        outgoing(sending_at=message.sending_at + timedelta(minutes=2)),
        outgoing(sending_at=message.sending_at - timedelta(minutes=2)),
    ):
        assert await world.channel.find(world.account, other) is None


async def test_the_provider_is_given_our_reference(web: HttpWorld) -> None:
    message = outgoing()
    await web.channel.send(web.account, message)
    assert reference_of(web) == message.reference


async def test_one_attempt_only(web: HttpWorld) -> None:
    web.fake.faults.set(faults.status(500))
    with pytest.raises(SendDoubtful):
        await web.channel.send(web.account, outgoing())
    assert len(web.fake.requests) == 1


@pytest.mark.parametrize("works", [True, False])
@pytest.mark.parametrize("status", [500, 503, 408])
async def test_a_failure_of_the_server_is_doubt(web: HttpWorld, status: int, works: bool) -> None:
    web.fake.faults.set(faults.status(status, works=works))
    with pytest.raises(SendDoubtful, match=str(status)):
        await web.channel.send(web.account, outgoing())
    assert len(web.phones()) == works


@pytest.mark.parametrize("status", [400, 403, 404, 302])
async def test_a_refusal_names_the_status(web: HttpWorld, status: int) -> None:
    web.fake.faults.set(faults.status(status))
    with pytest.raises(SendRefused, match=str(status)):
        await web.channel.send(web.account, outgoing())


async def test_wrong_credentials_are_refused(web: HttpWorld) -> None:
    intruder = account_of(web.account.kind, web.account.external_id, access="stolen")
    with pytest.raises(SendRefused, match="401"):
        await web.channel.send(intruder, outgoing())
    assert web.phones() == []


async def test_a_closed_port_is_certainly_not_sent(web: HttpWorld) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    channel = await web.closed_with_world(web.channel_at(f"http://127.0.0.1:{port}"))
    with pytest.raises(SendDelayed):
        await channel.send(web.account, outgoing())


@pytest.mark.parametrize("body", [b"", b"accepted", b"{}", b"[]", b"null", b'{"messages": []}', b"\xff"])
async def test_an_acceptance_that_names_no_message_is_doubt(web: HttpWorld, body: bytes) -> None:
    async def accept(_: Request) -> Reply:
        return Reply(status=201, body=body)

    server = LoopbackServer(accept, asyncio.Event())
    await server.start()
    web.stack.push_async_callback(server.stop)
    channel = await web.closed_with_world(web.channel_at(server.url))
    with pytest.raises(SendDoubtful, match=r"without returning its id|cannot be read"):
        await channel.send(web.account, outgoing())


@pytest.mark.parametrize("access", ["tok\nen", "chave-é", "👋"])
async def test_a_token_that_no_header_can_hold_is_refused(access: str) -> None:
    web: HttpWorld = WORLDS["whatsapp"]()
    await web.open()
    try:
        with pytest.raises(SendRefused, match="cannot be put"):
            await web.channel.send(account_of(web.account.kind, "1055", access=access), outgoing())
    finally:
        await web.close()


async def test_half_a_character_is_refused_before_it_leaves(web: HttpWorld) -> None:
    with pytest.raises(SendRefused, match="cannot be put"):
        await web.channel.send(web.account, outgoing("x\ud83d"))
    assert web.fake.requests == []


def test_a_retry_date_is_understood_too() -> None:
    soon = datetime.now(UTC) + timedelta(seconds=90)
    assert 80 < (retry_after({"retry-after": format_datetime(soon, usegmt=True)}) or 0) <= 90
    assert retry_after({"retry-after": "soon"}) is None
    assert retry_after({}) is None


async def test_whatsapp_rate_limits_come_as_400_and_are_only_delays() -> None:
    web: HttpWorld = WORLDS["whatsapp"]()
    await web.open()
    try:
        for code in (130429, 131056, 80007, 4):
            web.fake.faults.set(faults.status(400, code=code))
            with pytest.raises(SendDelayed):
                await web.channel.send(web.account, outgoing())
        web.fake.faults.set(faults.status(400, code=131047))
        with pytest.raises(SendRefused) as caught:
            await web.channel.send(web.account, outgoing())
        assert caught.value.extras == {"provider_code": 131047}
    finally:
        await web.close()


async def test_a_whatsapp_number_keeps_to_its_rate() -> None:
    web: HttpWorld = WORLDS["whatsapp"]()
    await web.open()
    try:
        channel = await web.closed_with_world(WhatsAppChannel(base_url=web.fake.url, per_second=2))
        for _ in range(2):
            await channel.send(web.account, outgoing())
        with pytest.raises(SendDelayed, match="2 messages a second"):
            await channel.send(web.account, outgoing())
        assert len(web.phones()) == 2
    finally:
        await web.close()


async def test_whatsapp_takes_no_free_text_outside_the_window() -> None:
    web: HttpWorld = WORLDS["whatsapp"]()
    await web.open()
    try:
        with pytest.raises(SendRefused, match="Re-engagement"):
            await web.channel.send(web.account, outgoing(to="+5521999990000"))
    finally:
        await web.close()


async def test_whatsapp_writes_to_people_who_hide_their_number() -> None:
    web: HttpWorld = WORLDS["whatsapp"]()
    await web.open()
    try:
        with pytest.raises(SendRefused, match="Re-engagement"):  # known as a person, who has not written
            await web.channel.send(web.account, outgoing(to="BR.1502576394655843"))
        body = web.fake.requests[-1].data["body"]
        assert (body["recipient"], "to" in body) == ("BR.1502576394655843", False)
    finally:
        await web.close()


async def test_twilio_reports_to_our_public_url() -> None:
    web: HttpWorld = WORLDS["twilio-sms"]()
    await web.open()
    try:
        message = outgoing()
        await web.channel.send(web.account, message)
        told = web.fake.requests[-1].data["body"]["StatusCallback"]
        assert told == f"{PUBLIC}/webhooks/twilio/status?message={message.reference}"
    finally:
        await web.close()


async def test_twilio_takes_an_api_key_for_sending() -> None:
    web: HttpWorld = WORLDS["twilio-sms"]()
    await web.open()
    try:
        by_key = account_of(web.account.kind, web.account.external_id, access=f"SK{'a' * 32}:secret")
        await web.channel.send(by_key, outgoing())
        assert len(web.phones()) == 1
    finally:
        await web.close()


@pytest.mark.parametrize("name", ["twilio-sms", "twilio-whatsapp"])
@pytest.mark.parametrize("fault", [faults.status(500), faults.status(404), faults.reset(), faults.accept_then_hang()])
async def test_a_provider_that_cannot_be_asked_is_unavailable(name: str, fault: faults.Fault) -> None:
    web: HttpWorld = WORLDS[name]()
    await web.open()
    try:
        web.fake.faults.set(fault)
        with pytest.raises(Unavailable):
            await web.channel.find(web.account, outgoing())
        web.fake.faults.set(faults.status(429, retry_after=3))
        with pytest.raises(Unavailable) as caught:
            await web.channel.find(web.account, outgoing())
        assert caught.value.retry_after == 3
    finally:
        await web.close()
