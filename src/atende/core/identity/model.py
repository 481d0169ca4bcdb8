"""Who calls: API keys and what they permit."""

import hashlib
import string
import zlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from atende.core.kernel import NotAllowed, Unauthenticated

BRAND = "org"
_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
RANDOM_CHARACTERS = 26
_CHECK_CHARACTERS = 6


class Permission(StrEnum):
    """Declared on every route; the scopes of a key are a set of these, or `*`."""

    CONVERSATIONS_READ = "conversations:read"
    CONVERSATIONS_ATTEND = "conversations:attend"
    DOCUMENTS_READ = "documents:read"
    DOCUMENTS_WRITE = "documents:write"
    RAG_QUERY = "rag:query"
    CREDITS_READ = "credits:read"
    JOBS_READ = "jobs:read"
    JOBS_MANAGE = "jobs:manage"


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
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def is_live(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who a request acts for."""

    organization_id: UUID
    key_id: UUID
    scopes: frozenset[str]
    project_id: UUID | None = None

    def require(self, permission: Permission) -> None:
        if "*" not in self.scopes and permission not in self.scopes:
            raise NotAllowed(f"this key lacks the permission {permission}")


def _base62(number: int, length: int) -> str:
    digits = ""
    for _ in range(length):
        number, rest = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[rest] + digits
    return digits


def api_key_text(organization_id: UUID, random_part: int) -> str:
    """`org_{organization, 32 hex}_{26 random + 6 check characters}`; `random_part` holds at least 154 random bits."""
    body = f"{BRAND}_{organization_id.hex}_{_base62(random_part, RANDOM_CHARACTERS)}"
    return body + _base62(zlib.crc32(body.encode()), _CHECK_CHARACTERS)


def api_key_hash(text: str) -> bytes:
    """SHA-256 of a well-formed key. Raises Unauthenticated for a typo, without asking anybody."""
    body, check = text[:-_CHECK_CHARACTERS], text[-_CHECK_CHARACTERS:]
    brand, _, rest = body.partition("_")
    organization, _, random_part = rest.partition("_")
    well_formed = (
        brand == BRAND and len(organization) == 32 and len(random_part) == RANDOM_CHARACTERS and text.isascii()
    )
    if not well_formed or check != _base62(zlib.crc32(body.encode()), _CHECK_CHARACTERS):
        raise Unauthenticated("this is not an API key of ours: check for missing characters")
    return hashlib.sha256(text.encode()).digest()
