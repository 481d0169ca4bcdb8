"""Encryption of secrets at rest: AES-256-GCM, bound to the place of each secret."""

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
    """`keys` by version (1 to 255), of 32 bytes each. The version `sealing` encrypts, by default the highest one. All versions
    decrypt; a version above `sealing` may be used by other processes already.

    An encrypted secret is the version (1 byte), a random nonce of 96 bits, the encrypted bytes and the tag. Version and place are
    authenticated. Raises Invalid for keys that are not valid.
    """

    def __init__(self, keys: Mapping[int, bytes], *, sealing: int | None = None) -> None:
        if not keys:
            raise Invalid("a cipher needs at least one key of 32 random bytes")
        for version, key in keys.items():
            if not 1 <= version <= 255 or len(key) != KEY_BYTES:
                raise Invalid("encryption keys must have versions from 1 to 255 and 32 bytes each")
        self._keys = {version: AESGCM(key) for version, key in keys.items()}
        self._newest = max(keys) if sealing is None else sealing
        if self._newest not in keys:
            raise Invalid("there is no key for the version that encrypts")

    @property
    def newest(self) -> int:
        """The version that encrypts."""
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
        """Whether the newest key, or one after it, encrypted it; otherwise key rotation encrypts it again."""
        return sealed[:1] >= bytes([self._newest])


_TEXT = re.compile(r"v(\d{1,3}):([0-9a-f]{24}):([0-9a-f]{32}):((?:[0-9a-f]{2})*)")


def sealed_text(sealed: bytes) -> str:
    """An encrypted secret as text: `v{key version}:{nonce}:{tag}:{ciphertext}`, the last three in hex."""
    nonce, rest = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    return f"v{sealed[0]}:{nonce.hex()}:{rest[-_TAG_BYTES:].hex()}:{rest[:-_TAG_BYTES].hex()}"


def sealed_bytes(text: str) -> bytes:
    """The inverse of `sealed_text`. Raises Invalid."""
    found = _TEXT.fullmatch(text)
    if found is None or not 1 <= int(found[1]) <= 255:
        raise Invalid(_UNREADABLE)
    version, nonce, tag, rest = found.groups()
    return bytes([int(version)]) + bytes.fromhex(nonce) + bytes.fromhex(rest) + bytes.fromhex(tag)


def _bound(version: int, place: str) -> bytes:
    return b"atende secret\0%d\0%s" % (version, place.encode())
