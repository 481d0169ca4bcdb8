"""Keys derived from the installation's key, one for each purpose, so that only one must be kept safe."""

import hashlib
import hmac

from atende.main.settings import Settings, SettingsError


def derived_keys(settings: Settings, purpose: str) -> tuple[bytes, ...]:
    """32 bytes each: of ENCRYPTION_KEY, then of ENCRYPTION_KEYS_PREVIOUS and ENCRYPTION_KEY_NEXT, which only check.

    Raises SettingsError.
    """
    given = [*_keys(settings), *filter(None, [settings.encryption_key_next])]
    return tuple(hmac.new(bytes.fromhex(key), f"atende/{purpose}".encode(), hashlib.sha256).digest() for key in given)


def numbered_keys(settings: Settings) -> tuple[dict[int, bytes], int]:
    """The keys that secrets are sealed with, by version, and the version that seals. Raises SettingsError."""
    given = _keys(settings)
    newest = settings.encryption_key_version or len(given)
    keys = {newest - age: bytes.fromhex(key) for age, key in enumerate(given)}
    if settings.encryption_key_next:
        keys[newest + 1] = bytes.fromhex(settings.encryption_key_next)
    return keys, newest


def _keys(settings: Settings) -> list[str]:
    """Newest first, in hex."""
    if not settings.encryption_key:
        raise SettingsError("ENCRYPTION_KEY is missing: make one with openssl rand -hex 32 and keep it safe")
    return [settings.encryption_key, *filter(None, settings.encryption_keys_previous.split(","))]
