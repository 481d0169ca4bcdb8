"""The fast way to read a callback says the same as the careful one, or nothing."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atende.inbound.http.webhooks.whatsapp import strict_json

SPACE = st.sampled_from(["", "", "", " ", "\n", "\t "])
LETTER = st.sampled_from([*"ab :,{}é\u2028\U0001f600", '\\"', "\\\\", "\\/", "\\n"])
AS_NUMBER = st.sampled_from(
    ["\\u0022", "\\u003a", "\\u003A", "\\u0020", "\\u0061", "\\u00e9", "\\ud83d\\ude00", "\\ud83d"]
)
STRING = st.lists(st.one_of(LETTER, LETTER, AS_NUMBER), max_size=4).map(lambda parts: f'"{"".join(parts)}"')
KEY = st.one_of(STRING, st.sampled_from(['"a"', '"b"', '"\\u0061"', '"a\\":"']))
PLAIN = st.one_of(
    STRING, st.sampled_from(["0", "-1.5", "1e400", "NaN", "-Infinity", "true", "null", "12345678901234567890123"])
)


def _object(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(KEY, SPACE, SPACE, values).map(lambda p: f"{p[0]}{p[1]}:{p[2]}{p[3]}")
    return st.lists(pair, max_size=4).map(lambda pairs: "{" + ",".join(pairs) + "}")


def _list(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(values, max_size=3).map(lambda parts: "[" + ", ".join(parts) + "]")


VALUE = st.recursive(PLAIN, lambda inner: st.one_of(_object(inner), _list(inner)), max_leaves=12)


@given(_object(VALUE))
def test_what_the_fast_way_reads_the_careful_one_reads_too(text: str) -> None:
    raw = text.encode()
    fast = strict_json._decode_plain(raw)
    if fast is not None:
        careful = strict_json._decode_carefully(raw)
        assert (fast.value, fast.suspect) == (careful.value, False)
        assert strict_json.flaw(careful.value) is None


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "a": 2}',
        '{"a":"\\u0022:","a":2}',
        '{"a":"\\"\\u003a","a":2}',
        '{"a" :1,"a":2}',
        '{"a":1,"\\u0061":2}',
        '{"a":{"b":1,"b":"\\":"}}',
        '{"a":NaN}',
        '{"a":"\\ud83d"}',
    ],
)
def test_what_has_two_meanings_is_never_read_the_fast_way(text: str) -> None:
    assert strict_json._decode_plain(text.encode()) is None
    assert strict_json.decode(text.encode()).suspect


def test_what_providers_send_is_read_the_fast_way() -> None:
    body = {"object": "o", "entry": [{"text": 'Ele disse: "oi": ótimo 😀\n', "n": 1.5, "none": None}]}
    for raw in (json.dumps(body), json.dumps(body, ensure_ascii=False), json.dumps(body, separators=(",", ":"))):
        assert strict_json._decode_plain(raw.encode()) == strict_json.Decoded(body, suspect=False)
