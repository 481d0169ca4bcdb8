"""Settings: checked once, then handed on as plain values."""

import os
import re
from dataclasses import dataclass, field, replace
from email.utils import parseaddr
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from atende.main.settings.values import SettingsError, check_number, check_url, listed, seconds_of

G = TypeVar("G")


def default_data_dir() -> Path:
    """Where an embedded installation keeps its data: the system's place for root, the user's own for everybody else."""
    if os.geteuid() == 0:
        return Path("/var/lib/atende")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "atende"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting, by its environment variable in lower case. Times are seconds.

    `database_url` empty: PostgreSQL is embedded, in `data_dir`. Base URLs empty: the provider itself, or its fake when
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
    encryption_key_next: str = ""
    encryption_key_version: int = 0
    api_key_brand: str = "org"

    jwt_algorithm: str = "HS256"
    jwt_secret: str = ""
    jwt_secrets_previous: str = ""
    jwt_private_key: str = ""
    jwt_public_keys_previous: str = ""
    jwt_expires_in: str = "15m"
    jwt_issuer: str = ""
    jwt_audience: str = "atende"
    jwt_refresh_secret: str = ""
    jwt_refresh_secrets_previous: str = ""
    password_hash: str = "bcrypt"  # noqa: S105
    password_cost: int = 12
    email_verification: str = "off"
    auth_cache_seconds: float = 4.0
    login_per_address: int = 60
    login_per_account: int = 20

    openai_api_key: str = ""
    openai_base_url: str = ""
    openai_llm_model: str = "gpt-4o"
    openai_llm_credits: str = ""
    openai_embedding_model: str = "text-embedding-3-large"
    openai_embedding_dimension: int = 1536
    openai_embeddings_per_minute: int = 500
    openai_keys_base_url: str = ""
    embedding_base_url: str = ""
    embedding_api_key: str = ""
    embedding_model: str = ""
    embedding_dimension: int = 0
    embedding_credits: str = ""
    other_embedding_base_url: str = ""
    other_embedding_api_key: str = ""
    other_embedding_model: str = ""
    other_embedding_dimension: int = 0
    other_embedding_credits: str = ""

    clamd_url: str = ""
    qdrant_url: str = ""
    qdrant_api_key: str = ""
    qdrant_prefix: str = "documents"

    freepik_api_key: str = ""
    freepik_base_url: str = ""
    replicate_api_token: str = ""
    replicate_base_url: str = ""
    elevenlabs_api_key: str = ""
    elevenlabs_base_url: str = ""

    s3_bucket: str = ""
    s3_endpoint: str = ""
    s3_region: str = "us-east-1"
    s3_access_key_id: str = ""
    s3_secret_access_key: str = ""
    s3_force_path_style: bool = False
    s3_prefix: str = ""
    s3_encryption: str = "auto"
    s3_kms_key_id: str = ""

    channels: tuple[object, ...] = ()
    """The group of settings of each channel vendor, as its composition file declares it; missing ones have their defaults."""

    smtp_url: str = ""
    mail_from: str = ""
    frontend_url: str = ""

    path_aliases: bool = True
    max_body_bytes: int = 1024 * 1024
    max_upload_bytes: int = 25 * 1024 * 1024
    trusted_proxy_hops: int = 0
    allowed_hosts: str = ""
    cors_origin: str = ""

    rate_limit_max: int = 100
    rate_limit_ttl: int = 60
    api_key_rate_limit: int = 1_000
    user_rate_limit: int = 1_000
    plan_rates: str = "ai"
    rate_limit_store: str = "auto"

    answer_links: str = "quoted"
    answer_link_hosts: str = ""

    audit_reads: bool = False
    enforce_plan_seats: bool = False

    burst_window: float = 3.0
    burst_cap: float = 12.0
    turn_max_age: float = 6 * 3600.0
    turn_min_score: float = 0.5
    send_doubt: float = 60.0
    closure_strategy: str = "trained"

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
        self._one_of("plan_rates", "ai", "all")
        self._one_of("answer_links", "quoted", "listed")
        self._one_of("closure_strategy", "trained", "rules")
        self._one_of("rate_limit_store", "auto", "redis", "postgres", "memory")
        self._edge()
        self._numbers()
        for name in ("database_url", "migration_database_url", "listen_database_url"):
            self._url(name, "postgresql://", "postgres://")
        self._files()
        self._url("redis_url", "redis://", "rediss://", "unix://")
        self._url("qdrant_url", "http://", "https://")
        self._url("clamd_url", "tcp://", "unix://")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,60}", self.qdrant_prefix):
            raise SettingsError("QDRANT_PREFIX must be 1 to 60 letters, digits and _ -")
        self._mail()
        for name in ("public_url", "frontend_url", "openai_base_url", "embedding_base_url", "other_embedding_base_url"):
            self._url(name, "http://", "https://")
        for name in ("openai_keys_base_url", "freepik_base_url", "replicate_base_url", "elevenlabs_base_url"):
            self._url(name, "http://", "https://")
        self._key_names()
        for name in ("encryption_key", "encryption_keys_previous", "encryption_key_next"):
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
        self._signing_in()

    def channel(self, group: type[G]) -> G:
        """The settings of one channel vendor."""
        return next((one for one in self.channels if isinstance(one, group)), None) or group()

    def with_channel(self, group: object) -> "Settings":
        """The same with other settings of one channel vendor."""
        others = tuple(one for one in self.channels if type(one) is not type(group))
        return replace(self, channels=(*others, group))

    @property
    def embedded(self) -> bool:
        return not self.database_url

    @property
    def limits_store(self) -> str:
        """Where calls are counted."""
        if self.rate_limit_store != "auto":
            return self.rate_limit_store
        return "redis" if self.redis_url else "memory" if self.embedded else "postgres"

    @property
    def qdrant_collection(self) -> str:
        """One for each environment."""
        return f"{self.qdrant_prefix}_{self.app_env}"

    @property
    def model_is_real(self) -> bool:
        return bool(self.openai_api_key or self.openai_base_url)

    def _key_names(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9]{0,8}", self.api_key_brand):
            raise SettingsError("API_KEY_BRAND must be 1 to 9 small letters and digits, the first one a letter")
        known = 1 + len([key for key in self.encryption_keys_previous.split(",") if key])
        if self.encryption_key_version and not known <= self.encryption_key_version <= 254:
            raise SettingsError(
                f"ENCRYPTION_KEY_VERSION must be between {known} (the number of keys that are set) and 254, or 0"
            )

    def _numbers(self) -> None:
        if not 0 <= self.port <= 65_535:
            raise SettingsError(f"PORT must be between 0 and 65535; it is {self.port}")
        if not 0 < self.job_heartbeat * 2 <= self.job_lease:
            raise SettingsError("JOB_HEARTBEAT must be at most half of JOB_LEASE, both above 0")
        if not 0 <= self.burst_window <= self.burst_cap:
            raise SettingsError("BURST_WINDOW must be between 0 and BURST_CAP")
        if not (0 <= self.embedding_dimension <= 16_000 and 0 < self.openai_embedding_dimension <= 16_000):
            raise SettingsError("EMBEDDING_DIMENSION and OPENAI_EMBEDDING_DIMENSION must be between 1 and 16000")
        if self.other_embedding_model and not 0 < self.other_embedding_dimension <= 16_000:
            raise SettingsError(
                "OTHER_EMBEDDING_DIMENSION must be between 1 and 16000: what OTHER_EMBEDDING_MODEL returns"
            )

    def _mail(self) -> None:
        self._url("smtp_url", "smtp://", "smtps://")
        if not self.smtp_url:
            return
        try:
            whole = bool(urlsplit(self.smtp_url).hostname) and urlsplit(self.smtp_url).port != 0
        except ValueError:
            whole = False
        if not whole:
            raise SettingsError(
                "SMTP_URL must look like smtp://user:password@host:587, signs such as @ and : as %40 and %3A"
            )
        if "@" not in parseaddr(self.mail_from)[1]:
            raise SettingsError("MAIL_FROM must be the address that mail comes from, such as Shop <mail@shop.example>")

    def _files(self) -> None:
        self._url("s3_endpoint", "http://", "https://")
        self._one_of("s3_encryption", "auto", "none", "AES256", "aws:kms")
        if self.s3_endpoint and not self.s3_bucket:
            raise SettingsError("S3_BUCKET is missing: the bucket at S3_ENDPOINT for the files")
        if bool(self.s3_access_key_id) != bool(self.s3_secret_access_key):
            raise SettingsError("S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY belong together: set both or none")
        if not re.fullmatch(r"[A-Za-z0-9_=-]{0,100}", self.s3_prefix):
            raise SettingsError("S3_PREFIX must be one name of letters, digits and _ - =, without a slash")

    def _edge(self) -> None:
        for host in listed(self.answer_link_hosts):
            if not re.fullmatch(r"\.?([a-z0-9-]+\.)+[a-z0-9-]+", host):
                raise SettingsError(f"ANSWER_LINK_HOSTS has {host!r}: write hosts such as shop.example,.cdn.example")
        calls = ("rate_limit_max", "rate_limit_ttl", "api_key_rate_limit", "user_rate_limit")
        for name in (*calls, "openai_embeddings_per_minute"):
            check_number(name.upper(), getattr(self, name))
        if self.rate_limit_store == "redis" and not self.redis_url:
            raise SettingsError("RATE_LIMIT_STORE is redis, but REDIS_URL is missing")
        if not 0 <= self.trusted_proxy_hops <= 16:
            raise SettingsError("TRUSTED_PROXY_HOPS must be between 0 and 16: how many proxies of yours stand in front")
        if not 1_024 <= self.max_body_bytes <= 50 * 1024 * 1024:
            raise SettingsError("MAX_BODY_BYTES must be between 1024 and 52428800 (50 MB)")
        for origin in listed(self.cors_origin):
            if not re.fullmatch(r"\*|https?://[A-Za-z0-9.-]+(:\d{1,5})?|https?://\[[0-9a-fA-F:]+\](:\d{1,5})?", origin):
                raise SettingsError(
                    f"CORS_ORIGIN has {origin!r}: write origins such as https://app.example, separated by commas, without a path"
                )

    def _signing_in(self) -> None:
        self._one_of("jwt_algorithm", "HS256", "RS256")
        self._one_of("password_hash", "bcrypt", "argon2")
        self._one_of("email_verification", "off", "required")
        seconds_of("JWT_EXPIRES_IN", self.jwt_expires_in)
        if not 4 <= self.password_cost <= 16 or (self.app_env == "production" and self.password_cost < 10):
            raise SettingsError("PASSWORD_COST must be between 10 and 16")
        if not 0 <= self.auth_cache_seconds <= 5:
            raise SettingsError(
                "AUTH_CACHE_SECONDS must be between 0 and 5: a longer time would let revoked keys work for longer"
            )
        if min(self.login_per_address, self.login_per_account) < 1:
            raise SettingsError("LOGIN_PER_ADDRESS and LOGIN_PER_ACCOUNT must be 1 or more")
        signing = "jwt_private_key" if self.jwt_algorithm == "RS256" else "jwt_secret"
        if signing == "jwt_private_key" and not self.jwt_private_key:
            raise SettingsError("JWT_PRIVATE_KEY is missing: RS256 takes an RSA key, see openssl genrsa")
        for name in (signing, "jwt_refresh_secret") if self.database_url and self.app_env == "production" else ():
            if not getattr(self, name):
                raise SettingsError(f"{name.upper()} is missing: make one with openssl rand -hex 32 and keep it safe")
        for name in ("jwt_secret", "jwt_secrets_previous", "jwt_refresh_secret", "jwt_refresh_secrets_previous"):
            if any(len(one) < 32 for one in filter(None, getattr(self, name).split(","))):
                raise SettingsError(
                    f"{name.upper()} must have at least 32 characters: make one with openssl rand -hex 32"
                )
        if self.jwt_secret and self.jwt_secret == self.jwt_refresh_secret:
            raise SettingsError("JWT_REFRESH_SECRET must not be the same as JWT_SECRET")

    def _one_of(self, name: str, *allowed: str) -> None:
        if getattr(self, name) not in allowed:
            raise SettingsError(f"{name.upper()} is {getattr(self, name)!r}; it must be one of: {', '.join(allowed)}")

    def _url(self, name: str, *starts: str) -> None:
        check_url(name.upper(), getattr(self, name), *starts)
