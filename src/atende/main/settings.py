"""Settings: read once from the environment, checked once, then handed on as plain values."""

import os
import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path


class SettingsError(Exception):
    """A setting is missing or wrong; the message is one line that says which, and what to do."""


def default_data_dir() -> Path:
    """Where an embedded installation keeps its data: the system's place for root, the user's own for everybody else."""
    if os.geteuid() == 0:
        return Path("/var/lib/atende")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "atende"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting, by its environment variable in lower case. Times are seconds.

    `database_url` empty: PostgreSQL is embedded, in `data_dir`. Base URLs empty: the provider itself, or its double when
    the database is embedded.
    """

    app_env: str = "development"
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""
    data_dir: Path = field(default_factory=default_data_dir)

    database_url: str = ""
    migration_database_url: str = ""
    listen_database_url: str = ""
    database_pool_size: int = 10
    redis_url: str = ""

    encryption_key: str = ""
    encryption_keys_previous: str = ""

    openai_api_key: str = ""
    openai_base_url: str = ""
    openai_llm_model: str = "gpt-4o"
    openai_embedding_model: str = "text-embedding-3-large"
    openai_embedding_dimension: int = 1536

    twilio_base_url: str = ""
    whatsapp_base_url: str = ""
    whatsapp_api_version: str = "v18.0"
    whatsapp_webhook_secret: str = ""
    whatsapp_verify_token: str = ""

    path_aliases: bool = True
    max_body_bytes: int = 1024 * 1024
    max_upload_bytes: int = 25 * 1024 * 1024

    burst_window: float = 3.0
    burst_cap: float = 12.0
    turn_max_age: float = 6 * 3600.0
    turn_min_score: float = 0.5
    send_doubt: float = 60.0

    worker_slots: int = 32
    job_lease: float = 30.0
    job_heartbeat: float = 10.0
    job_poll: float = 1.0
    stop_grace: float = 25.0

    log_level: str = "info"
    log_format: str = "json"

    def __post_init__(self) -> None:
        self._one_of("app_env", "development", "test", "staging", "production")
        self._one_of("log_level", "debug", "info", "warning", "error")
        self._one_of("log_format", "json", "text")
        self._numbers()
        for name in ("database_url", "migration_database_url", "listen_database_url"):
            self._url(name, "postgresql://", "postgres://")
        self._url("redis_url", "redis://", "rediss://", "unix://")
        for name in ("public_url", "openai_base_url", "twilio_base_url", "whatsapp_base_url"):
            self._url(name, "http://", "https://")
        for name in ("encryption_key", *(["encryption_keys_previous"] if self.encryption_keys_previous else [])):
            for key in filter(None, getattr(self, name).split(",")):
                if not re.fullmatch(r"[0-9a-fA-F]{64}", key):
                    raise SettingsError(
                        f"{name.upper()} must be 32 bytes as 64 hex digits: make one with openssl rand -hex 32"
                    )
        if self.database_url and not self.encryption_key:
            raise SettingsError("ENCRYPTION_KEY is missing: make one with openssl rand -hex 32 and keep it safe")
        if self.database_url and not self.public_url and self.app_env == "production":
            raise SettingsError(
                "PUBLIC_URL is missing: the https address that providers were given for their callbacks"
            )

    @property
    def embedded(self) -> bool:
        return not self.database_url

    @property
    def model_is_real(self) -> bool:
        return bool(self.openai_api_key or self.openai_base_url)

    def _numbers(self) -> None:
        if not 0 <= self.port <= 65_535:
            raise SettingsError(f"PORT must be between 0 and 65535; it is {self.port}")
        if not 0 < self.job_heartbeat * 2 <= self.job_lease:
            raise SettingsError("JOB_HEARTBEAT must be at most half of JOB_LEASE, both above 0")
        if not 0 <= self.burst_window <= self.burst_cap:
            raise SettingsError("BURST_WINDOW must be between 0 and BURST_CAP")

    def _one_of(self, name: str, *allowed: str) -> None:
        if getattr(self, name) not in allowed:
            raise SettingsError(f"{name.upper()} is {getattr(self, name)!r}; it must be one of: {', '.join(allowed)}")

    def _url(self, name: str, *starts: str) -> None:
        value = getattr(self, name)
        if value and not value.startswith(starts):
            raise SettingsError(f"{name.upper()} must start with {' or '.join(starts)}")


_YES, _NO = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


def read_settings(environ: Mapping[str, str], **given: object) -> Settings:
    """From the environment; `given` values win. Raises SettingsError."""
    found: dict[str, object] = {}
    for one in fields(Settings):
        name = one.name.upper()
        if name in environ and environ[name] != "":
            found[one.name] = _converted(name, environ[name], Path if one.default is MISSING else type(one.default))
    return Settings(**(found | given))  # type: ignore[arg-type]


def _converted(name: str, text: str, kind: type) -> object:
    if kind is bool:
        if text.lower() not in _YES | _NO:
            raise SettingsError(f"{name} is {text!r}; it must be true or false")
        return text.lower() in _YES
    if kind in {int, float}:
        try:
            return kind(text)
        except ValueError:
            raise SettingsError(f"{name} is {text!r}; it must be a number") from None
    return Path(text) if issubclass(kind, Path) else text
