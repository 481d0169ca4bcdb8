"""Answers as they are stored: a secret that is shown once is not shown twice."""

import json
from typing import Any

SHOWN = "shown once, in the first answer"


def without_secrets(body: bytes, names: frozenset[str]) -> bytes:
    """The JSON text with every field of these names replaced, at any depth; without names, the very same bytes."""
    if not names or not body:
        return body
    cleaned = _cleaned(json.loads(body), names)
    return json.dumps(cleaned, ensure_ascii=False, separators=(",", ":")).encode()


def _cleaned(value: Any, names: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {
            name: SHOWN if name in names and item is not None else _cleaned(item, names) for name, item in value.items()
        }
    if isinstance(value, list):
        return [_cleaned(item, names) for item in value]
    return value
