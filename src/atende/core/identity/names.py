"""Names and e-mail addresses of people."""

import re
import unicodedata

from atende.core.kernel import Invalid, checked_name, is_plain

_WORD = r"[\w!#$%&'*+/=?^`{|}~-]+"
_LOCAL = re.compile(rf"(?=.{{1,64}}$){_WORD}(\.{_WORD})*")
_LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"({_LABEL}\.)+(?![0-9]+$){_LABEL}")
_FILLERS = re.compile("[\u115f\u1160\u3164\uffa0]")
"""Invisible letters."""
_DOUBTFUL = re.compile("[ßẞς\u200c\u200d]")
"""IDNA 2003 and IDNA 2008 read these differently, so that mail might go to another host."""


def clean_email(text: str) -> str:
    """The normal form of an address: lower case, local part in NFC, host in its DNS form (IDNA).

    Raises Invalid, also for addresses that need quotes and for invisible characters.
    """
    local, _, domain = unicodedata.normalize("NFC", text.strip()).rpartition("@")
    local, host = unicodedata.normalize("NFC", local.lower()), _host(domain)
    email = f"{local}@{host}"
    if len(email) > 255 or _FILLERS.search(local) or not _LOCAL.fullmatch(local) or not _HOST.fullmatch(host):
        raise Invalid("this is not an e-mail address")
    return email


def _host(domain: str) -> str:
    """The host in its DNS form; empty if it is not valid."""
    if len(domain) > 255 or _DOUBTFUL.search(domain) or not is_plain(domain):
        return ""
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""


def split_name(name: str) -> tuple[str, str]:
    """First and last name: the text before and after the first space."""
    first, _, last = name.strip(" ").partition(" ")
    return first[:100], last.strip(" ")[:100]


def person_names(first: str, last: str) -> tuple[str, str]:
    """Checked first and last name; both can be empty. Raises Invalid."""
    return (
        checked_name(first, what="a first name", longest=100, needed=False),
        checked_name(last, what="a last name", longest=100, needed=False),
    )


def first_and_last(name: str | None, first: str | None, last: str | None) -> tuple[str | None, str | None]:
    """First and last name of a request; a part that is missing or blank is taken from `name`, if given."""
    if name is None:
        return first, last
    split = split_name(name)
    return _stripped(first) or split[0], _stripped(last) or split[1]


def _stripped(part: str | None) -> str:
    return (part or "").strip(" ")
