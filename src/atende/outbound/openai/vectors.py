"""Reading the vectors of an embedding response."""

import base64
import binascii
import math
import struct
from collections.abc import Sequence
from typing import Any

from atende.core.kernel import Unavailable, Unusable

UNIT = 1e-3
"""Largest difference from 1 of a vector's length that is not corrected."""

Vector = tuple[float, ...]


def read_vectors(response: dict[str, Any], *, count: int, dimension: int, model: str) -> list[Vector]:
    """One unit vector per text, in their order. Raises Unavailable if this is no list of vectors, and Unusable for flawed ones."""
    data = response.get("data")
    if not isinstance(data, list):
        raise Unavailable("the response of the embedding endpoint is not a list of vectors: check its base URL")
    return [_vector(one, dimension, model) for one in _in_order(data, count, model)]


def _in_order(data: Sequence[Any], count: int, model: str) -> list[Any]:
    """By `index`; in the order of the response if no vector has one."""
    items = [one for one in data if isinstance(one, dict)]
    if len(items) != len(data) or len(data) != count:
        raise Unusable(f"{model} did not return one vector per text: {len(data)} for {count}")
    places = [one.get("index") for one in items]
    if all(place is None for place in places):
        return [one.get("embedding") for one in items]
    if sorted(place for place in places if type(place) is int) != list(range(count)):
        raise Unusable(f"{model} did not return one vector per text: their `index` is not 0 to {count - 1}")
    by_place = {one["index"]: one.get("embedding") for one in items}
    return [by_place[place] for place in range(count)]


def _vector(given: Any, dimension: int, model: str) -> Vector:
    values = _unpacked(given) if isinstance(given, str) else given
    if not isinstance(values, list | tuple) or not all(type(value) in {float, int} for value in values):
        raise Unusable(f"{model} returned a vector that is not a list of numbers")
    if len(values) != dimension:
        raise Unusable(
            f"{model} returns vectors of {len(values)} numbers where {dimension} are set: "
            "change EMBEDDING_MODEL or EMBEDDING_DIMENSION"
        )
    try:
        length = math.sqrt(math.fsum(value * value for value in values))
    except OverflowError:
        length = math.inf
    if not math.isfinite(length) or not length:
        raise Unusable(f"{model} returned a vector with numbers that are not finite, or only zeros")
    if abs(length - 1) <= UNIT:
        return tuple(map(float, values))
    return tuple(value / length for value in values)


def _unpacked(text: str) -> Sequence[float] | None:
    """32-bit floats in base64, which OpenAI returns if asked to."""
    try:
        packed = base64.b64decode(text, validate=True)
        return struct.unpack(f"<{len(packed) // 4}f", packed)
    except (binascii.Error, struct.error, ValueError):
        return None
