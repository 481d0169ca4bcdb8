"""What the HTTP API can be told."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WebOptions:
    """Sizes in bytes, times in seconds.

    `aliases`: the routes also answer under /api and /. `takeover_patience`: how long a takeover waits for a reply that is on its
    way. `stalled_after`: work that waits longer than this is called degraded. `health_patience`: how long the database may take to
    say how it is.
    """

    aliases: bool = True
    max_body: int = 1024 * 1024
    largest_upload: int = 25 * 1024 * 1024
    version: str = "0"
    takeover_patience: float = 20.0
    takeover_pause: float = 0.25
    stalled_after: float = 60.0
    health_patience: float = 5.0
