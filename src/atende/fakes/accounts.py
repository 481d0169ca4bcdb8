"""Our numbers as the side of their provider knows them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAccount:
    """A connected number. `signing` proves callbacks, `access` sends; both are known to the provider and to us."""

    kind: str
    external_id: str
    address: str
    provider_account: str
    signing: str
    access: str
