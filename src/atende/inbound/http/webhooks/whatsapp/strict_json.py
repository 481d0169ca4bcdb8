"""JSON with one meaning only: what a tolerant decoder would let pass is found, and kept apart item by item."""

import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn

import msgspec

from atende.inbound.http.webhooks.content import BadPayload

_HALF_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")
_SPACED_COLON = re.compile(rb"[\t\r\n]:")
_PLAIN_AS_NUMBER = re.compile(rb"\\u00[0-3]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """`suspect`: somewhere may be a repeated key, NaN or half a character; `flaw` says of each part whether it is there."""

    value: Any
    suspect: bool


class Repeated(dict[str, Any]):
    """An object in which a key stood twice."""


def decode(raw: bytes) -> Decoded:
    """One pass over the body. Raises BadPayload for what is not JSON in UTF-8, or nested too deeply."""
    plain = _decode_plain(raw)
    return plain if plain is not None else _decode_carefully(raw)


def _decode_plain(raw: bytes) -> Decoded | None:
    """The fast way, for nearly every body; None where it cannot say that each key stands once.

    It compares how often a quote and a colon follow each other: in the body after every key, and perhaps in texts; in what is
    written again from what was read, in the same texts and after every key that is left.
    """
    try:
        value = _fast.decode(raw)
        if not isinstance(value, dict) or _is_unusual(raw) or raw.count(b'":') != _encoder.encode(value).count(b'":'):
            return None
    except (ValueError, RecursionError):
        return None
    return Decoded(value, suspect=False)


def _is_unusual(raw: bytes) -> bool:
    """Whether something would spoil the count of keys: white space before a colon, or quotes, colons or spaces that are written
    as numbers. One byte is found much faster than a pattern, and most bodies have none of these.
    """
    if b" :" in raw or (b"\\" in raw and _PLAIN_AS_NUMBER.search(raw)):
        return True
    spaced = b"\n" in raw or b"\t" in raw or b"\r" in raw
    return spaced and _SPACED_COLON.search(raw) is not None


def _decode_carefully(raw: bytes) -> Decoded:
    try:
        text = raw.decode()
        try:
            return Decoded(_plain.decode(text), _HALF_CHARACTER.search(raw) is not None)
        except _SuspectError:
            return Decoded(_tolerant.decode(text), suspect=True)
    except (ValueError, RecursionError) as error:
        raise BadPayload("the body is not JSON in UTF-8") from error


def flaw(value: Any) -> str | None:
    """What is wrong with this value, if anything."""
    try:
        return _flaw(value)
    except RecursionError:
        return "nested too deeply"


def dump(value: Any) -> bytes:
    """The value as JSON again, for the operator and for parsing it another time."""
    try:
        return json.dumps(value).encode()
    except RecursionError as error:
        raise BadPayload("nested too deeply") from error


class _SuspectError(Exception):
    """A key stands twice, or a number is not finite."""


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
        raise _SuspectError
    return made


def _mark_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    return made if len(made) == len(pairs) else Repeated(made)


def _refuse_constant(_: str) -> NoReturn:
    raise _SuspectError


_fast = msgspec.json.Decoder()
_encoder = msgspec.json.Encoder()
_plain = json.JSONDecoder(object_pairs_hook=_no_repeats, parse_constant=_refuse_constant)
_tolerant = json.JSONDecoder(object_pairs_hook=_mark_repeats)
