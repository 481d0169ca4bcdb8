"""Removes secrets from stored responses: they are shown in the first response only."""

import json
from typing import Any

REDACTED = "shown once, in the first response"


def without_secrets(body: bytes, names: frozenset[str]) -> bytes:
    """The JSON text with all fields of these names replaced, at any depth."""
    if not names or not body:
        return body
    cleaned = _cleaned(json.loads(body), names)
    return json.dumps(cleaned, ensure_ascii=False, separators=(",", ":")).encode()


def _cleaned(value: Any, names: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {
            name: REDACTED if name in names and item is not None else _cleaned(item, names)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [_cleaned(item, names) for item in value]
    return value
