"""Settings of the HTTP API."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from secrets import token_bytes
from uuid import UUID

from atende.core.limits.policy import RatePolicy


@dataclass(frozen=True, slots=True)
class Webhook:
    """What is pasted at a provider: the URL that it calls, and what makes the verify token of an account, where it asks for one."""

    url: str
    verify_token: Callable[[UUID], str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebOptions:
    """Sizes in bytes, times in seconds."""

    aliases: bool = True
    """Whether the routes also answer under /api and /."""
    max_body: int = 1024 * 1024
    max_upload: int = 25 * 1024 * 1024
    version: str = "0"
    audit_reads: bool = False
    """Whether every GET of a known caller leaves an audit record."""
    idempotency_secret: bytes = b""
    """Keys the hashes of repeated requests."""
    cursor_keys: tuple[bytes, ...] = field(default_factory=lambda: (token_bytes(32),))
    """They sign the cursors of lists, the newest first; all processes share them."""
    takeover_timeout: float = 20.0
    """How long a takeover waits for a reply that is being sent."""
    takeover_retry_interval: float = 0.25
    stalled_after: float = 60.0
    """Work that waits longer than this is reported as degraded."""
    health_timeout: float = 5.0
    """How long the database may take to answer a health check."""
    rates: RatePolicy = field(default_factory=RatePolicy)
    trusted_proxy_hops: int = 0
    """How many of our own proxies stand in front, each adding to X-Forwarded-For."""
    cors_origins: tuple[str, ...] = ()
    """Origins whose pages may call the API; `*`: all others too, without cookies."""
    allowed_hosts: tuple[str, ...] = ()
    """Host names that are served; empty: any."""
    https: bool = False
    """Whether clients connect over HTTPS."""
    body_timeout: float = 30.0
    """How long a body may take to arrive, plus a second for every `body_bytes_per_second` bytes of it."""
    body_bytes_per_second: float = 8 * 1024.0
    credential_cache_seconds: float = 4.0
    """How long verified credentials are kept in memory: revoked ones stop working after that at the latest."""
    webhooks: Mapping[str, Webhook] = field(default_factory=dict)
    """What providers are told to call, by kind of channel."""
    registration_time_step: float = 0.5
    """Where nobody may learn which addresses are registered, registration answers after a multiple of this time."""
