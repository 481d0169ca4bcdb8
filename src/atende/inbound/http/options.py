"""What the HTTP API can be told."""

from dataclasses import dataclass, field
from secrets import token_bytes

from atende.core.limits.policy import RatePolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class WebOptions:
    """Sizes in bytes, times in seconds.

    `aliases`: the routes also answer under /api and /. `takeover_patience`: how long a takeover waits for a reply that is on its
    way. `stalled_after`: work that waits longer than this is called degraded. `health_patience`: how long the database may take to
    say how it is. `trusted_proxy_hops`: how many proxies of ours stand in front, each adding to X-Forwarded-For. `cors_origins`:
    whose pages may call, `*` anybody's without cookies. `allowed_hosts`: names that are ours; none: any. `https`: callers reach us
    over it. `body_patience`: how long a body may take, and a second longer for every `body_pace` bytes that have come.
    """

    aliases: bool = True
    max_body: int = 1024 * 1024
    largest_upload: int = 25 * 1024 * 1024
    version: str = "0"
    audit_reads: bool = False
    idempotency_secret: bytes = b""
    cursor_keys: tuple[bytes, ...] = field(default_factory=lambda: (token_bytes(32),))
    """They sign the cursors of lists, the newest first; all processes share them."""
    takeover_patience: float = 20.0
    takeover_pause: float = 0.25
    stalled_after: float = 60.0
    health_patience: float = 5.0
    rates: RatePolicy = field(default_factory=RatePolicy)
    trusted_proxy_hops: int = 0
    cors_origins: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    https: bool = False
    body_patience: float = 30.0
    body_pace: float = 8 * 1024.0
    access_seconds: float = 4.0
    """How long who stands behind credentials is remembered: what is revoked opens nothing after that."""
    even_answers: float = 0.5
    """Where nobody may learn which addresses are registered, registration answers at whole multiples of so many seconds."""
