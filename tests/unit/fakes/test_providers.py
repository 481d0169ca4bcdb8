"""The fakes: what they take, what they send, and how they break."""

import asyncio
import json
import warnings
from pathlib import Path
from typing import Any

import httpx
import pytest

from atende.core.conversation.channel import DeliveryReport, InboundMessage
from atende.fakes import faults
from atende.fakes.faults import Fault, Faults
from atende.fakes.openai import FakeOpenAI
from atende.fakes.provider import Written
from atende.fakes.providers import FakeProviders
from atende.fakes.twilio import FakeTwilio
from atende.fakes.twilio_numbers import Number as TwilioNumber
from atende.fakes.whatsapp import FakeWhatsApp
from atende.fakes.whatsapp_numbers import Number as MetaNumber
from atende.inbound.http.webhooks.twilio import payload as twilio_payload
from atende.inbound.http.webhooks.whatsapp import payload as whatsapp_payload
from tests.unit.fakes.callback_receiver import CallbackReceiver
from tests.unit.webhooks.bodies import ALL_NUMBERS, account_id, parsed

SECRET = "app-secret"
SID = "AC" + "0f" * 16
ANA = "5511987654321"
OURS = "+551140028922"


def whatsapp(sink: CallbackReceiver, **options: Any) -> FakeWhatsApp:
    return FakeWhatsApp(callback_url=sink.url, app_secret=SECRET, backoff=0.01, **options)


def twilio(
    sink: CallbackReceiver | None = None, *, number: str = OURS, fragment: str = "", **options: Any
) -> FakeTwilio:
    fake = FakeTwilio(retry_wait=0.01, **options)
    url = f"{sink.url}{fragment}" if sink else ""
    fake.add_number(TwilioNumber(number=number, account_sid=SID, auth_token="token", inbound_url=url))
    return fake


async def ask(
    fake: FakeWhatsApp, text: str = "Olá", *, to: str = ANA, token: str = "t", **extra: Any
) -> httpx.Response:
    body = {"messaging_product": "whatsapp", "to": to, "type": "text", "text": {"body": text}} | extra
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.post(
            f"{fake.url}/v18.0/1055/messages", json=body, headers={"Authorization": f"Bearer {token}"}
        )


async def order(fake: FakeTwilio, **form: str) -> httpx.Response:
    data = {"From": OURS, "To": f"+{ANA}", "Body": "Olá"} | form
    async with httpx.AsyncClient(trust_env=False, auth=(SID, "token")) as client:
        return await client.post(f"{fake.url}/2010-04-01/Accounts/{SID}/Messages.json", data=data)


async def test_a_customers_words_come_signed_as_meta_signs_them() -> None:
    async with CallbackReceiver() as sink, whatsapp(sink) as fake:
        wamid = await fake.customer_writes("Olá 👋", sender=ANA, number="1055", name="Ana")
        await fake.until(lambda: wamid in fake.acknowledged)
        request = sink.got[0]
        assert whatsapp_payload.verify(request.body, request.headers["x-hub-signature-256"], SECRET)
        (message,) = parsed(request.body).messages
        assert (message.account_id, message.external_id, message.text) == (account_id("1055"), wamid, "Olá 👋")
        assert (message.address, message.contact_name) == (f"+{ANA}", "Ana")


async def test_callbacks_of_one_customer_come_one_after_the_other() -> None:
    async with CallbackReceiver() as sink, whatsapp(sink) as fake:
        for n in range(10):
            await fake.customer_writes(str(n), sender=ANA, number="1055")
        await fake.idle()
        texts = [parsed(request.body).messages[0].text for request in sink.got]
        assert texts == [str(n) for n in range(10)]
        assert sink.most_at_once == 1


async def test_messages_of_several_customers_come_in_one_callback() -> None:
    async with CallbackReceiver() as sink, whatsapp(sink) as fake:
        written = [Written(text=str(n), sender=f"55119876543{n:02}", number="1055") for n in range(5)]
        ids = await fake.customers_write(*written)
        await fake.idle()
        assert len(sink.got) == 1
        found = parsed(sink.got[0].body)
        assert [m.external_id for m in found.messages] == ids


