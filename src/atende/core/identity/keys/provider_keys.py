"""The customers' own keys at AI providers. A key cannot be read again; only its last four characters are shown."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from atende.core.kernel import Invalid

FRESH = timedelta(seconds=5)
"""How long a key from the database is cached."""
SHORTEST, LONGEST = 8, 512


class AiProvider(StrEnum):
    FREEPIK = "freepik"
    REPLICATE = "replicate"
    OPENAI = "openai"
    ELEVENLABS = "elevenlabs"
    RUNWAY = "runway"
    MIDJOURNEY = "midjourney"


class ProviderNotAvailable(Invalid):
    """Keys of this provider can be stored, but not validated yet."""


class ProviderKeyRefused(Invalid):
    """The provider refuses this key: copy it again from your account there. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class ProviderSecret:
    """A key at a provider that can be sent in a header; `repr` hides it. Raises Invalid if it cannot be a key."""

    text: str

    def __post_init__(self) -> None:
        if not 0 < len(self.text) <= LONGEST or not self.text.isascii() or not self.text.isprintable():
            raise Invalid(f"a key must have 1 to {LONGEST} printable ASCII characters: copy it again")
        if " " in self.text:
            raise Invalid("a key cannot contain spaces: copy it again")

    def __repr__(self) -> str:
        return "ProviderSecret(***)"

    def require_length(self) -> None:
        """For keys that are stored, so that the hint does not reveal most of the key. Raises Invalid."""
        if len(self.text) < SHORTEST:
            raise Invalid(f"a key must have at least {SHORTEST} characters: copy it again")

    @property
    def hint(self) -> str:
        return f"****{self.text[-4:]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The provider's response about a key. `models`: the models that it offers for the key, if it lists them."""

    valid: bool
    error: str | None = None
    models: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class ProviderKey:
    """Data about a key, without the key itself. An organization has at most one key per provider.

    The customer sets `is_active`; `is_valid` is the provider's last response (true until it refuses the key).
    """

    id: UUID
    organization_id: UUID
    provider: AiProvider
    key_hint: str
    created_at: datetime
    updated_at: datetime
    is_active: bool = True
    is_valid: bool = True
    last_validated_at: datetime | None = None
    validation_error: str | None = None
    last_used_at: datetime | None = None
    total_requests: int = 0

    def replace(self, secret: ProviderSecret, now: datetime) -> None:
        """Replaces the key and resets the result of its validation."""
        self.key_hint, self.updated_at = secret.hint, now
        self.is_valid, self.last_validated_at, self.validation_error = True, None, None

    def judged(self, verdict: Verdict, now: datetime) -> None:
        self.is_valid, self.validation_error = verdict.valid, verdict.error
        self.last_validated_at = self.updated_at = now


def place_of(organization_id: UUID, provider: AiProvider) -> str:
    """The place to which an encrypted key is bound; it cannot be decrypted for another place."""
    return f"provider_key/{organization_id}/{provider}"
