"""Callbacks over HTTP: what is believed, what is kept, what has no effect."""

import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from atende.fakes.whatsapp import FakeWhatsApp
from atende.fakes.whatsapp_numbers import Number
from atende.main.providers.channels.whatsapp import WhatsAppSettings
from atende.outbound.postgres.embedded.launcher import Urls
from tests.world.web import (
    PUBLIC,
    Product,
    product,
    signed,
    text_message,
    twilio_form,
    twilio_signature,
    whatsapp_body,
)

INBOUND = "/webhooks/twilio/inbound"


@pytest_asyncio.fixture
async def running(database: Urls, tmp_path: Path) -> AsyncIterator[Product]:
    async with product(database, tmp_path) as made:
        yield made


async def post_whatsapp(running: Product, body: Any, secret: str) -> int:
    raw, headers = signed(body, secret)
    return (await running.http.post("/whatsapp/webhook", content=raw, headers=headers)).status_code


async def post_twilio(running: Product, form: dict[str, str], token: str, path: str = INBOUND) -> int:
    headers = {"X-Twilio-Signature": twilio_signature(PUBLIC + path, form, token)}
    return (await running.http.post(path, data=form, headers=headers)).status_code


async def test_a_message_is_stored_with_its_conversation_and_one_turn(running: Product) -> None:
    line = (await running.tenant("Loja")).channel("whatsapp")
    assert (
        await post_whatsapp(
            running, whatsapp_body(line.external_id, text_message("oi"), text_message("tudo bem?")), line.signing
        )
        == 200
    )
    assert [await running.count(table) for table in ("message", "conversation", "contact", "job", "inbox")] == [
        2,
        1,
        1,
        1,
        2,
    ]


@pytest.mark.parametrize("prefix", ["", "/api", "/api/v1"])
async def test_callbacks_answer_under_every_prefix(running: Product, prefix: str) -> None:
    line = (await running.tenant("Loja")).channel("whatsapp")
    raw, headers = signed(whatsapp_body(line.external_id, text_message("oi")), line.signing)
    assert (await running.http.post(f"{prefix}/whatsapp/webhook", content=raw, headers=headers)).status_code == 200


async def test_a_wrong_signature_is_401_and_leaves_no_row(running: Product) -> None:
    tenant = await running.tenant("Loja")
    meta, sms = tenant.channel("whatsapp"), tenant.channel("sms")
    body = whatsapp_body(meta.external_id, text_message("oi"))
    assert await post_whatsapp(running, body, "another secret") == 401
    assert (await running.http.post("/whatsapp/webhook", json=body)).status_code == 401
    assert await post_twilio(running, twilio_form(tenant, "oi"), "another token") == 401
    assert await post_twilio(running, twilio_form(tenant, "oi"), sms.signing[::-1]) == 401
    unknown = twilio_form(tenant, "oi") | {"To": "+5511900000000", "AccountSid": "AC0"}
    assert await post_twilio(running, unknown, sms.signing) == 401
    assert [await running.count(table) for table in ("message", "inbox", "job")] == [0, 0, 0]


async def test_g12_a_callback_touches_only_the_tenant_that_owns_the_number(running: Product) -> None:
    ours, theirs = await running.tenant("Loja A"), await running.tenant("Loja B")
    a, b = ours.channel("whatsapp"), theirs.channel("whatsapp")
    # B signs correctly, and speaks of A's number: in one callback of its own, and beside an honest message.
    lie = whatsapp_body(a.external_id, text_message("lie"))
    lie["entry"].append(whatsapp_body(b.external_id, text_message("honest"))["entry"][0])
    assert await post_whatsapp(running, lie, b.signing) == 200
    sms_lie = twilio_form(ours, "lie") | {"AccountSid": theirs.channel("sms").provider_account}
    assert await post_twilio(running, sms_lie, theirs.channel("sms").signing) == 200
    rows = await running.admin.fetch("SELECT tenant_id, text FROM message")
    assert [(row["tenant_id"], row["text"]) for row in rows] == [(theirs.tenant_id, "honest")]
    kept = await running.admin.fetch("SELECT reason, body FROM inbox WHERE state = 'quarantined' ORDER BY source")
    assert [b"lie" in row["body"] for row in kept] == [True, True]
    assert all("account" in row["reason"] for row in kept)


async def test_g03_bad_items_never_keep_the_good_ones(running: Product) -> None:
    line = (await running.tenant("Loja")).channel("whatsapp")
    rng, good, bad = random.Random(3), 0, 0
    for _ in range(40):
        items: list[Any] = []
        for _ in range(rng.randint(1, 12)):
            if rng.random() < 0.15:
                bad += 1
                broken = [
                    {"id": f"x{bad}"},
                    {"type": "hologram", "id": f"h{bad}", "from": "5511987654321", "timestamp": "1"},
                    bad,
                    None,
                ]
                items.append(broken[bad % 4] if broken[bad % 4] is not None else [bad])
            else:
                good += 1
                items.append(text_message(f"good {good}", sender=f"55119{rng.randint(10**7, 10**8 - 1)}"))
        assert await post_whatsapp(running, whatsapp_body(line.external_id, *items), line.signing) == 200
    assert await running.count("message") == good
    assert await running.count("inbox WHERE state = 'quarantined'") == bad
    assert bad > 10


