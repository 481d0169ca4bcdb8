"""E-mail addresses: one spelling for each, and nothing that a mail server could not be told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atende.core.identity.names import clean_email
from atende.core.kernel import Invalid
from atende.outbound.mail.smtp import _Addressee


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (" Ana.Lima@Shop.Example ", "ana.lima@shop.example"),
        ("o'neil+till=1/2@a-b.shop.example", "o'neil+till=1/2@a-b.shop.example"),
        ("JOSÉ@shop.example", "josé@shop.example"),
        ("jose\u0301@shop.example", "josé@shop.example"),
        ("ana@ação.example", "ana@xn--ao-siap.example"),
        ("ana@AC\u0327A\u0303O.example", "ana@xn--ao-siap.example"),
        ("ana@XN--AO-SIAP.example", "ana@xn--ao-siap.example"),
        ("ana@shop\uff0eexample", "ana@shop.example"),
        ("ana@shop\u3002example\uff61com", "ana@shop.example.com"),
        ("ana@\uff33\uff48op.example", "ana@shop.example"),
        (f"{'a' * 64}@{'b' * 63}.example", f"{'a' * 64}@{'b' * 63}.example"),
    ],
)
def test_an_address_has_one_spelling(told: str, kept: str) -> None:
    assert clean_email(told) == kept == clean_email(kept)


LOCAL = [f"a{mark}na" for mark in '<>()[],;:\\"@'] + ['"ana lima"', ".ana", "ana.", "a..na", "a" * 65, ""]
UNSEEN = [
    f"a{mark}na"
    for mark in " \t\n\r\0\x7f\x85\xa0\xad\u034f\u061c\u115f\u180e\u200b\u200c\u200d\u200e\u202e\u2060\u2066\u2800\u3000\u3164\ufe0f\ufeff\uffa0\U000e0041"
]
HOSTS = [
    *(
        "shop",
        "shop.",
        ".shop.example",
        "shop.example.",
        "shop..example",
        "-shop.example",
        "shop-.example",
        "sh_op.example",
    ),
    *(
        "shop.example>",
        "[127.0.0.1]",
        "127.0.0.1",
        "shop.7",
        "sh op.example",
        "shop.exa\u200bmple",
        "sh\u202eop.example",
    ),
    *(
        f"{'b' * 64}.example",
        f"{'ü' * 60}.example",
        f"{'b.' * 127}example",
        "straße.example",
        "σς.example",
        "a\u200db.example",
    ),
]


@pytest.mark.parametrize(
    "text", [f"{local}@shop.example" for local in LOCAL + UNSEEN] + [f"ana@{one}" for one in HOSTS]
)
def test_what_no_mail_server_could_be_told_is_no_address(text: str) -> None:
    with pytest.raises(Invalid):
        clean_email(text)


@given(st.from_regex(r"[^@]{1,9}@[^@]{1,9}\.[^@]{1,9}", fullmatch=True))
def test_whatever_is_kept_can_be_written_to_and_is_kept_as_it_is(told: str) -> None:
    try:
        kept = clean_email(told)
    except Invalid:
        return
    assert clean_email(kept) == kept
    assert f"{_Addressee.read(kept).name}@{_Addressee.read(kept).host}" == kept
