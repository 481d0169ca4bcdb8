"""API keys: their format, checksum and expiry."""

import hashlib
import string
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import NewType
from uuid import UUID

from atende.core.kernel import InvalidState, Unauthenticated

Brand = NewType("Brand", str)
"""The prefix of an installation's keys, by which secret scanners recognize them: 1 to 9 lower-case letters and digits."""

BRAND = Brand("org")
_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
RANDOM_CHARACTERS = 26
_CHECK_CHARACTERS = 6
RANDOM_BITS = 160
PER_MINUTE = 1_000
"""Requests per minute; the limit of a key cannot be higher."""
DEFAULT_SCOPES = ("read", "write")


@dataclass(slots=True, kw_only=True)
class ApiKey:
    """A key of an organization, optionally for one project only. The secret is shown once and stored as SHA-256."""

    id: UUID
    organization_id: UUID
    name: str
    prefix: str
    secret_hash: bytes
    scopes: list[str]
    created_at: datetime
    project_id: UUID | None = None
    created_by: UUID | None = None
    hint: str = ""
    """The last four characters after four stars."""
    rate_limit_per_minute: int | None = None
    rate_limit_per_day: int | None = None
    last_used_at: datetime | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def is_live(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def revoke(self, now: datetime) -> None:
        self.revoked_at = self.revoked_at or now

    def require_live(self, now: datetime) -> None:
        """Raises InvalidState if it is revoked or has expired."""
        if not self.is_live(now):
            raise InvalidState("this API key is revoked or has expired: create a new one")

    def renew(self, secret_hash: bytes, hint: str) -> None:
        """Replaces the secret; the old one stops working."""
        self.secret_hash, self.hint = secret_hash, hint


def api_key_hint(text: str) -> str:
    """The only part of a key that is shown later: its last four characters."""
    return f"****{text[-4:]}"


def _base62(number: int, length: int) -> str:
    digits = ""
    for _ in range(length):
        number, rest = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[rest] + digits
    return digits


def api_key_text(organization_id: UUID, random_part: int, *, brand: str = BRAND) -> str:
    """`org_{organization, 32 hex}_{26 random + 6 checksum characters}`; `random_part` has at least 154 random bits."""
    body = f"{brand}_{organization_id.hex}_{_base62(random_part, RANDOM_CHARACTERS)}"
    return body + _base62(zlib.crc32(body.encode()), _CHECK_CHARACTERS)


def looks_like_api_key(text: str, *, brand: str = BRAND) -> bool:
    """Whether a Bearer token has the prefix of an API key; it may be malformed."""
    return text.startswith(f"{brand}_")


def api_key_hash(text: str, *, brand: str = BRAND) -> bytes:
    """SHA-256 of a key. Raises Unauthenticated if its format or checksum is wrong."""
    body, check = text[:-_CHECK_CHARACTERS], text[-_CHECK_CHARACTERS:]
    start, _, rest = body.partition("_")
    organization, _, random_part = rest.partition("_")
    well_formed = (
        start == brand and len(organization) == 32 and len(random_part) == RANDOM_CHARACTERS and text.isascii()
    )
    if not well_formed or check != _base62(zlib.crc32(body.encode()), _CHECK_CHARACTERS):
        raise Unauthenticated("this is not a valid API key: check for missing characters")
    return hashlib.sha256(text.encode()).digest()
