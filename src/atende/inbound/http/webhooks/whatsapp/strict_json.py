"""What the fast JSON decoder lets pass, and what it stumbles over as a whole: repeated keys, NaN, lone surrogates."""

import json
from typing import Any

from atende.inbound.http.webhooks.items import BadPayload


class Repeated(dict[str, Any]):
    """An object in which a key stood twice."""


def is_plain(raw: bytes) -> bool:
    """Whether the body is JSON without repeated keys. NaN and half characters pass here: the fast decoder refuses them."""
    try:
        _plain.decode(raw.decode())
    except (ValueError, RecursionError):
        return False
    return True


def tolerant(raw: bytes) -> Any:
    """The value of a body that is JSON but for NaN, repeated keys (as Repeated) or lone surrogates. Raises BadPayload."""
    try:
        return _tolerant.decode(raw.decode())
    except (ValueError, RecursionError) as error:
        raise BadPayload("the body is not JSON in UTF-8") from error


def flaw(value: Any) -> str | None:
    """What is wrong with this value, if anything."""
    try:
        return _flaw(value)
    except RecursionError:
        return "nested too deeply"


def dump(value: Any) -> bytes:
    try:
        return json.dumps(value).encode()
    except RecursionError as error:
        raise BadPayload("nested too deeply") from error


def _flaw(value: Any) -> str | None:
    if isinstance(value, Repeated):
        return "a key stands twice"
    if isinstance(value, dict):
        return next((found for part in value.items() for side in part if (found := _flaw(side))), None)
    if isinstance(value, list):
        return next((found for part in value if (found := _flaw(part))), None)
    if isinstance(value, float):
        return None if -1e308 < value < 1e308 else "a number is not finite"
    if isinstance(value, str) and not value.isascii():
        return "half of a character" if any("\ud800" <= letter <= "\udfff" for letter in value) else None
    return None


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key stands twice")
    return made


def _mark_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    return made if len(made) == len(pairs) else Repeated(made)


_plain = json.JSONDecoder(object_pairs_hook=_no_repeats)
_tolerant = json.JSONDecoder(object_pairs_hook=_mark_repeats)
