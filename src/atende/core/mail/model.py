"""Mail to people."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """Plain text, to one person. `reference` tells repeated sendings of the same mail: it becomes its Message-ID."""

    to: str
    subject: str
    text: str
    reference: str