async def test_meta_repeats_until_it_is_answered_well() -> None:
    async with CallbackReceiver(500, 404, 302, 503) as sink, whatsapp(sink) as fake:
        wamid = await fake.customer_writes("Olá", sender=ANA, number="1055")
        await fake.until(lambda: wamid in fake.acknowledged)
        assert len(sink.got) == 5
        assert len({request.body for request in sink.got}) == 1


async def test_statuses_follow_a_message_with_our_reference() -> None:
    async with CallbackReceiver() as sink, whatsapp(sink) as fake:
        await fake.customer_writes("Olá", sender=ANA, number="1055")
        reply = await ask(fake, biz_opaque_callback_data="7b2f1d34-0000-7000-8000-000000000001")
        await fake.idle()
        wamid = reply.json()["messages"][0]["id"]
        found = [parsed(request.body) for request in sink.got[1:]]
        seen = [(s.provider_message_id, s.delivery.value, str(s.message_id)) for p in found for s in p.statuses]
        reference = "7b2f1d34-0000-7000-8000-000000000001"
        assert seen == [(wamid, word, reference) for word in ("sent", "delivered", "read")]
        assert [one.reference for one in fake.sent] == [reference]


async def test_the_window_opens_when_the_customer_writes_and_closes_after_24_hours() -> None:
    now = 1_800_000_000.0
    async with FakeWhatsApp(clock=lambda: now, statuses=()) as fake:
        refused = await ask(fake)
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, 131047)
        await fake.customer_writes("Olá", sender="551187654321", number="1055")  # without the ninth digit
        now += 24 * 3600 - 1
        assert (await ask(fake)).status_code == 200
        now += 1
        assert (await ask(fake)).json()["error"]["code"] == 131047
        assert len(fake.sent) == 1


async def test_a_late_refusal_is_a_failed_status() -> None:
    async with CallbackReceiver() as sink, whatsapp(sink, late_refusals=True) as fake:
        assert (await ask(fake)).status_code == 200
        await fake.idle()
        (status,) = parsed(sink.got[0].body).statuses
        assert status.delivery.value == "failed"
        assert "131047" in (status.error or "")
        assert fake.sent == []


async def test_whatsapp_refuses_what_meta_refuses() -> None:
    async with FakeWhatsApp(access_token="right", window=False) as fake:
        wrong = await ask(fake, token="wrong")
        assert (wrong.status_code, wrong.json()["error"]["code"]) == (401, 190)
        for bad in ({"text": {"body": "x" * 4097}}, {"text": {"body": ""}}, {"type": "poem"}, {"to": ""}):
            assert (await ask(fake, token="right", **bad)).status_code == 400
        fake.add_number(MetaNumber(id="2066"))
        assert (await ask(fake, token="right")).json()["error"]["code"] == 100
        assert fake.sent == []


async def test_the_handshake_is_as_meta_makes_it() -> None:
    async with CallbackReceiver() as sink, whatsapp(sink) as fake:
        assert await fake.subscribe("verify-me")
        query = dict(sink.got[0].query)
        assert (query["hub.mode"], query["hub.verify_token"]) == ("subscribe", "verify-me")


async def test_a_customers_words_come_signed_as_twilio_signs_them() -> None:
    async with CallbackReceiver() as sink, twilio(sink, number=f"whatsapp:{OURS}", fragment="#rc=2&rp=all") as fake:
        sid = await fake.customer_writes("Olá & até já 👋", sender=f"+{ANA}", name="Ana")
        await fake.until(lambda: sid in fake.acknowledged)
        request = sink.got[0]
        params = twilio_payload.parse_form(request.body)
        assert twilio_payload.verify(sink.url, params, request.headers["x-twilio-signature"], "token")
        message = twilio_payload.parse_message(params, request.body, ALL_NUMBERS)
        assert isinstance(message, InboundMessage)
        assert (message.external_id, message.text, message.account_id) == (
            sid,
            "Olá & até já 👋",
            account_id(OURS, "twilio_whatsapp"),
        )