async def test_a_repeated_or_replayed_callback_changes_nothing(running: Product) -> None:
    tenant = await running.tenant("Loja")
    line = tenant.channel("whatsapp")
    body = whatsapp_body(line.external_id, text_message("oi", wamid="wamid.same"))
    form = twilio_form(tenant, "oi", sid="SM" + "a" * 32)
    for _ in range(5):
        assert await post_whatsapp(running, body, line.signing) == 200
        assert await post_twilio(running, form, tenant.channel("sms").signing) == 200
    assert await running.count("message") == 2


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b'{"object": 1}',
        b'{"object":"whatsapp_business_account","entry":[NaN]}',
        b"[" * 50_000,
        b'{"object":"whatsapp_business_account","entry":[{"id":"\\ud800"}]}',
        b'{"a":1,"a":2}',
        b"\x00\x01\x02",
        b'{"object":"whatsapp_business_account","entry":' + b"9" * 100_000 + b"}",
    ],
)
async def test_hostile_bodies_are_refused_or_kept_never_an_error_of_ours(running: Product, raw: bytes) -> None:
    line = (await running.tenant("Loja")).channel("whatsapp")
    named = f'{{"object":"whatsapp_business_account","x":{{"phone_number_id":"{line.external_id}"}}}}'.encode()
    for body in (raw, named + raw):
        assert await post_whatsapp(running, body, line.signing) in {200, 400, 401}


async def test_text_with_nul_and_every_plane_is_stored_readable(running: Product) -> None:
    line = (await running.tenant("Loja")).channel("whatsapp")
    assert (
        await post_whatsapp(running, whatsapp_body(line.external_id, text_message("a\x00b 🧡 ção")), line.signing)
        == 200
    )
    assert await running.admin.fetchval("SELECT text FROM message") == "ab 🧡 ção"


async def test_meta_shakes_hands_with_the_verify_token_only(database: Urls, tmp_path: Path) -> None:
    async with product(database, tmp_path, whatsapp_verify_token="a token of ours") as running:
        ask = {"hub.mode": "subscribe", "hub.challenge": "12345", "hub.verify_token": "a token of ours"}
        assert (await running.http.get("/whatsapp/webhook", params=ask)).text == "12345"
        wrong = await running.http.get("/whatsapp/webhook", params=ask | {"hub.verify_token": ""})
        assert wrong.status_code == 403


async def test_a_number_is_connected_as_its_owner_would_do_it(database: Urls, tmp_path: Path) -> None:
    """With a provider that knows the number: connect, show Meta the verify token, be written to."""
    async with FakeWhatsApp() as meta:
        number = Number(id="106540352242922", business="1022", access_token="EAAG-token", app_secret="secret-of-meta")
        meta.add_number(number)
        settings = WhatsAppSettings(base_url=meta.url)
        async with product(database, tmp_path, channel_settings=[settings]) as running:
            key = {"X-API-Key": (await running.tenant("Loja")).api_key}
            told = {"kind": "whatsapp", "externalId": number.id, "providerAccount": number.business}
            stolen = told | {"signingSecret": "secret-of-mine", "accessSecret": "EAAG-token"}
            refused = await running.http.post("/channels", json=stolen, headers=key)
            assert (refused.status_code, refused.json()["detail"]) == (
                422,
                "the provider says: Invalid appsecret_proof provided in the API argument",
            )
            mine = told | {"signingSecret": number.app_secret, "accessSecret": number.access_token}
            made = (await running.http.post("/channels", json=mine, headers=key)).json()
            assert (made["address"], made["webhookUrl"]) == ("+15550001111", f"{PUBLIC}/whatsapp/webhook")
            ask = {"hub.mode": "subscribe", "hub.challenge": "12345", "hub.verify_token": made["verifyToken"]}
            assert (await running.http.get("/whatsapp/webhook", params=ask)).text == "12345"
            forged = made["verifyToken"][:-1] + ("0" if made["verifyToken"][-1] != "0" else "1")
            wrong = await running.http.get("/whatsapp/webhook", params=ask | {"hub.verify_token": forged})
            assert wrong.status_code == 403
            body = whatsapp_body(number.id, text_message("oi"), business=number.business)
            assert await post_whatsapp(running, body, number.app_secret) == 200
            assert await running.count("message") == 1


async def test_stop_takes_effect_with_the_message(running: Product) -> None:
    tenant = await running.tenant("Loja")
    token = tenant.channel("sms").signing
    assert await post_twilio(running, twilio_form(tenant, "PARAR"), token) == 200
    assert await running.admin.fetchval("SELECT opted_out FROM conversation") is True
    assert await running.count("job") == 0
    assert await post_twilio(running, twilio_form(tenant, "voltar"), token) == 200
    assert await running.admin.fetchval("SELECT opted_out FROM conversation") is False
