"""Access tokens as signed JWTs (RFC 9068): HS256 or RS256, keys with ids, only one accepted encoding."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NoReturn
from uuid import UUID

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from jwt.algorithms import RSAAlgorithm

from atende.core.identity.ports import AccessTokens
from atende.core.identity.principal import Claims
from atende.core.kernel import Invalid, Unauthenticated

TYPE = "at+jwt"
LEEWAY = 30
_LONGEST = 4096
_SMALLEST_SECRET, _SMALLEST_RSA = 32, 2048


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that is bound to one algorithm, so that a token cannot choose another. Without `sign`, it only verifies."""

    id: str
    algorithm: str
    check: Any = field(repr=False)
    sign: Any = field(default=None, repr=False)

    @property
    def header(self) -> str:
        """The encoded header of every token that is signed with this key."""
        made = {"alg": self.algorithm, "kid": self.id, "typ": TYPE}
        return _base64(json.dumps(made, separators=(",", ":")).encode())

    def public(self) -> dict[str, Any] | None:
        """The public key as a JWK; None for a shared secret, which is not published."""
        if not isinstance(self.check, RSAPublicKey):
            return None
        numbers: dict[str, Any] = RSAAlgorithm.to_jwk(self.check, as_dict=True)
        parts = {name: numbers[name] for name in ("kty", "n", "e")}
        return parts | {"kid": self.id, "use": "sig", "alg": self.algorithm}


def hs256(secret: str) -> SigningKey:
    """A key for HS256. Raises Invalid for a secret that is too short."""
    raw = secret.encode()
    if len(raw) < _SMALLEST_SECRET:
        raise Invalid(
            "a secret for access tokens must have at least 32 characters: create one with openssl rand -hex 32"
        )
    return SigningKey(hmac.new(raw, b"atende kid", hashlib.sha256).hexdigest()[:16], "HS256", raw, raw)


def rs256(pem: str) -> SigningKey:
    """A key for RS256 from a private key in PEM, or from a public one, which only verifies. Raises Invalid."""
    try:
        private = load_pem_private_key(pem.encode(), password=None) if "PRIVATE" in pem else None
        public = private.public_key() if private is not None else load_pem_public_key(pem.encode())
    except (ValueError, TypeError) as error:
        raise Invalid("this is not an RSA key in PEM format without a password") from error
    if not isinstance(public, RSAPublicKey) or public.key_size < _SMALLEST_RSA:
        raise Invalid("RS256 needs an RSA key of at least 2048 bits")
    assert private is None or isinstance(private, RSAPrivateKey), "its public half is an RSA key"
    numbers: dict[str, Any] = RSAAlgorithm.to_jwk(public, as_dict=True)
    # The thumbprint of RFC 7638: the same key has the same id everywhere.
    thumb = json.dumps({name: numbers[name] for name in ("e", "kty", "n")}, separators=(",", ":"), sort_keys=True)
    return SigningKey(_base64(hashlib.sha256(thumb.encode()).digest())[:16], "RS256", public, private)


class _Payload(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """The payload of a token: exactly these members with these types."""

    iss: str
    aud: str
    sub: UUID
    sid: UUID
    sv: int
    org: UUID
    iat: int
    nbf: int
    exp: int
    prj: UUID | None = None


class JwtAccessTokens(AccessTokens):
    """The first key signs; all keys verify. Every invalid token gets the same error message."""

    def __init__(self, keys: Sequence[SigningKey], *, issuer: str, audience: str, life: timedelta) -> None:
        assert keys, "at least one key is needed"
        assert keys[0].sign is not None, "the first key must be able to sign"
        self._keys, self._newest = {key.header: key for key in keys}, keys[0]
        self._issuer, self._audience, self._life = issuer, audience, life
        self._signatures = jwt.PyJWS()

    @property
    def life(self) -> timedelta:
        return self._life

    def public_keys(self) -> list[dict[str, Any]]:
        return [found for key in self._keys.values() if (found := key.public()) is not None]

    def mint(self, claims: Claims, now: datetime) -> str:
        at = int(now.timestamp())
        payload = _Payload(
            iss=self._issuer,
            aud=self._audience,
            sub=claims.user_id,
            sid=claims.session_id,
            sv=claims.session_version,
            org=claims.organization_id,
            iat=at,
            nbf=at,
            exp=at + int(self._life.total_seconds()),
            prj=claims.project_id,
        )
        key, body = self._newest, f"{self._newest.header}.{_base64(msgspec.json.encode(payload))}"
        signer = self._signatures.get_algorithm_by_name(key.algorithm)
        return f"{body}.{_base64(signer.sign(body.encode(), key.sign))}"

    def read(self, token: str, now: datetime) -> Claims:
        parts = token.split(".") if len(token) <= _LONGEST and token.isascii() else []
        key = self._keys.get(parts[0]) if len(parts) == 3 else None
        if key is None:
            _refuse()
        try:
            # The header is exactly that of one of our keys, so the token cannot choose the algorithm.
            opened = self._signatures.decode_complete(token, key.check, algorithms=[key.algorithm])
            payload = msgspec.json.decode(opened["payload"], type=_Payload)
        except (jwt.PyJWTError, msgspec.DecodeError, ValueError):
            _refuse()
        spelt = [_base64(msgspec.json.encode(payload)), _base64(opened["signature"])]
        if spelt != parts[1:] or not self._holds(payload, int(now.timestamp())):
            _refuse()
        return Claims(
            user_id=payload.sub,
            session_id=payload.sid,
            session_version=payload.sv,
            organization_id=payload.org,
            project_id=payload.prj,
        )

    def _holds(self, payload: _Payload, now: int) -> bool:
        ours = payload.iss == self._issuer and payload.aud == self._audience
        begun = payload.iat <= payload.nbf <= now + LEEWAY
        return ours and begun and now < payload.exp + LEEWAY and payload.exp - payload.iat <= self._life.total_seconds()


def _refuse() -> NoReturn:
    raise Unauthenticated("this access token is not valid: refresh it, or sign in again") from None


def _base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
