"""How often a test does what it does: enough for every day, or the figure of the reliability catalogue."""

import os


def figure(usual: int, *, full: int) -> int:
    """`full` with FULL_FIGURES=1 in the environment."""
    return full if os.environ.get("FULL_FIGURES") == "1" else usual
