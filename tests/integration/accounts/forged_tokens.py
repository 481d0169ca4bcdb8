"""Access tokens as attackers would make them, some with our own key: none of them may open anything."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat


def base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def opened(part: str) -> Any:
    return json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))


@dataclass(frozen=True)
class Forger:
    """Knows a good token and, for the worst case, the key that signed it."""

    good: str
    secret: bytes
    refresh: str

    @property
    def parts(self) -> list[str]:
        return self.good.split(".")

    @property
    def header(self) -> dict[str, Any]:
        found: dict[str, Any] = opened(self.parts[0])
        return found

    @property
    def payload(self) -> dict[str, Any]:
        found: dict[str, Any] = opened(self.parts[1])
        return found

    def signed(self, header: bytes | str, payload: bytes | str, secret: bytes | None = None) -> str:
        """With our own key, whatever it says."""
        raw = [part.encode() if isinstance(part, str) else part for part in (header, payload)]
        body = ".".join(base64(part) for part in raw)
        mac = hmac.new(self.secret if secret is None else secret, body.encode(), hashlib.sha256).digest()
        return f"{body}.{base64(mac)}"

    def with_header(self, **changes: Any) -> str:
        return self.signed(_json(_changed(self.header, changes)), urlsafe_b64decode(self.parts[1] + "=="))

    def with_payload(self, **changes: Any) -> str:
        return self.signed(urlsafe_b64decode(self.parts[0] + "=="), _json(_changed(self.payload, changes)))

    def raw_payload(self, old: str, new: str) -> str:
        """The text of the payload with one piece of it in another spelling."""
        text = urlsafe_b64decode(self.parts[1] + "==").decode()
        assert old in text
        return self.signed(urlsafe_b64decode(self.parts[0] + "=="), text.replace(old, new))

    def stolen_signature(self, header: dict[str, Any] | None = None, payload: dict[str, Any] | None = None) -> str:
        first = base64(_json(header).encode()) if header else self.parts[0]
        second = base64(_json(payload).encode()) if payload else self.parts[1]
        return f"{first}.{second}.{self.parts[2]}"


def _changed(old: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (old | changes).items() if value is not ...}


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _confused(forger: Forger) -> str:
    """HS256 under the text of a public key, in the hope that it is the key for RS256."""
    public = _RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return forger.signed(_json(forger.header), _json(forger.payload), secret=public)


def _rs256(forger: Forger) -> str:
    import jwt

    pem = _RSA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return jwt.encode(forger.payload, pem, "RS256", headers={"kid": forger.header["kid"], "typ": "at+jwt"})


_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_JWK = {"kty": "oct", "k": base64(b"x" * 32)}

VECTORS: dict[str, Callable[[Forger], str]] = {
    # no signature worth the name
    "alg none, no signature": lambda f: f"{base64(_json(f.header | {'alg': 'none'}).encode())}.{f.parts[1]}.",
    "alg None": lambda f: f"{base64(_json(f.header | {'alg': 'None'}).encode())}.{f.parts[1]}.",
    "alg nOnE, signature kept": lambda f: f.stolen_signature(header=f.header | {"alg": "nOnE"}),
    "alg missing": lambda f: f.with_header(alg=...),
    "alg empty": lambda f: f.with_header(alg=""),
    "alg a list": lambda f: f.with_header(alg=["HS256"]),
    "alg HS512": lambda f: f.with_header(alg="HS512"),
    "alg hs256 in small letters": lambda f: f.with_header(alg="hs256"),
    "empty signature": lambda f: f"{f.parts[0]}.{f.parts[1]}.",
    "no third part": lambda f: f"{f.parts[0]}.{f.parts[1]}",
    "four parts": lambda f: f"{f.good}.{f.parts[2]}",
    "five parts, as if encrypted": lambda f: f"{f.good}.{f.parts[1]}.{f.parts[2]}",
    "truncated signature": lambda f: f.good[:-4],
    "one bit of the signature": lambda f: (
        f"{f.parts[0]}.{f.parts[1]}.{'A' if f.parts[2][0] != 'A' else 'B'}{f.parts[2][1:]}"
    ),
    "signature of zeros": lambda f: f"{f.parts[0]}.{f.parts[1]}.{base64(bytes(32))}",
    "unused bits of the signature": lambda f: f.good[:-1] + chr(ord(f.good[-1]) + 1),
    "swapped payload": lambda f: f.stolen_signature(payload=f.payload | {"sub": str(uuid4())}),
    "swapped version": lambda f: f.stolen_signature(payload=f.payload | {"sv": f.payload["sv"] + 1}),
    "signed with nothing": lambda f: f.signed(_json(f.header), _json(f.payload), secret=b""),
    "signed with another secret": lambda f: f.signed(_json(f.header), _json(f.payload), secret=b"x" * 32),
    # keys and algorithms of the attacker's choice
    "HS256 under a public key": _confused,
    "RS256 under a key of their own": _rs256,
    "jwk in the header": lambda f: f.with_header(jwk=_JWK),
    "jku in the header": lambda f: f.with_header(jku="https://evil.example/jwks.json"),
    "x5u in the header": lambda f: f.with_header(x5u="https://evil.example/cert.pem"),
    "x5c in the header": lambda f: f.with_header(x5c=["MIIB"]),
    "kid missing": lambda f: f.with_header(kid=...),
    "kid unknown": lambda f: f.with_header(kid="0000000000000000"),
    "kid a path": lambda f: f.signed(_json(f.header | {"kid": "../../../../dev/null"}), _json(f.payload), secret=b""),
    "kid an injection": lambda f: f.with_header(kid="x' UNION SELECT 'secret' --"),
    "kid a number": lambda f: f.with_header(kid=1),
    "kid a list": lambda f: f.with_header(kid=[f.header["kid"]]),
    "kid null": lambda f: f.with_header(kid=None),
    "crit": lambda f: f.with_header(crit=["exp"]),
    "b64 false": lambda f: f.with_header(b64=False, crit=["b64"]),
    "zip": lambda f: f.with_header(zip="DEF"),
    "cty JWT": lambda f: f.with_header(cty="JWT"),
    "header twice the same member": lambda f: f.signed(
        _json(f.header)[:-1] + ',"alg":"none"}', urlsafe_b64decode(f.parts[1] + "==")
    ),
    "header in another order": lambda f: f.signed(
        _json(dict(reversed(f.header.items()))), urlsafe_b64decode(f.parts[1] + "==")
    ),
    "header a list": lambda f: f.signed("[]", _json(f.payload)),
    "header no JSON": lambda f: f.signed("{", _json(f.payload)),
    # tokens of another kind
    "typ JWT": lambda f: f.with_header(typ="JWT"),
    "typ missing": lambda f: f.with_header(typ=...),
    "typ rt+jwt": lambda f: f.with_header(typ="rt+jwt"),
    "a refresh token": lambda f: f.refresh,
    "a refresh token in three parts": lambda f: f.refresh.replace("_", "."),
    # claims
    "another audience": lambda f: f.with_payload(aud="somebody-else"),
    "a list of audiences": lambda f: f.with_payload(aud=[f.payload["aud"]]),
    "no audience": lambda f: f.with_payload(aud=...),
    "another issuer": lambda f: f.with_payload(iss="https://evil.example"),
    "no issuer": lambda f: f.with_payload(iss=...),
    "expired": lambda f: f.with_payload(iat=1, nbf=1, exp=2),
    "exp missing": lambda f: f.with_payload(exp=...),
    "exp a string": lambda f: f.with_payload(exp=str(f.payload["exp"])),
    "exp a float": lambda f: f.with_payload(exp=float(f.payload["exp"])),
    "exp in thousands of years": lambda f: f.with_payload(exp=99_999_999_999),
    "exp beyond every calendar": lambda f: f.with_payload(exp=10**18),
    "exp an endless number": lambda f: f.with_payload(exp=10**400),
    "exp infinite": lambda f: f.raw_payload(f'"exp":{f.payload["exp"]}', '"exp":Infinity'),
    "exp in exponents": lambda f: f.raw_payload(f'"exp":{f.payload["exp"]}', '"exp":9e18'),
    "exp in other digits": lambda f: f.with_payload(exp="\u0661\u0667\u0669\u0665\u0663\u0662\u0667\u0660\u0663\u0667"),
    "exp a list": lambda f: f.with_payload(exp=[f.payload["exp"]]),
    "exp true": lambda f: f.with_payload(exp=True),
    "nbf in the future": lambda f: f.with_payload(
        nbf=f.payload["nbf"] + 3600, iat=f.payload["iat"] + 3600, exp=f.payload["exp"] + 3600
    ),
    "nbf missing": lambda f: f.with_payload(nbf=...),
    "iat missing": lambda f: f.with_payload(iat=...),
    "iat after nbf": lambda f: f.with_payload(iat=f.payload["iat"] + 60),
    "sub a list": lambda f: f.with_payload(sub=[f.payload["sub"]]),
    "sub no id": lambda f: f.with_payload(sub="' OR 1=1 --"),
    "sub of nobody": lambda f: f.with_payload(sub=str(uuid4())),
    "sub in capitals": lambda f: f.with_payload(sub=f.payload["sub"].upper()),
    "sid of another session": lambda f: f.with_payload(sid=str(uuid4())),
    "sv a string": lambda f: f.with_payload(sv=str(f.payload["sv"])),
    "sv true": lambda f: f.with_payload(sv=True),
    "sv of before": lambda f: f.with_payload(sv=f.payload["sv"] - 1),
    "sv of later": lambda f: f.with_payload(sv=f.payload["sv"] + 1),
    "a claim too many": lambda f: f.with_payload(role="operator"),
    "a claim twice": lambda f: f.raw_payload('{"iss"', '{"sv":1,"iss"'),
    "payload with spaces": lambda f: f.raw_payload('{"iss"', '{ "iss"'),
    "payload a list": lambda f: f.signed(urlsafe_b64decode(f.parts[0] + "=="), "[]"),
    "payload null": lambda f: f.signed(urlsafe_b64decode(f.parts[0] + "=="), "null"),
    "payload empty": lambda f: f.signed(urlsafe_b64decode(f.parts[0] + "=="), ""),
    # spellings
    "a megabyte": lambda f: f.with_payload(iss="x" * 1_000_000),
    "a megabyte of dots": lambda f: "." * 1_000_000,
    "padded": lambda f: f"{f.parts[0]}=.{f.parts[1]}=.{f.parts[2]}=",
    "in the other base64": lambda f: f"{f.parts[0]}+/.{f.parts[1]}.{f.parts[2]}",
    "embedded NUL": lambda f: f"{f.parts[0]}.{f.parts[1]}\0.{f.parts[2]}",
    "a tab in it": lambda f: f"{f.parts[0]}.{f.parts[1]}.\t{f.parts[2]}",
    "in capitals": lambda f: f.good.upper(),
    "twice": lambda f: f"{f.good}{f.good}",
    "in quotes": lambda f: f'"{f.good}"',
    "letters of another alphabet": lambda f: f.good.replace("e", "\u0435", 1),
}
