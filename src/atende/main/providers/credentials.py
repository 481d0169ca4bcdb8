"""Password hashes, access tokens and refresh tokens."""

from datetime import timedelta
from pathlib import Path

from dishka import Provider, Scope, provide

from atende.core.identity.ports import (
    AccessTokens,
    PasswordHasher,
)
from atende.core.identity.signed_tokens import RefreshTokens
from atende.core.kernel import Invalid
from atende.main.providers.derived_keys import derived_keys
from atende.main.settings import Settings, SettingsError, seconds_of
from atende.outbound.security.jwt import JwtAccessTokens, SigningKey, hs256, rs256
from atende.outbound.security.passwords import Argon2id, Bcrypt, ThreadedPasswordHasher


class Credentials(Provider):
    scope = Scope.APP

    @provide
    def passwords(self, settings: Settings) -> PasswordHasher:
        bcrypt, argon = Bcrypt(settings.password_cost), Argon2id()
        schemes = (argon, bcrypt) if settings.password_hash == "argon2" else (bcrypt, argon)  # noqa: S105
        return ThreadedPasswordHasher(*schemes)

    @provide
    def access_tokens(self, settings: Settings) -> AccessTokens:
        return JwtAccessTokens(
            signing_keys(settings),
            issuer=settings.jwt_issuer or settings.public_url or "atende",
            audience=settings.jwt_audience,
            life=timedelta(seconds=seconds_of("JWT_EXPIRES_IN", settings.jwt_expires_in)),
        )

    @provide
    def refresh_tokens(self, settings: Settings) -> RefreshTokens:
        if not settings.jwt_refresh_secret:
            return RefreshTokens(derived_keys(settings, "refresh-tokens"))
        given = [settings.jwt_refresh_secret, *_several(settings.jwt_refresh_secrets_previous)]
        return RefreshTokens(tuple(secret.encode() for secret in given))


def signing_keys(settings: Settings) -> list[SigningKey]:
    """The one that signs, and those that only check. Raises SettingsError."""
    try:
        older = [hs256(secret) for secret in _several(settings.jwt_secrets_previous)]
        older += [rs256(_pem("JWT_PUBLIC_KEYS_PREVIOUS", one)) for one in _several(settings.jwt_public_keys_previous)]
        if settings.jwt_algorithm == "RS256":
            newest = rs256(_pem("JWT_PRIVATE_KEY", settings.jwt_private_key))
            if newest.sign is None:
                raise SettingsError("JWT_PRIVATE_KEY is a public key: give the private one")
            return [newest, *older]
        if settings.jwt_secret:
            return [hs256(settings.jwt_secret), *older]
        return [*(hs256(key.hex()) for key in derived_keys(settings, "access-tokens")), *older]
    except Invalid as error:
        raise SettingsError(f"a key for access tokens: {error.detail}") from error


def _pem(name: str, text: str) -> str:
    """The key itself, or what the file of this name holds."""
    if "-----BEGIN" in text:
        return text.replace("\\n", "\n")
    try:
        return Path(text).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{name} is neither a key in PEM nor a file with one") from error


def _several(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
