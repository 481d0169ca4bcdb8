"""The customers' own keys at AI providers: write-only, shown by their last four characters."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from atende.core.kernel import Invalid

FRESH = timedelta(seconds=5)
"""How long a key that was looked up is used without looking again."""
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
    """A key at a provider, as it may stand in a header. It never shows itself. Raises Invalid for what cannot be one."""

    text: str

    def __post_init__(self) -> None:
        if not 0 < len(self.text) <= LONGEST or not self.text.isascii() or not self.text.isprintable():
            raise Invalid(f"a key has at most {LONGEST} printable ASCII characters")
        if " " in self.text:
            raise Invalid("a key has no spaces: copy it again")

    def __repr__(self) -> str:
        return "ProviderSecret(***)"

    def require_length(self) -> None:
        """Of a key that is kept: what its hint shows must not be most of it. Raises Invalid."""
        if len(self.text) < SHORTEST:
            raise Invalid(f"a key has at least {SHORTEST} characters: copy it again")

    @property
    def hint(self) -> str:
        return f"****{self.text[-4:]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a provider says of a key. `models`: what it lists for it, where it lists any."""

    valid: bool
    error: str | None = None
    models: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class ProviderKey:
    """All that is known of a key but the key itself. An organization has one for each provider.

    `is_active` is the customer's switch, `is_valid` what the provider said last (true until it says no).
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
        """Another key at the same provider: what was known of the one before does not hold for it."""
        self.key_hint, self.updated_at = secret.hint, now
        self.is_valid, self.last_validated_at, self.validation_error = True, None, None

    def judged(self, verdict: Verdict, now: datetime) -> None:
        self.is_valid, self.validation_error = verdict.valid, verdict.error
        self.last_validated_at = self.updated_at = now


def place_of(organization_id: UUID, provider: AiProvider) -> str:
    """What a key is sealed to: taken anywhere else it does not open."""
    return f"provider_key/{organization_id}/{provider}"