@pytest.mark.parametrize(
    ("fragment", "answers", "attempts"),
    [
        ("", [500], 1),
        ("#rc=5&rp=all", [500, 404, 503], 4),
        ("#rc=2&rp=5xx", [500, 502, 503, 504], 3),
        ("#rc=2&rp=4xx", [500], 1),
        ("#rc=0&rp=all", [500], 1),
    ],
)
async def test_twilio_retries_as_the_fragment_says(fragment: str, answers: list[int], attempts: int) -> None:
    async with CallbackReceiver(*answers) as sink, twilio(sink, fragment=fragment) as fake:
        await fake.customer_writes("Olá", sender=f"+{ANA}")
        await fake.idle()
        assert len(sink.got) == attempts
        assert len({request.headers["i-twilio-idempotency-token"] for request in sink.got}) == 1


async def test_twilio_falls_back_to_the_other_url() -> None:
    async with CallbackReceiver(500) as sink, CallbackReceiver() as other, FakeTwilio() as fake:
        number = TwilioNumber(
            number=OURS, account_sid=SID, auth_token="token", inbound_url=sink.url, fallback_url=other.url
        )
        fake.add_number(number)
        sid = await fake.customer_writes("Olá", sender=f"+{ANA}")
        await fake.until(lambda: sid in fake.acknowledged)
        form = other.got[0].form()
        assert (form["MessageSid"], form["ErrorCode"]) == (sid, "11200")


async def test_twilio_reports_to_the_callback_of_the_message() -> None:
    async with CallbackReceiver() as sink, twilio() as fake:
        callback = f"{sink.url}?message=7b2f1d34-0000-7000-8000-000000000001"
        sid = (await order(fake, StatusCallback=callback)).json()["sid"]
        await fake.idle()
        words = []
        for request in sink.got:
            params = twilio_payload.parse_form(request.body)
            assert twilio_payload.verify(callback, params, request.headers["x-twilio-signature"], "token")
            status = twilio_payload.parse_status(
                params, request.body, ALL_NUMBERS, message=dict(request.query)["message"]
            )
            assert isinstance(status, DeliveryReport)
            assert (status.provider_message_id, status.account_id) == (sid, account_id(OURS, "sms"))
            words.append(status.delivery.value)
        assert words == ["sent", "delivered"]


async def test_twilio_lists_in_pages_newest_first() -> None:
    async with twilio() as fake, httpx.AsyncClient(trust_env=False, auth=(SID, "token")) as client:
        for n in range(5):
            await order(fake, Body=str(n), To=f"+551198765432{n % 2}")
        path = f"/2010-04-01/Accounts/{SID}/Messages.json?PageSize=2"
        bodies = []
        while path:
            page = (await client.get(fake.url + path)).json()
            bodies += [message["body"] for message in page["messages"]]
            path = page["next_page_uri"]
        assert bodies == ["4", "3", "2", "1", "0"]
        to = (await client.get(fake.url + f"/2010-04-01/Accounts/{SID}/Messages.json", params={"To": f"+{ANA}"})).json()
        assert [message["body"] for message in to["messages"]] == ["3", "1"]


async def test_twilio_refuses_what_twilio_refuses() -> None:
    async with twilio() as fake:
        assert (await order(fake, Body="x" * 1601)).json()["code"] == 21617
        assert (await order(fake, Body="")).json()["code"] == 21619
        assert (await order(fake, To="nobody")).json()["code"] == 21211
        assert (await order(fake, From="+15550009999")).json()["code"] == 21606
        await fake.customer_writes("Stop", sender=f"+{ANA}")
        assert (await order(fake)).json()["code"] == 21610
        await fake.customer_writes("start", sender=f"+{ANA}")
        assert (await order(fake)).status_code == 201
        async with httpx.AsyncClient(trust_env=False, auth=(SID, "wrong")) as client:
            wrong = await client.get(f"{fake.url}/2010-04-01/Accounts/{SID}/Messages.json")
        assert (wrong.status_code, wrong.json()["code"]) == (401, 20003)


