"""Mail to people."""

from dataclasses import dataclass

from atende.core.work.model import JobKind

MAIL = JobKind("mail.send", retries=(5, 30, 120, 600))
"""The payload says which mail (`kind`) about whom (`id`); the text with its link is made when it is sent, never stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A plain text mail to one person. `reference` becomes its Message-ID, so that a repeated mail can be recognized."""

    to: str
    subject: str
    text: str
    reference: str
