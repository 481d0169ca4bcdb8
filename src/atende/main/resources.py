"""Finds migrations and demo documents, in a checkout or in the installed package."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
_CHECKOUT = _PACKAGE.parents[1]


def migrations() -> Path:
    return _find(_PACKAGE / "_shared" / "migrations", _CHECKOUT / "migrations")


def demo() -> Path:
    """The documents and the script of the demo."""
    return _find(_PACKAGE / "_shared" / "demo", _CHECKOUT / "docs" / "demo")


def _find(*places: Path) -> Path:
    for place in places:
        if place.is_dir():
            return place
    raise FileNotFoundError(f"atende is not installed completely: {places[0]} is missing")
