"""Our numbers, as their provider knows them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAccount:
    """A connected number. `signing` is the secret that signs callbacks, `access` the one for sending; both sides know them."""

    kind: str
    external_id: str
    address: str
    provider_account: str
    signing: str
    access: str
