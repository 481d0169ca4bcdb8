"""Twilio callbacks: each carries one message or one status."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote_plus, urlencode
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atende.core.conversation.channel import DeliveryReport, InboundMessage
from atende.core.conversation.model import Delivery
from atende.core.conversation.ports import Quarantined
from atende.inbound.http.webhooks.content import BadPayload
from atende.inbound.http.webhooks.twilio.payload import (
    Named,
    named_account,
    parse_form,
    parse_message,
    parse_status,
    verify,
)
from tests.unit.webhooks.bodies import ALL_NUMBERS, account_id

SID = "SM" + "0a" * 16
ACCOUNT = "AC" + "0f" * 16
OURS = "+551140028922"
CUSTOMER = "+5511987654321"


def form(**changes: str) -> list[tuple[str, str]]:
    fields = {
        "MessageSid": SID,
        "AccountSid": ACCOUNT,
        "From": CUSTOMER,
        "To": OURS,
        "Body": "Olá",
        "NumMedia": "0",
        "ApiVersion": "2010-04-01",
    }
    return list((fields | changes).items())


def read(params: Iterable[tuple[str, str]]) -> InboundMessage:
    message = parse_message(list(params), b"raw", ALL_NUMBERS)
    assert isinstance(message, InboundMessage), message
    return message


def test_an_sms_is_read() -> None:
    message = read(form(OptOutType="stop"))
    assert (message.account_id, message.external_id) == (account_id(OURS, "sms"), SID)
    assert (message.address, message.text, message.kind, message.opt) == (CUSTOMER, "Olá", "text", "STOP")
    assert (message.contact_name, message.provider_at) == (None, None)


def test_a_whatsapp_message_is_read() -> None:
    message = read(form(From="whatsapp:+551187654321", To=f"whatsapp:{OURS}", ProfileName=" A\x00na "))
    assert message.account_id == account_id(OURS, "twilio_whatsapp")
    assert (message.address, message.contact_name) == ("+5511987654321", "Ana")


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({"NumMedia": "1", "MediaContentType0": "image/jpeg", "Body": "quebrou"}, "image", "quebrou"),
        ({"NumMedia": "1", "MediaContentType0": "audio/ogg", "Body": ""}, "audio", ""),
        ({"NumMedia": "2", "MediaContentType0": "video/mp4", "Body": ""}, "video", ""),
        ({"NumMedia": "1", "MediaContentType0": "application/pdf", "Body": ""}, "document", ""),
        ({"Latitude": "-23.5", "Longitude": "-46.6", "Label": "Loja", "Body": ""}, "location", "Loja (-23.5, -46.6)"),
        ({"Body": "", "ButtonText": "Sim"}, "text", "Sim"),
        ({"Body": "O\x00i"}, "text", "Oi"),
    ],
)
def test_each_kind_of_message(changes: dict[str, str], kind: str, words: str) -> None:
    message = read(form(**changes))
    assert (message.kind, message.text) == (kind, words)


@pytest.mark.parametrize(
    "changes",
    [
        {"MessageSid": ""}, {"MessageSid": "SM1"}, {"MessageSid": SID.upper()}, {"MessageSid": f"{SID}\n"}, {"From": ""},
        {"From": "nobody at all"}, {"From": "whatsapp:+5511987654321"}, {"Body": ""}, {"Body": " "}, {"Body": "x" * 65_537},
    ],
)  # fmt: skip
def test_a_malformed_message_is_kept(changes: dict[str, str]) -> None:
    kept = parse_message(form(**changes), b"raw", ALL_NUMBERS)
    assert isinstance(kept, Quarantined)
    assert (kept.source, kept.account, kept.body) == ("sms", OURS, b"raw")


@pytest.mark.parametrize("name", ["MessageSid", "From", "Body"])
def test_a_field_that_stands_twice_is_not_believed(name: str) -> None:
    assert isinstance(parse_message([*form(), (name, "x")], b"raw", ALL_NUMBERS), Quarantined)


@pytest.mark.parametrize("name", ["", "To=&", "nobody at all"])
def test_a_callback_to_nobody_is_refused(name: str) -> None:
    for parse in (parse_message, parse_status):
        with pytest.raises(BadPayload):
            parse(form(To=name, From=name), b"raw", ALL_NUMBERS)


@pytest.mark.parametrize(
    ("word", "delivery"),
    [
        ("accepted", Delivery.SENT),
        ("queued", Delivery.SENT),
        ("sending", Delivery.SENT),
        ("sent", Delivery.SENT),
        ("delivered", Delivery.DELIVERED),
        ("read", Delivery.READ),
        ("undelivered", Delivery.FAILED),
        ("failed", Delivery.FAILED),
        ("canceled", Delivery.FAILED),
    ],
)
def test_each_status(word: str, delivery: Delivery) -> None:
    reference = "0197a2b0-0000-7000-8000-000000000001"
    params = form(From=OURS, To=CUSTOMER, MessageStatus=word, ErrorCode="30003", ErrorMessage="Unreachable")
    status = parse_status(params, b"raw", ALL_NUMBERS, message=reference)
    assert isinstance(status, DeliveryReport)
    assert (status.delivery, status.message_id, status.account_id) == (
        delivery,
        UUID(reference),
        account_id(OURS, "sms"),
    )
    assert status.error == ("30003 Unreachable" if delivery is Delivery.FAILED else None)
    assert status.provider_message_id == SID


@pytest.mark.parametrize("changes", [{"MessageStatus": "singing"}, {"MessageStatus": ""}, {"MessageSid": "SM1"}])
def test_a_status_that_is_not_known_is_kept(changes: dict[str, str]) -> None:
    params = form(**{"From": OURS, "To": CUSTOMER, "MessageStatus": "sent"} | changes)
    assert isinstance(parse_status(params, b"raw", ALL_NUMBERS), Quarantined)


def test_the_account_is_ours_on_either_way() -> None:
    ours = Named("sms", OURS, ACCOUNT)
    assert named_account(form()) == ours
    assert named_account(form(From=OURS, To=CUSTOMER), status=True) == ours
    assert named_account([]) is None


@given(
    st.binary(max_size=300)
    | st.dictionaries(st.text(max_size=12), st.text(max_size=30)).map(lambda d: urlencode(d, errors="replace").encode())
)
def test_no_body_ends_in_another_error(raw: bytes) -> None:
    try:
        params: Any = parse_form(raw)
        verify("https://shop.example/hook?x=" + quote_plus(raw[:9]), params, "x", "token")
        parse_message([*params, ("To", OURS)], raw, ALL_NUMBERS)
        parse_status([*params, ("From", OURS)], raw, ALL_NUMBERS)
    except BadPayload:
        return
