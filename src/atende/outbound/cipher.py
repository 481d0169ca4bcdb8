"""Secrets at rest: AES-256-GCM, with the place that a secret belongs to sealed in."""

import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from atende.core.kernel import Invalid
from atende.core.tenancy.ports import Cipher

KEY_BYTES = 32
_NONCE_BYTES, _TAG_BYTES = 12, 16
_UNREADABLE = "this secret cannot be opened here: it was changed, belongs elsewhere, or its key is gone"


class AesGcmCipher(Cipher):
    """`keys` by version, 1 to 255, of 32 bytes each. The highest version seals; the others still open what they sealed.

    A sealed secret is the version, a random nonce of 96 bits, the encrypted bytes and the tag. The version is authenticated
    together with the place. Raises Invalid for keys that cannot be.
    """

    def __init__(self, keys: Mapping[int, bytes]) -> None:
        if not keys:
            raise Invalid("a cipher needs a key: give one of 32 random bytes")
        for version, key in keys.items():
            if not 1 <= version <= 255 or len(key) != KEY_BYTES:
                raise Invalid("the keys of secrets have versions from 1 to 255 and 32 bytes each")
        self._keys = {version: AESGCM(key) for version, key in keys.items()}
        self._newest = max(keys)

    def __repr__(self) -> str:
        return f"AesGcmCipher(versions {sorted(self._keys)})"

    def seal(self, plain: bytes, *, place: str) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return (
            bytes([self._newest]) + nonce + self._keys[self._newest].encrypt(nonce, plain, _bound(self._newest, place))
        )

    def open(self, sealed: bytes, *, place: str) -> bytes:
        version = sealed[0] if sealed else 0
        if version not in self._keys or len(sealed) < 1 + _NONCE_BYTES + _TAG_BYTES:
            raise Invalid(_UNREADABLE)
        nonce, rest = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return self._keys[version].decrypt(nonce, rest, _bound(version, place))
        except InvalidTag:
            raise Invalid(_UNREADABLE) from None

    def is_current(self, sealed: bytes) -> bool:
        """Whether the newest key sealed it; what another one did is sealed again when keys are rotated."""
        return sealed[:1] == bytes([self._newest])


def _bound(version: int, place: str) -> bytes:
    return b"atende secret\0%d\0%s" % (version, place.encode())
