"""Phone numbers as the fakes compare them."""

import re

_BRAZIL_WITH_NINTH = 13


def digits(address: str) -> str:
    """The digits of a number, as in WhatsApp's ids; user ids (`BR.1234`) are not changed."""
    return address if "." in address else re.sub(r"\D", "", address)


def person(address: str) -> str:
    """The same text for a number with and without the Brazilian ninth digit."""
    found = digits(address)
    with_ninth = found.startswith("55") and len(found) == _BRAZIL_WITH_NINTH and found[4] == "9"
    return found[:4] + found[5:] if with_ninth else found
