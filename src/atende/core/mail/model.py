"""Mail to people."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A plain text mail to one person. `reference` becomes its Message-ID, so that a repeated mail can be recognized."""

    to: str
    subject: str
    text: str
    reference: str
