"""The figures that decide about a turn."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnPolicy:
    """`max_age`: an older message is left to a person. `doubt`: how long to wait for proof of a doubtful send.

    `min_score`: passages with a lower score (0 to 1) are not shown to the model.
    """

    max_age: timedelta = timedelta(hours=6)
    doubt: timedelta = timedelta(seconds=60)
    min_score: float = 0.5