async def test_twilio_tells_of_a_closed_window_later() -> None:
    async with CallbackReceiver() as sink, twilio(number=f"whatsapp:{OURS}") as fake:
        to, sender = f"whatsapp:+{ANA}", f"whatsapp:{OURS}"
        accepted = await order(fake, To=to, From=sender, StatusCallback=sink.url)
        assert accepted.status_code == 201
        await fake.idle()
        form = sink.got[0].form()
        assert (form["MessageStatus"], form["ErrorCode"]) == ("failed", "63016")
        assert fake.sent == []


async def test_openai_counts_streams_and_embeds() -> None:
    async with (
        FakeOpenAI(api_key="sk-1") as fake,
        httpx.AsyncClient(trust_env=False, headers={"Authorization": "Bearer sk-1"}) as client,
    ):
        chat = {"model": "m", "messages": [{"role": "user", "content": "Olá"}]}
        whole = (await client.post(f"{fake.url}/v1/chat/completions", json=chat)).json()
        assert whole["usage"]["total_tokens"] == sum(
            whole["usage"][part] for part in ("prompt_tokens", "completion_tokens")
        )
        stream = chat | {"stream": True, "stream_options": {"include_usage": True}}
        lines = (await client.post(f"{fake.url}/v1/chat/completions", json=stream)).text.split("\n\n")
        chunks = [json.loads(line.removeprefix("data: ")) for line in lines if line and "[DONE]" not in line]
        said = "".join(c["choices"][0]["delta"].get("content", "") for c in chunks if c["choices"])
        assert said == whole["choices"][0]["message"]["content"]
        assert chunks[-1]["usage"] == whole["usage"]
        embedding = {"model": "text-embedding-3-large", "input": ["Olá", "até"], "dimensions": 64}
        data = (await client.post(f"{fake.url}/v1/embeddings", json=embedding)).json()["data"]
        assert [(one["index"], len(one["embedding"])) for one in data] == [(0, 64), (1, 64)]
        assert (await client.post(f"{fake.url}/v1/embeddings", json=embedding | {"input": [""]})).status_code == 400
        wrong = await client.post(f"{fake.url}/v1/embeddings", json=embedding, headers={"Authorization": "Bearer no"})
        assert (wrong.status_code, wrong.json()["error"]["code"]) == (401, "invalid_api_key")


async def test_each_fault_strikes_as_it_is_meant_to() -> None:
    async with CallbackReceiver() as sink, whatsapp(sink, statuses=("sent",), window=False) as fake:
        fake.faults.set(faults.dup(2))
        await fake.customer_writes("dup", sender=ANA, number="1055")
        await fake.idle()
        assert len(sink.got) == 3
        fake.faults.set(faults.drop())
        await fake.customer_writes("drop", sender=ANA, number="1055")
        await fake.idle()
        assert len(sink.got) == 3
        fake.faults.set(faults.reorder(times=1, seconds=60))
        for text in ("first", "second", "third"):
            await fake.customer_writes(text, sender=ANA, number="1055")
        await fake.idle()
        texts = [parsed(request.body).messages[0].text for request in sink.got[3:]]
        assert texts[0] == "second"
        assert sorted(texts) == ["first", "second", "third"]


@pytest.mark.parametrize(
    ("fault", "error", "arrived"),
    [
        (faults.accept_then_hang(), httpx.ReadTimeout, 1),
        (faults.reset(), httpx.ReadError, 0),
        (faults.reset(works=True), httpx.ReadError, 1),
    ],
)
async def test_lost_answers(fault: Fault, error: type[Exception], arrived: int) -> None:
    async with FakeWhatsApp(window=False, faults=[fault]) as fake:
        body = {"messaging_product": "whatsapp", "to": ANA, "type": "text", "text": {"body": "Olá"}}
        patience = httpx.Timeout(60, read=0.5 if error is httpx.ReadTimeout else 60)
        async with httpx.AsyncClient(
            trust_env=False, timeout=patience, headers={"Authorization": "Bearer t"}
        ) as client:
            with pytest.raises(error):
                await client.post(f"{fake.url}/v18.0/1055/messages", json=body)
        await fake.until(lambda: len(fake.sent) == arrived)


