"""How often a test does what it does: a number for every day, or the larger one of the reliability catalogue."""

import os

import pytest

LONG_RUN = pytest.mark.long_run
"""For tests that use `figure`: `nox -s faults -- --full` runs them with their full numbers."""


def figure(usual: int, *, full: int) -> int:
    """`full` with FULL_FIGURES=1 in the environment."""
    return full if os.environ.get("FULL_FIGURES") == "1" else usual
