"""`atende doctor`: which parts are real, which are fakes, what is missing or wrong. It changes nothing, and shows no secret."""

import json
import platform
from collections.abc import Iterator, Mapping
from dataclasses import fields
from importlib.metadata import version
from urllib.parse import parse_qs, unquote, urlsplit

from atende.main.commands.doctor import database as doctor_database
from atende.main.commands.doctor import external as doctor_outside
from atende.main.commands.doctor.part import Part, State
from atende.main.providers.configuration import read_settings
from atende.main.settings import Settings, SettingsError

_SECRETS = (
    "encryption_key",
    "encryption_keys_previous",
    "encryption_key_next",
    "freepik_api_key",
    "replicate_api_token",
    "elevenlabs_api_key",
    "openai_api_key",
    "embedding_api_key",
    "other_embedding_api_key",
    "qdrant_api_key",
    "s3_secret_access_key",
)
_URLS = (
    "database_url",
    "migration_database_url",
    "listen_database_url",
    "redis_url",
    "openai_base_url",
    "embedding_base_url",
    "other_embedding_base_url",
    "qdrant_url",
    "s3_endpoint",
    "public_url",
    "smtp_url",
)
_SHORTEST = 3
"""Characters of a secret that is worth hiding: hiding shorter ones would tear words apart."""


async def doctor(environ: Mapping[str, str], *, as_json: bool, **given: object) -> bool:
    """One line for each part. False when something that is needed is missing or wrong."""
    parts = [Part("atende", State.REAL, f"{version('atende')} on Python {platform.python_version()}")]
    try:
        settings = read_settings(environ, **given)
    except SettingsError as error:
        parts.append(Part("settings", State.WRONG, str(error)))
    else:
        parts += await doctor_database.look(settings) + await doctor_outside.look(settings)
        hidden = sorted(_secrets(settings), key=len, reverse=True)
        parts = [Part(part.name, part.state, _hide(part.detail, hidden)) for part in parts]
    ok = all(part.ok for part in parts)
    print(_as_json(parts, ok=ok) if as_json else _as_text(parts, ok=ok))
    return ok


def _as_json(parts: list[Part], *, ok: bool) -> str:
    rows = [{"name": part.name, "state": part.state, "ok": part.ok, "detail": part.detail} for part in parts]
    return json.dumps({"ok": ok, "parts": rows}, ensure_ascii=False)


def _as_text(parts: list[Part], *, ok: bool) -> str:
    lines = [f"  {part.name:<11} {part.state:<9} {part.detail}" for part in parts]
    wrong = ", ".join(part.name for part in parts if not part.ok)
    return "\n".join([*lines, "", "  Everything needed is there." if ok else f"  Not in order: {wrong}."])


def _secrets(settings: Settings) -> Iterator[str]:
    for name in _SECRETS:
        yield from (one for one in getattr(settings, name).split(",") if len(one) >= _SHORTEST)
    for group in settings.channels:
        for one in fields(group):  # type: ignore[arg-type]
            if one.metadata.get("secret") and len(text := getattr(group, one.name)) >= _SHORTEST:
                yield text
    for name in _URLS:
        yield from (one for one in _passwords(getattr(settings, name)) if len(one) >= _SHORTEST)


def _passwords(url: str) -> Iterator[str]:
    """As written and as meant. What cannot be taken apart is hidden as a whole."""
    try:
        parts = urlsplit(url)
        written = [parts.netloc.rpartition("@")[0].partition(":")[2], *parse_qs(parts.query).get("password", [])]
    except ValueError:
        written = [url]
    for one in written:
        yield one
        yield unquote(one)


def _hide(text: str, secrets: list[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "***")
    return " ".join(text.split())
