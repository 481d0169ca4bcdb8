"""The keys that stores of blobs accept."""

import re

from atende.core.kernel import Invalid

_PART = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.=-]{0,199}")
LONGEST = 1_000


def checked(key: str) -> list[str]:
    """The parts of a key. Raises Invalid for one that could lead elsewhere."""
    parts = key.split("/")
    if len(key) > LONGEST or not all(_PART.fullmatch(part) for part in parts):
        raise Invalid("this cannot be the key of a blob")
    return parts
