"""WhatsApp callbacks: signatures, and items each on its own."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest

from atende.core.conversation.channel import ChannelAccount, ChannelSecrets
from atende.core.kernel import Owner
from atende.inbound.http.webhooks.content import ProvenAccounts
from atende.inbound.http.webhooks.whatsapp.payload import MAX_BODY, named_accounts, verify
from tests.unit.webhooks.bodies import NUMBER, SECRET, account_id, callback, parsed, raw, sign, status, text

GENUINE = raw(callback(text("Olá! 👋 1 < 2 & 3/4 \u2028")))
ESCAPED = json.dumps(callback(text("Olá! 👋")), ensure_ascii=True).encode()
RIGHT = sign(GENUINE)
HEX = RIGHT.removeprefix("sha256=")
_LETTER = next(letter for letter in HEX if letter.isalpha())

FORGED: dict[str, tuple[bytes, str | None, str]] = {
    "no header": (GENUINE, None, SECRET),
    "empty header": (GENUINE, "", SECRET),
    "only the prefix": (GENUINE, "sha256=", SECRET),
    "no prefix": (GENUINE, HEX, SECRET),
    "sha1 prefix": (GENUINE, f"sha1={HEX}", SECRET),
    "upper-case prefix": (GENUINE, f"SHA256={HEX}", SECRET),
    "sha512 prefix": (GENUINE, f"sha512={HEX}", SECRET),
    "colon for equals": (GENUINE, f"sha256:{HEX}", SECRET),
    "upper-case hex": (GENUINE, f"sha256={HEX.upper()}", SECRET),
    "one upper-case letter": (GENUINE, f"sha256={HEX.replace(_LETTER, _LETTER.upper(), 1)}", SECRET),
    "leading space": (GENUINE, f" {RIGHT}", SECRET),
    "trailing space": (GENUINE, f"{RIGHT} ", SECRET),
    "trailing newline": (GENUINE, f"{RIGHT}\n", SECRET),
    "trailing NUL": (GENUINE, f"{RIGHT}\x00", SECRET),
    "space after equals": (GENUINE, f"sha256= {HEX}", SECRET),
    "quoted": (GENUINE, f'"{RIGHT}"', SECRET),
    "cut short": (GENUINE, RIGHT[:-1], SECRET),
    "first half": (GENUINE, RIGHT[:39], SECRET),
    "one digit more": (GENUINE, f"{RIGHT}0", SECRET),
    "twice": (GENUINE, f"{RIGHT},{RIGHT}", SECRET),
    "digest as base64": (GENUINE, "sha256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", SECRET),
    "plain digest without key": (GENUINE, f"sha256={sha256(GENUINE).hexdigest()}", SECRET),
    "other digits": (GENUINE, f"sha256={HEX[::-1]}", SECRET),
    "all zero": (GENUINE, f"sha256={'0' * 64}", SECRET),
    "not ASCII": (GENUINE, f"sha256={'é' * 64}", SECRET),
    "lone surrogate": (GENUINE, f"sha256={HEX[:-1]}\ud800", SECRET),
    "another app's secret": (GENUINE, sign(GENUINE, "f" * 32), SECRET),
    "secret in upper case": (GENUINE, sign(GENUINE, SECRET.upper()), SECRET),
    "secret with a space": (GENUINE, sign(GENUINE, f"{SECRET} "), SECRET),
    "empty secret": (GENUINE, sign(GENUINE, ""), ""),
    "trailing byte": (GENUINE + b"\n", RIGHT, SECRET),
    "trailing NUL in the body": (GENUINE + b"\x00", RIGHT, SECRET),
    "leading byte-order mark": (b"\xef\xbb\xbf" + GENUINE, RIGHT, SECRET),
    "body cut short": (GENUINE[:-1], RIGHT, SECRET),
    "empty body": (b"", RIGHT, SECRET),
    "one bit flipped": (GENUINE[:40] + bytes([GENUINE[40] ^ 1]) + GENUINE[41:], RIGHT, SECRET),
    "serialised again": (json.dumps(json.loads(GENUINE), separators=(",", ":")).encode(), RIGHT, SECRET),
    "keys in another order": (json.dumps(json.loads(GENUINE), sort_keys=True).encode(), RIGHT, SECRET),
    "emoji escaped": (json.dumps(json.loads(GENUINE), ensure_ascii=True).encode(), RIGHT, SECRET),
    "escapes resolved": (json.dumps(json.loads(ESCAPED), ensure_ascii=False).encode(), sign(ESCAPED), SECRET),
    "another callback": (raw(callback(text("Oi"))), RIGHT, SECRET),
}


@pytest.mark.guarantee(5)
@pytest.mark.parametrize("case", FORGED)
def test_g05_forged_meta_webhook_is_refused(case: str) -> None:
    assert not verify(*FORGED[case])


@pytest.mark.guarantee(5)
def test_g05_forty_forgeries_and_the_genuine_ones() -> None:
    assert len(FORGED) >= 40
    assert len({forged[:2] for forged in FORGED.values()}) == len(FORGED)
    for body in (GENUINE, ESCAPED, b"", b"\x00\xff not JSON"):
        assert verify(body, sign(body), SECRET)


def test_a_text_is_read_with_all_that_matters() -> None:
    found = parsed(GENUINE)
    (message,) = found.messages
    assert (message.account_id, message.external_id, message.address) == (
        account_id(NUMBER),
        "wamid.00000001",
        "+5511987654321",
    )
    assert (message.kind, message.text, message.contact_name) == ("text", "Olá! 👋 1 < 2 & 3/4 \u2028", "Ana Lima")
    assert message.provider_at == datetime(2025, 11, 27, 10, 14, 13, tzinfo=UTC)
    assert (found.statuses, found.unknown) == ([], [])


@pytest.mark.parametrize(
    ("item", "kind", "words"),
    [
        ({"type": "button", "button": {"text": "Sim", "payload": "yes"}}, "text", "Sim"),
        (
            {
                "type": "interactive",
                "interactive": {"type": "button_reply", "button_reply": {"id": "1", "title": "Sim"}},
            },
            "text",
            "Sim",
        ),
        (
            {"type": "interactive", "interactive": {"type": "list_reply", "list_reply": {"id": "1", "title": "Rua"}}},
            "text",
            "Rua",
        ),
        (
            {"type": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": {"body": "Enviado"}}},
            "text",
            "Enviado",
        ),
        ({"type": "image", "image": {"id": "9", "mime_type": "image/jpeg", "caption": "quebrou"}}, "image", "quebrou"),
        ({"type": "audio", "audio": {"id": "9", "voice": True}}, "audio", ""),
        ({"type": "video", "video": {"id": "9"}}, "video", ""),
        ({"type": "document", "document": {"id": "9", "filename": "nota.pdf"}}, "document", "nota.pdf"),
        ({"type": "sticker", "sticker": {"id": "9"}}, "sticker", ""),
        (
            {"type": "location", "location": {"latitude": -23.5, "longitude": -46.6, "name": "Loja"}},
            "location",
            "Loja (-23.5, -46.6)",
        ),
        ({"type": "contacts", "contacts": [{"name": {"formatted_name": "Bia"}}]}, "contacts", "Bia"),
        ({"type": "reaction", "reaction": {"message_id": "wamid.1", "emoji": "👍"}}, "reaction", "👍"),
    ],
)
def test_each_kind_of_message(item: dict[str, Any], kind: str, words: str) -> None:
    base = {"from": "5511987654321", "id": "wamid.1", "timestamp": "1764238453"}
    (message,) = parsed(raw(callback(base | item))).messages
    assert (message.kind, message.text) == (kind, words)


def test_people_who_hide_their_number_are_known_by_their_user_id() -> None:
    item = {key: value for key, value in text().items() if key != "from"} | {"from_user_id": "BR.1502576394655843"}
    contacts = [{"profile": {"name": "Bia"}, "user_id": "BR.1502576394655843"}]
    (message,) = parsed(raw(callback(item, contacts=contacts))).messages
    assert (message.address, message.contact_name) == ("BR.1502576394655843", "Bia")


def test_statuses_carry_our_id_and_the_reason() -> None:
    reference = "0197a2b0-0000-7000-8000-000000000001"
    failed = status(
        "failed", errors=[{"code": 131047, "title": "Re-engagement message", "error_data": {"details": "24 h"}}]
    )
    told = parsed(raw(callback(statuses=[status(biz_opaque_callback_data=reference), failed, status("read")])))
    assert [one.delivery.value for one in told.statuses] == ["delivered", "failed", "read"]
    assert told.statuses[0].message_id == UUID(reference)
    assert told.statuses[1].error == "131047 24 h"
    assert (told.statuses[0].account_id, told.statuses[0].provider_message_id) == (account_id(NUMBER), "wamid.00000001")
    foreign = parsed(raw(callback(statuses=[status(biz_opaque_callback_data="not ours")])))
    assert foreign.statuses[0].message_id is None


def test_nul_is_taken_out_of_words_and_names() -> None:
    contacts = [{"profile": {"name": "A\x00na"}, "wa_id": "5511987654321"}]
    (message,) = parsed(raw(callback(text("Ol\x00á"), contacts=contacts))).messages
    assert (message.text, message.contact_name) == ("Olá", "Ana")


def test_three_megabytes_are_read() -> None:
    body = raw(callback(text(extra="x" * (MAX_BODY - 2_000)), *[text(n=n) for n in range(2)]))
    assert len(parsed(body).messages) == 3


def test_other_products_and_fields_are_kept() -> None:
    page = raw({"object": "page", "entry": [{"id": "1", "changes": []}]})
    (kept,) = parsed(page).unknown
    assert json.loads(kept.body) == json.loads(page)
    body = callback(text())
    body["entry"][0]["changes"].insert(0, {"field": "account_update", "value": {"event": "VERIFIED"}})
    body["entry"] += [7, {"id": "5", "changes": [3, {"field": "messages", "value": {"metadata": {}}}]}]
    found = parsed(raw(body))
    assert len(found.messages) == 1
    assert [one.account for one in found.unknown] == ["102290129340398", "", "5", "5"]


def test_errors_that_whatsapp_reports_are_kept() -> None:
    (kept,) = parsed(raw(callback(errors=[{"code": 130429, "title": "Rate limit hit"}]))).unknown
    assert json.loads(kept.body)["code"] == 130429


def test_each_item_carries_its_own_number() -> None:
    body = callback(text("a", 1))
    body["entry"] += callback(text("b", 2), number="2")["entry"] + callback(statuses=[status()], number="3")["entry"]
    found = parsed(raw(body))
    assert [(m.text, m.account_id) for m in found.messages] == [("a", account_id(NUMBER)), ("b", account_id("2"))]
    assert [s.account_id for s in found.statuses] == [account_id("3")]


def test_the_named_accounts_are_the_numbers_or_else_the_business() -> None:
    body = callback(text())
    body["entry"] += callback(text(), number="2")["entry"] * 3
    body["entry"].append({"id": "77", "changes": [{"field": "account_update", "value": {}}]})
    assert named_accounts(raw(body)) == [NUMBER, "2", "77"]


def test_at_most_fifty_accounts_are_named_and_none_by_what_cannot_be_read() -> None:
    entries = [entry for n in range(200) for entry in callback(number=str(n + 1))["entry"]]
    assert named_accounts(raw({"object": "whatsapp_business_account", "entry": entries})) == [
        str(n + 1) for n in range(50)
    ]
    for nothing in (b"", b"[]", b'{"entry": 7}', b'{"object": "x", "entry": [1, [], null]}', b"\xff", b"[" * 100_000):
        assert named_accounts(nothing) == []


def test_an_item_of_an_account_that_did_not_prove_the_callback_is_kept_and_the_others_are_read() -> None:
    ours, other = account("1", SECRET), account("2", "another secret")
    proven = ProvenAccounts({(one.kind, one.external_id): one for one in (ours, other)}, SECRET)
    body = callback(text("a", 1), number="1")
    body["entry"] += callback(text("b", 2), number="2")["entry"] + callback(text("c", 3), number="3")["entry"]
    found = parsed(raw(body), proven)
    assert [(m.text, m.account_id) for m in found.messages] == [("a", ours.id)]
    assert [(one.account, one.reason) for one in found.unknown] == [
        ("2", "signed with another account's secret"),
        ("3", "no account of this number is connected"),
    ]


def account(number: str, signing: str) -> ChannelAccount:
    return ChannelAccount(
        id=uuid4(),
        owner=Owner(uuid4(), uuid4(), "shop"),
        kind="whatsapp",
        external_id=number,
        address="+5511900000000",
        provider_account="1",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        secrets=ChannelSecrets(signing=signing, access="access"),
    )
