"""Secrets at rest: AES-256-GCM, with the place that a secret belongs to sealed in."""

import os
import re
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from atende.core.kernel import Invalid
from atende.core.tenancy.ports import Cipher

KEY_BYTES = 32
_NONCE_BYTES, _TAG_BYTES = 12, 16
_UNREADABLE = "this secret cannot be opened here: it was changed, belongs elsewhere, or its key is gone"


class AesGcmCipher(Cipher):
    """`keys` by version, 1 to 255, of 32 bytes each. The highest version seals, or `sealing` if that is given; the others still
    open what they sealed, and a version above `sealing` what other processes seal already.

    A sealed secret is the version, a random nonce of 96 bits, the encrypted bytes and the tag. The version is authenticated
    together with the place. Raises Invalid for keys that cannot be.
    """

    def __init__(self, keys: Mapping[int, bytes], *, sealing: int | None = None) -> None:
        if not keys:
            raise Invalid("a cipher needs a key: give one of 32 random bytes")
        for version, key in keys.items():
            if not 1 <= version <= 255 or len(key) != KEY_BYTES:
                raise Invalid("the keys of secrets have versions from 1 to 255 and 32 bytes each")
        self._keys = {version: AESGCM(key) for version, key in keys.items()}
        self._newest = max(keys) if sealing is None else sealing
        if self._newest not in keys:
            raise Invalid("the version that seals has no key")

    @property
    def newest(self) -> int:
        """The version that seals."""
        return self._newest

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
        """Whether the newest key, or one after it, sealed it; what an older one did is sealed again when keys are rotated."""
        return sealed[:1] >= bytes([self._newest])


_TEXT = re.compile(r"v(\d{1,3}):([0-9a-f]{24}):([0-9a-f]{32}):((?:[0-9a-f]{2})*)")


def sealed_text(sealed: bytes) -> str:
    """A sealed secret as text: `v{key version}:{nonce}:{tag}:{ciphertext}`, the last three in hex."""
    nonce, rest = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    return f"v{sealed[0]}:{nonce.hex()}:{rest[-_TAG_BYTES:].hex()}:{rest[:-_TAG_BYTES].hex()}"


def sealed_bytes(text: str) -> bytes:
    """What `sealed_text` wrote. Raises Invalid."""
    found = _TEXT.fullmatch(text)
    if found is None or not 1 <= int(found[1]) <= 255:
        raise Invalid(_UNREADABLE)
    version, nonce, tag, rest = found.groups()
    return bytes([int(version)]) + bytes.fromhex(nonce) + bytes.fromhex(rest) + bytes.fromhex(tag)


def _bound(version: int, place: str) -> bytes:
    return b"atende secret\0%d\0%s" % (version, place.encode())
