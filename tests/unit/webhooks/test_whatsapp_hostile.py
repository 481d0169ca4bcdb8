"""Hostile and unknown items are kept one by one; hostile bodies are refused in words; nothing ends in another error."""

import json
from contextlib import suppress
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atende.inbound.http.webhooks.content import BadPayload
from atende.inbound.http.webhooks.whatsapp.payload import MAX_BODY, MAX_ITEMS, named_accounts
from tests.unit.webhooks.bodies import NUMBER, callback, parsed, raw, status, text

GENUINE = raw(callback(text("Olá!")))

UNKNOWN_MESSAGES: list[Any] = [
    text(type="poem"), text(type="unsupported"), text(type="system"), text(type="order", order={}),
    text(""), text(" \n"), text("\x00"), text("x" * 65_537), text(id=""), text(id=7), text(id="wamid 1"), text(id="w\x00"),
    text(id="w" * 256), text(timestamp="soon"), text(timestamp=1764238453), text(timestamp="17642384530"), text(timestamp="-1"),
    text(text="Olá"), text(text=None), text(text={"body": 5}), {**text(), "from": "nobody at all"}, {**text(), "from": ""},
    text(type="image"), text(type="interactive", interactive={}), text(type="contacts"), text(type="location"),
    None, 7, "text", [], {}, [text()], True, {"id": "wamid.1"},
]  # fmt: skip
UNKNOWN_STATUSES: list[Any] = [
    status("deleted"), status("warning"), {**status(), "status": 7}, status(id=""), status(timestamp=None), status(errors={}),
    {}, None, [], "sent", status(biz_opaque_callback_data=5),
]  # fmt: skip


@pytest.mark.guarantee(3)
def test_g03_each_bad_item_is_kept_and_every_good_one_is_read() -> None:
    dice = Random(3)
    for _ in range(100):
        good = [text(f"m{n}", n) for n in range(dice.randint(1, 30))]
        bad = dice.choices(UNKNOWN_MESSAGES, k=dice.randint(1, 5))
        mixed = good + bad
        dice.shuffle(mixed)
        bad_statuses = dice.choices(UNKNOWN_STATUSES, k=2)
        found = parsed(raw(callback(*mixed, statuses=[status(), *bad_statuses, status("read")])))
        assert sorted(m.text for m in found.messages) == sorted(m["text"]["body"] for m in good)
        assert len(found.statuses) == 2
        assert len(found.unknown) == len(bad) + 2
        assert all(item.account == NUMBER and item.reason for item in found.unknown)


@pytest.mark.guarantee(3)
@pytest.mark.parametrize("item", [*UNKNOWN_MESSAGES])
def test_g03_what_is_kept_is_the_item_as_it_came(item: Any) -> None:
    (kept,) = parsed(raw(callback(item, text()))).unknown
    assert json.loads(kept.body) == item
    assert (kept.source, kept.account) == ("whatsapp", NUMBER)
    (again,) = parsed(raw(callback(item, text()))).unknown
    assert again.external_id == kept.external_id, "a repeated delivery is kept once"


def with_raw(item: bytes, field: str = "messages") -> bytes:
    """A callback of a good message and, beside it, this item as it is."""
    other = b'"statuses": [' if field == "statuses" else b'"messages": ['
    return raw(callback(text("good", 2), statuses=[status()])).replace(other, other + item + b", ")


HOSTILE_ITEMS: dict[str, bytes] = {
    "NaN": raw(text()).replace(b'"1764238453"', b"NaN"),
    "infinity": raw(text()).replace(b'"1764238453"', b"-Infinity"),
    "huge number": raw(text()).replace(b'"1764238453"', b"1e999"),
    "repeated key": raw(text()).replace(b'"type": "text"', b'"type": "text", "type": "text"'),
    "repeated key deep inside": raw(text()).replace(b'{"body": "Ol\xc3\xa1"}', b'{"body": "a", "body": "b"}'),
    "lone surrogate": raw(text()).replace(b"Ol\xc3\xa1", b"\\ud83d"),
    "lone low surrogate": raw(text()).replace(b"Ol\xc3\xa1", b"x\\udc00y"),
    "surrogate in a key": raw(text()).replace(b'"from"', b'"\\ud800": 1, "from"'),
}


