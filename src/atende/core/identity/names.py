"""What people are called, told whole or in parts, and their e-mail addresses."""

import re
import unicodedata

from atende.core.kernel import Invalid, checked_name, is_plain

_WORD = r"[\w!#$%&'*+/=?^`{|}~-]+"
_LOCAL = re.compile(rf"(?=.{{1,64}}$){_WORD}(\.{_WORD})*")
_LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"({_LABEL}\.)+(?![0-9]+$){_LABEL}")
_FILLERS = re.compile("[\u115f\u1160\u3164\uffa0]")
"""Letters that nobody sees."""
_DOUBTFUL = re.compile("[ßẞς\u200c\u200d]")
"""The two standards for names of hosts read these differently: mail might go to somebody else."""


def clean_email(text: str) -> str:
    """The one spelling under which an address is stored: in small letters, its name in NFC, its host as the DNS has it.

    Nothing that would have to stand in quotes, and nothing that cannot be seen. Raises Invalid.
    """
    local, _, domain = unicodedata.normalize("NFC", text.strip()).rpartition("@")
    local, host = unicodedata.normalize("NFC", local.lower()), _host(domain)
    email = f"{local}@{host}"
    if len(email) > 255 or _FILLERS.search(local) or not _LOCAL.fullmatch(local) or not _HOST.fullmatch(host):
        raise Invalid("this is not an e-mail address")
    return email


def _host(domain: str) -> str:
    """Empty for what is none."""
    if len(domain) > 255 or _DOUBTFUL.search(domain) or not is_plain(domain):
        return ""
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""


def split_name(name: str) -> tuple[str, str]:
    """First and last name of one text: what stands before the first space is the first name."""
    first, _, last = name.strip(" ").partition(" ")
    return first[:100], last.strip(" ")[:100]


def person_names(first: str, last: str) -> tuple[str, str]:
    """First and last name as they are kept; either may be empty. Raises Invalid."""
    return (
        checked_name(first, what="a first name", longest=100, needed=False),
        checked_name(last, what="a last name", longest=100, needed=False),
    )


def first_and_last(name: str | None, first: str | None, last: str | None) -> tuple[str | None, str | None]:
    """The parts as they were told; those that were not, or are blank, come out of `name` where it was told."""
    if name is None:
        return first, last
    split = split_name(name)
    return _told(first) or split[0], _told(last) or split[1]


def _told(part: str | None) -> str:
    return (part or "").strip(" ")
