"""Reads request bodies: JSON that has one meaning only, and text that can be stored."""

import json
import math
import unicodedata
from collections.abc import AsyncGenerator
from typing import Any, NoReturn

import msgspec
from litestar import Request
from litestar.exceptions import InternalServerException, ValidationException

from atende.core.identity.principal import Principal
from atende.core.kernel import MAX_MARKS, without_piles

MAX_DEPTH = 64
MAX_ITEMS = 10_000
MAX_TEXT = 65_536
MAX_INTEGER = 2**63
EXACT = 2**53
"""Up to here every whole number is exact as a float."""


class BadBody(ValidationException):
    """The body is not what it claims to be."""

    def __init__(self, message: str, *, key: str = "data") -> None:
        super().__init__(detail=message, extra=[{"key": key, "message": message, "source": "body"}])


class StrictRequest(Request[Principal, Any, Any]):
    """A request that reads JSON by `strict_json`; a client that disconnects is not logged as an error."""

    async def stream(self) -> AsyncGenerator[bytes, None]:
        try:
            async for part in super().stream():
                yield part
        except InternalServerException as error:  # raised when the client has disconnected
            raise BadBody("the body ended before it was complete") from error

    async def json(self) -> Any:
        """The body as the type that the route declares, without coercion: `"1"` is not accepted for 1, nor 0 for false."""
        value = strict_json(await self.body())
        wanted = self.route_handler.parsed_data_field
        try:
            return value if wanted is None else msgspec.convert(value, wanted.annotation)
        except msgspec.ValidationError as error:
            message, _, path = str(error).partition(" - at `$.")
            raise BadBody(message, key=path.rstrip("`") or "data") from error


def strict_json(raw: bytes | str, *, key: str = "data") -> Any:
    """The value of a JSON text, its strings in NFC.

    Raises BadBody for JSON that parsers read differently or that cannot be stored: NaN, infinite or huge numbers, repeated keys,
    NUL, lone surrogates, more than 64 levels, lists of more than 10,000 items, strings of more than 65,536 characters.
    """
    try:
        text = raw.decode() if isinstance(raw, bytes) else raw
        value = _decoder.decode(text)
        return _clean(value, MAX_DEPTH)
    except UnicodeDecodeError as error:
        raise BadBody("this is not UTF-8", key=key) from error
    except json.JSONDecodeError as error:
        raise BadBody(f"this is not JSON: {error.msg} at character {error.pos}", key=key) from error
    except RecursionError as error:
        raise BadBody(f"this is nested deeper than {MAX_DEPTH} levels", key=key) from error
    except ValueError as error:
        raise BadBody(str(error), key=key) from error


def clean_text(text: str, *, key: str) -> str:
    """The text in NFC. Raises BadBody for NUL, lone surrogates and more than 65,536 characters."""
    try:
        return _clean_text(text)
    except ValueError as error:
        raise BadBody(str(error), key=key) from error


async def readable_form(request: Request[Any, Any, Any]) -> None:
    """Runs before handlers of forms. Raises BadBody for a field in an unknown or broken encoding."""
    try:
        await request.form()
    except (UnicodeError, LookupError) as error:
        raise BadBody("a field of the form is not in its declared encoding; send UTF-8") from error


def _clean(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return _clean_text(value)
    if isinstance(value, dict | list):
        if not depth:
            raise ValueError(f"this is nested deeper than {MAX_DEPTH} levels")
        if len(value) > MAX_ITEMS:
            raise ValueError(f"a list or an object has more than {MAX_ITEMS} items")
        if isinstance(value, list):
            return [_clean(item, depth - 1) for item in value]
        return {_clean_text(name): _clean(item, depth - 1) for name, item in value.items()}
    if isinstance(value, float):
        return _clean_number(value)
    if isinstance(value, int) and not -MAX_INTEGER <= value < MAX_INTEGER:
        raise ValueError("a whole number has more than 64 bits")
    return value


def _clean_number(value: float) -> float:
    """2.0 is a whole number in JSON."""
    if not math.isfinite(value):
        raise ValueError("a number is too large")
    return int(value) if value.is_integer() and abs(value) <= EXACT else value


def _clean_text(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise ValueError(f"a text has more than {MAX_TEXT} characters")
    if text.isascii():
        if "\0" in text:
            raise ValueError("a text contains the character NUL")
        return text
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("a text contains NUL or a lone surrogate")
    if without_piles(text) != text:
        raise ValueError(f"a letter has more than {MAX_MARKS} combining marks")
    return unicodedata.normalize("NFC", text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key occurs twice in one object")
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


_decoder = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refuse)
