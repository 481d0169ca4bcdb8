"""JSON with one meaning only."""

import json
import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atende.inbound.http.wire.requests import MAX_DEPTH, MAX_ITEMS, MAX_TEXT, BadBody, clean_text, strict_json

numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"], codec="ascii"))
plain = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(plain)
def test_all_other_json_is_read_as_it_was_written(value: object) -> None:
    assert strict_json(json.dumps(value).encode()) == value


def test_numbers_that_are_whole_are_whole_however_they_are_written() -> None:
    read = strict_json("[2.0, 1e3, -0.0, 0.5, 1e300]")
    assert [(value, type(value)) for value in read] == [(2, int), (1000, int), (0, int), (0.5, float), (1e300, float)]


def test_as_many_marks_are_taken_as_a_language_needs() -> None:
    text = "Z" + "\u0351" * 30 + "algo e\u0301 — “—” ……………………………………………………………………………………"
    assert strict_json(json.dumps(text)) == text.replace("e\u0301", "é")


@given(st.binary(max_size=60) | st.text('[]{}",:0123456789.eE+-\\udxnulNaIfityrse\0\ud800 ', max_size=60))
def test_anything_else_is_refused_in_one_way(raw: bytes | str) -> None:
    with suppress(BadBody):
        assert json.dumps(strict_json(raw), allow_nan=False)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b'{"a": NaN}', "NaN is not JSON"),
        (b"[-Infinity]", "-Infinity is not JSON"),
        (b"1e999", "too large"),
        (b"9223372036854775808", "64 bits"),
        (b"9" * 5_000, "digits"),
        (b'{"a": {"b": 1, "b": 1}}', "twice"),
        (b'"\\u0000"', "NUL"),
        (b'{"\\u0000": 1}', "NUL"),
        (b'["\\ud800"]', "surrogate"),
        ('"é\\u0000"'.encode(), "NUL"),
        (('"a' + "\u0301\u0316" * 16 + '"').encode(), "30 combining marks"),
        (('["Z' + "\u0f75" * 31 + '"]').encode(), "30 combining marks"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "deeper"),
        (b"[" * 200_000, "deeper"),
        (b"[" + b"0," * MAX_ITEMS + b"0]", "10000 items"),
        (b'"' + b"a" * (MAX_TEXT + 1) + b'"', "65536"),
        (b"\xff", "UTF-8"),
        (b"", "not JSON"),
        (b"{} {}", "not JSON"),
    ],
)
def test_what_is_refused_is_named(raw: bytes, why: str) -> None:
    with pytest.raises(BadBody, match=why) as refused:
        strict_json(raw, key="metadata")
    assert refused.value.extra == [{"key": "metadata", "message": refused.value.detail, "source": "body"}]


def test_the_largest_that_is_taken() -> None:
    deep = strict_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    assert isinstance(deep, list)
    assert strict_json(b"-9223372036854775808") == -(2**63)
    assert len(strict_json(b"[" + b"0," * (MAX_ITEMS - 1) + b"0]")) == MAX_ITEMS
    assert math.isclose(strict_json(b"1e308"), 1e308)


def test_texts_are_brought_to_one_spelling() -> None:
    assert strict_json('{"cafe\\u0301": "cafe\u0301"}') == {"caf\u00e9": "caf\u00e9"}
    assert clean_text("cafe\u0301", key="file") == "caf\u00e9"
    with pytest.raises(BadBody, match="NUL"):
        clean_text("a\0", key="file")