async def test_the_same_seed_strikes_the_same_times() -> None:
    def struck(seed: int) -> list[bool]:
        dice = Faults([faults.drop(rate=0.3), faults.dup(rate=0.5)], seed=seed)
        return [bool(dice.strike("callback")) for _ in range(50)]

    assert struck(7) == struck(7)
    assert struck(7) != struck(8)
    assert 20 < sum(struck(7)) < 45


async def test_late_answers_come_after_the_callback() -> None:
    async with CallbackReceiver() as sink:
        async with whatsapp(sink, window=False, faults=[faults.delay(60)]) as fake:
            asked = asyncio.ensure_future(ask(fake))
            await fake.until(lambda: sink.got)
            assert not asked.done()
        assert (await asked).status_code == 200  # the end of the fake ends the wait


async def test_the_bundle_serves_all_on_one_port_and_writes_its_log(tmp_path: Path) -> None:
    file = tmp_path / "doubles.jsonl"
    async with (
        CallbackReceiver() as sink,
        FakeProviders.serve(
            [meta := FakeWhatsApp(log_file=file, seed=3), sms := FakeTwilio(log_file=file, seed=3)],
            log_file=file,
            seed=3,
        ) as fakes,
    ):
        async with httpx.AsyncClient(trust_env=False, base_url=fakes.url) as client:
            setup = {"callback_url": sink.url, "app_secret": SECRET, "numbers": [{"id": "1055"}]}
            assert (await client.post("/_setup/whatsapp", json=setup)).status_code == 200
            number = {"number": OURS, "account_sid": SID, "auth_token": "token", "inbound_url": sink.url}
            assert (await client.post("/_setup/twilio", json={"numbers": [number]})).status_code == 200
            ids = (await client.post("/_write/whatsapp", json=[{"sender": ANA, "text": "Olá"}])).json()
            ids += (await client.post("/_write/twilio", json=[{"sender": f"+{ANA}", "text": "Oi"}])).json()
            await fakes.idle()
            assert len(sink.got) == 2
            assert (await ask(meta)).status_code == 200
            fault = {"mode": "status", "side": "answer", "status": 503}
            assert (await client.post("/_faults/whatsapp", json=[fault])).status_code == 200
            assert (await ask(meta)).status_code == 503
            wrote = (await client.get("/_log/whatsapp", params={"kind": "wrote"})).json()
            assert [entry["data"]["id"] for entry in wrote] == ids[:1]
            sent = (await client.get("/_log/whatsapp", params={"kind": "sent", "after": wrote[0]["seq"]})).json()
            assert len(sent) == 1
            assert (await client.get("/_log/nobody")).status_code == 404
            assert (await client.post("/_faults/twilio", json=[{"mode": "sing"}])).status_code == 400
        assert [(line.by_customer, line.text) for line in meta.transcript] == [
            (True, "Olá"),
            (False, "Olá"),
        ]
        entries = [json.loads(line) for line in file.read_text().splitlines()]
        assert {entry["provider"] for entry in entries} == {"whatsapp", "twilio"}
        assert len(entries) == len(meta.log.entries) + len(sms.log.entries)


async def test_nothing_is_left_running_after_a_stop() -> None:
    before = asyncio.all_tasks()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        async with FakeProviders.serve([meta := FakeWhatsApp()]):
            meta.window = False
            meta.callback_url = "http://127.0.0.1:9"  # nobody listens: repeated for a week
            meta.faults.set(faults.accept_then_hang())
            hanging = asyncio.ensure_future(ask(meta))
            await meta.until(lambda: meta.log.of("callback"))
        with pytest.raises(httpx.HTTPError):
            await hanging
    assert asyncio.all_tasks() == before
