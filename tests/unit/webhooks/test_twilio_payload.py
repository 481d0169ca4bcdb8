"""Twilio callbacks: the official SDK signs, our verification decides."""

import json
import string
from hashlib import sha256
from random import Random
from urllib.parse import urlencode, urlparse

import pytest
from twilio.request_validator import RequestValidator, add_port, remove_port

from atende.core.conversation.ports import Quarantined
from atende.inbound.http.webhooks.content import BadPayload
from atende.inbound.http.webhooks.twilio.payload import parse_form, parse_message, verify
from tests.unit.webhooks.bodies import ALL_NUMBERS

SID = "SM" + "0a" * 16
OURS = "+551140028922"
CUSTOMER = "+5511987654321"
ALPHABET = string.ascii_letters + string.digits + " &=+%#?/:;,.~'\"<>-_ çãéíõüñ👋漢字\u2028\n"


class Several(dict[str, list[str]]):
    """What web frameworks give the SDK for forms with repeated keys."""

    def getlist(self, name: str) -> list[str]:
        return self[name]


class Signed:
    """A request as Twilio would make it, signed by the SDK."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice
        self.token = "".join(dice.choices("0123456789abcdef", k=32))
        self.json = dice.random() < 0.25
        host = dice.choice(["shop.example", "api.shop.example", "10.1.2.3", "localhost"])
        port = dice.choice(["", "", ":443", ":80", ":8443", ":8000"])
        self.url = (
            f"{dice.choice(['https', 'http'])}://{host}{port}/webhooks/twilio/{dice.choice(['inbound', 'status'])}"
        )
        query = [(f"q{n}", self.words()) for n in range(dice.choice([0, 0, 1, 3]))]
        if self.json:
            self.body = json.dumps(
                {"text": self.words(), "n": dice.random()}, ensure_ascii=dice.random() < 0.5
            ).encode()
            query.insert(dice.randint(0, len(query)), ("bodySHA256", sha256(self.body).hexdigest()))
        else:
            self.body = urlencode(self.fields()).encode()
        if query:
            self.url += "?" + urlencode(query)
        self.header = self.sign()

    def words(self) -> str:
        return "".join(self.dice.choices(ALPHABET, k=self.dice.choice([0, 1, 5, 40])))

    def fields(self) -> list[tuple[str, str]]:
        dice = self.dice
        fields = [("Body", self.words()), ("From", CUSTOMER), ("To", OURS), ("MessageSid", SID), ("MediaUrl0", "")]
        fields += [(f"P{dice.randint(0, 3)}", self.words()) for _ in range(dice.choice([0, 2, 6]))]
        fields += fields[: dice.choice([0, 0, 2])]  # twice the same
        dice.shuffle(fields)
        return fields

    def sign(self) -> str:
        """With the port as the SDK puts it, or takes it away, at random."""
        parts = urlparse(self.url)
        spelled = self.dice.choice([self.url, add_port(parts), remove_port(parts)])
        signed: str = RequestValidator(self.token).compute_signature(spelled, self.several())
        return signed

    def several(self) -> Several | None:
        if self.json:
            return None
        several = Several()
        for name, value in parse_form(self.body):
            several.setdefault(name, []).append(value)
        return several

    def accepted_by_twilio(self) -> bool:
        params = self.body.decode() if self.json else self.several()
        return bool(RequestValidator(self.token).validate(self.url, params, self.header))


def accepts(request: Signed, *, url: str = "", body: bytes | None = None, header: str = "", token: str = "") -> bool:
    url, header, token = url or request.url, header or request.header, token or request.token
    raw = request.body if body is None else body
    if request.json:
        return verify(url, [], header, token, body=raw)
    try:
        return verify(url, parse_form(raw), header, token)
    except BadPayload:
        return False


def mutated(dice: Random, text: str, alphabet: str) -> str:
    at = dice.randrange(len(text))
    return text[:at] + dice.choice(alphabet.replace(text[at], "")) + text[at + 1 :]


def means_the_same(one: bytes, other: bytes) -> bool:
    """`%2f` for `%2F`: other bytes, the same form, and the form is what Twilio signs."""
    try:
        return sorted(parse_form(one)) == sorted(parse_form(other))
    except BadPayload:
        return False


@pytest.mark.guarantee(6)
@pytest.mark.parametrize("seed", range(20))
def test_g06_what_twilio_signs_is_accepted_and_any_other_byte_refused(seed: int) -> None:
    dice = Random(f"g06/{seed}")
    for _ in range(10):
        request = Signed(dice)
        assert request.accepted_by_twilio()
        assert accepts(request), request.url
        path = request.url.index("/webhooks")
        for _ in range(5):
            other = mutated(dice, request.body.decode("latin-1"), "abcXYZ019=&+%").encode("latin-1")
            if request.json or not means_the_same(other, request.body):
                assert not accepts(request, body=other), (request.body, other)
            address = request.url[:path] + mutated(dice, request.url[path:], "abcXYZ019=&+%/")
            assert not accepts(request, url=address), address
            assert not accepts(request, header=mutated(dice, request.header, "abcXYZ019+/=")), request.header
            assert not accepts(request, token=mutated(dice, request.token, "0123456789abcdef"))
        assert not accepts(request, url=request.url.replace("://", "s://", 1))
        assert not accepts(request, url=request.url.replace("://", "://x", 1))


@pytest.mark.guarantee(6)
@pytest.mark.parametrize("header", [None, "", " ", "=", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "é", "\ud800"])
def test_g06_no_signature_is_no_signature(header: str | None) -> None:
    params = [("Body", "Olá"), ("To", OURS)]
    assert not verify("https://shop.example/hook", params, header, "token")


@pytest.mark.guarantee(6)
def test_g06_no_token_accepts_nothing() -> None:
    signed = RequestValidator("").compute_signature("https://shop.example/hook", {})
    assert not verify("https://shop.example/hook", [], signed, "")


@pytest.mark.guarantee(6)
def test_g06_a_body_that_is_no_form_needs_its_digest_in_the_query() -> None:
    url = "https://shop.example/hook"
    signed = RequestValidator("token").compute_signature(url, {})
    assert verify(url, [], signed, "token")
    assert not verify(url, [], signed, "token", body=b"{}")


@pytest.mark.guarantee(6)
def test_g06_a_replay_with_shifted_letters_is_no_new_message() -> None:
    """The signature does not see where a name ends: `MessageSid=SM..NumMedia0` signs like the genuine form."""
    genuine = {"Body": "Oi", "From": CUSTOMER, "MessageSid": SID, "NumMedia": "0", "To": OURS}
    shifted = {"Body": "Oi", "From": CUSTOMER, "MessageSid": f"{SID}NumMedia0", "To": OURS}
    validator = RequestValidator("token")
    url = "https://shop.example/hook"
    assert validator.compute_signature(url, genuine) == validator.compute_signature(url, shifted)
    raw = urlencode(shifted).encode()
    assert isinstance(parse_message(parse_form(raw), raw, ALL_NUMBERS), Quarantined)
    with pytest.raises(BadPayload):
        parse_form(b"Body=Oi&To")


def test_a_form_keeps_empty_and_repeated_fields_in_order() -> None:
    assert parse_form(b"b=2&a=&b=1&c=%C3%A7+x") == [("b", "2"), ("a", ""), ("b", "1"), ("c", "ç x")]
    assert parse_form(b"") == []


@pytest.mark.parametrize("raw", [b"a", b"a=1&", b"&a=1", b"a=%ff", b"\xff=1", "ç=1".encode(), b"a=1&" * 600 + b"a=1"])
def test_what_is_no_form_is_refused(raw: bytes) -> None:
    with pytest.raises(BadPayload):
        parse_form(raw)