@pytest.mark.guarantee(3)
@pytest.mark.parametrize("case", HOSTILE_ITEMS)
@pytest.mark.parametrize("field", ["messages", "statuses"])
def test_g03_a_hostile_item_does_not_take_the_others_along(case: str, field: str) -> None:
    body = with_raw(HOSTILE_ITEMS[case], field)
    assert named_accounts(body) == [NUMBER]
    found = parsed(body)
    assert [m.text for m in found.messages] == ["good"]
    assert len(found.statuses) == 1
    (kept,) = found.unknown
    assert kept.reason.startswith("malformed")


def test_a_hundred_levels_of_nesting_are_kept_or_passed_over() -> None:
    deep: Any = "x"
    for _ in range(100):
        deep = [deep]
    found = parsed(raw(callback(text(extra=deep), text(text=deep))))
    assert (len(found.messages), len(found.unknown)) == (1, 1)


HOSTILE_BODIES: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"hello",
    "a list": b"[]",
    "null": b"null",
    "no entry": b'{"object": "whatsapp_business_account"}',
    "entry is no list": b'{"object": "whatsapp_business_account", "entry": {}}',
    "object is a number": b'{"object": 1, "entry": []}',
    "NaN outside of items": raw(callback(text())).replace(b'"102290129340398"', b"NaN"),
    "repeated key outside of items": raw(callback(text())).replace(b'"entry"', b'"entry": [], "entry"', 1),
    "repeated number": raw(callback(text())).replace(
        b'"phone_number_id"', b'"phone_number_id": "1", "phone_number_id"'
    ),
    "a byte that is no UTF-8": GENUINE.replace("á".encode(), b"\xe1"),
    "half a character outside of items": raw(callback(text())).replace(b"Ana Lima", b"\\ud800"),
    "UTF-16": GENUINE.decode().encode("utf-16"),
    "byte-order mark": b"\xef\xbb\xbf" + GENUINE,
    "NUL between": GENUINE.replace(b", ", b",\x00", 1),
    "cut short": GENUINE[:-2],
    "trailing words": GENUINE + b"x",
    "100,000 brackets": b"[" * 100_000,
    "100,000 levels": b'{"object":"whatsapp_business_account","entry":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "100,000 levels of objects": b'{"entry":' * 100_000 + b"1" + b"}" * 100_000,
    "a number of 100,000 digits": b'{"object":"whatsapp_business_account","entry":[' + b"9" * 100_000 + b"],}",
    "over 3 MB": raw(callback(text("x" * MAX_BODY))),
    "too many items": raw(callback(*[text(n=n) for n in range(MAX_ITEMS + 1)])),
    "too many bad items": raw(callback(*[{}] * (MAX_ITEMS + 1))),
}


@pytest.mark.parametrize("case", HOSTILE_BODIES)
def test_a_hostile_body_is_refused_in_words(case: str) -> None:
    with pytest.raises(BadPayload, match=r".{5,}"):
        parsed(HOSTILE_BODIES[case])
    assert isinstance(named_accounts(HOSTILE_BODIES[case]), list)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode()))
def test_no_body_ends_in_another_error(body: bytes) -> None:
    assert isinstance(named_accounts(body), list)
    with suppress(BadPayload):
        parsed(body)


@given(st.lists(json_values, max_size=5), st.lists(json_values, max_size=5), json_values, json_values)
def test_no_item_is_lost_or_ends_in_another_error(
    messages: list[Any], statuses: list[Any], contacts: Any, extra: Any
) -> None:
    body = json.dumps(callback(text(extra=extra), *messages, statuses=statuses, contacts=contacts)).encode()
    try:
        found = parsed(body)
    except BadPayload:
        return
    count = len(found.messages) + len(found.statuses) + len(found.unknown)
    assert count == 1 + len(messages) + len(statuses)
