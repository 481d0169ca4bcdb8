"""One spelling for each customer address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atende.inbound.http.webhooks.phone_numbers import BadAddress, canonical


@pytest.mark.parametrize(
    ("given_as", "is_kept_as"),
    [
        ("5511987654321", "+5511987654321"),
        ("+5511987654321", "+5511987654321"),
        ("whatsapp:+5511987654321", "+5511987654321"),
        ("551187654321", "+5511987654321"),
        ("whatsapp:+551187654321", "+5511987654321"),
        ("+55 (11) 8765-4321", "+5511987654321"),
        ("+55 11 98765-4321", "+5511987654321"),
        ("551132654321", "+551132654321"),  # a landline has eight digits
        ("5215512345678", "+525512345678"),
        ("5491123456789", "+5491123456789"),
        ("14155552671", "+14155552671"),
        ("+1 (415) 555-2671", "+14155552671"),
        ("351912345678", "+351912345678"),
        ("28922", "28922"),
        ("CORREIOS", "CORREIOS"),
        ("BR.1502576394655843", "BR.1502576394655843"),
        ("US.ENT.11815799212886844830", "US.ENT.11815799212886844830"),
    ],
)
def test_one_person_has_one_address(given_as: str, is_kept_as: str) -> None:
    assert canonical(given_as) == is_kept_as
    assert canonical(is_kept_as) == is_kept_as


@pytest.mark.parametrize(
    "address",
    [
        "",
        "+",
        "whatsapp:",
        "0",
        "12",
        "+0123456789",
        "+551",
        "nobody at all",
        "+" + "9" * 16,
        "a@b.example",
        "+1 (415) 555",
        "+999 555 123 456",
        "\x00",
        "+55119876\x0054321",
        "٥٥١١٩٨٧٦٥٤٣٢١",
    ],
)
def test_what_nobody_can_be_reached_at_is_refused(address: str) -> None:
    with pytest.raises(BadAddress):
        canonical(address)


@given(st.text(max_size=40) | st.text("+0123456789 ()-", max_size=30))
def test_any_text_is_an_address_or_is_refused(text: str) -> None:
    try:
        address = canonical(text)
    except BadAddress:
        return
    assert address.isprintable()
    assert address
