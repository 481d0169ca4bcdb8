"""How the doubles tell people apart."""

import re

_BRAZIL_WITH_NINTH = 13


def digits(address: str) -> str:
    """As WhatsApp writes people; user ids (`BR.1234`) stay as they are."""
    return address if "." in address else re.sub(r"\D", "", address)


def person(address: str) -> str:
    """One person, with or without the Brazilian ninth digit."""
    found = digits(address)
    with_ninth = found.startswith("55") and len(found) == _BRAZIL_WITH_NINTH and found[4] == "9"
    return found[:4] + found[5:] if with_ninth else found
