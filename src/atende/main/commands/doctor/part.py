"""One line of the doctor's report."""

from dataclasses import dataclass
from enum import StrEnum

PATIENCE = 5.0
"""Seconds that a part may take to answer."""


class State(StrEnum):
    """`built-in`: our own, for good. `fake`: it stands in for a provider. `off`: not set up, and not needed for what is."""

    REAL = "real"
    BUILT_IN = "built-in"
    FAKE = "fake"
    OFF = "off"
    MISSING = "missing"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    state: State
    detail: str

    @property
    def ok(self) -> bool:
        return self.state not in {State.MISSING, State.WRONG}
