"""API keys: what they look like, how long they live."""

import hashlib
import string
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import NewType
from uuid import UUID

from atende.core.kernel import InvalidState, Unauthenticated

Brand = NewType("Brand", str)
"""What the keys of an installation begin with, so that scanners of leaked secrets know them: 1 to 9 small letters and digits."""

BRAND = Brand("org")
_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
RANDOM_CHARACTERS = 26
_CHECK_CHARACTERS = 6
RANDOM_BITS = 160
PER_MINUTE = 1_000
"""Requests a minute that no key goes beyond."""
DEFAULT_SCOPES = ("read", "write")


@dataclass(slots=True, kw_only=True)
class ApiKey:
    """A key of an organization, perhaps of one project only. The secret itself is shown once and stored as its SHA-256."""

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
        """Raises InvalidState."""
        if not self.is_live(now):
            raise InvalidState("this API key is revoked or has expired: make a new one")

    def renew(self, secret_hash: bytes, hint: str) -> None:
        """Another secret in place of the present one, which opens nothing from now on."""
        self.secret_hash, self.hint = secret_hash, hint


def api_key_hint(text: str) -> str:
    """All that is ever shown of a key again."""
    return f"****{text[-4:]}"


def _base62(number: int, length: int) -> str:
    digits = ""
    for _ in range(length):
        number, rest = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[rest] + digits
    return digits


def api_key_text(organization_id: UUID, random_part: int, *, brand: str = BRAND) -> str:
    """`org_{organization, 32 hex}_{26 random + 6 check characters}`; `random_part` holds at least 154 random bits."""
    body = f"{brand}_{organization_id.hex}_{_base62(random_part, RANDOM_CHARACTERS)}"
    return body + _base62(zlib.crc32(body.encode()), _CHECK_CHARACTERS)


def looks_like_api_key(text: str, *, brand: str = BRAND) -> bool:
    """Whether a Bearer token is meant to be an API key, well-formed or not."""
    return text.startswith(f"{brand}_")


def api_key_hash(text: str, *, brand: str = BRAND) -> bytes:
    """SHA-256 of a well-formed key. Raises Unauthenticated for a typo, without asking anybody."""
    body, check = text[:-_CHECK_CHARACTERS], text[-_CHECK_CHARACTERS:]
    start, _, rest = body.partition("_")
    organization, _, random_part = rest.partition("_")
    well_formed = (
        start == brand and len(organization) == 32 and len(random_part) == RANDOM_CHARACTERS and text.isascii()
    )
    if not well_formed or check != _base62(zlib.crc32(body.encode()), _CHECK_CHARACTERS):
        raise Unauthenticated("this is not an API key of ours: check for missing characters")
    return hashlib.sha256(text.encode()).digest()
