"""Mail to people."""

from dataclasses import dataclass

from atende.core.work.model import JobKind

MAIL = JobKind("mail.send", retries=(5, 30, 120, 600))
"""The payload says which mail (`kind`) about whom (`id`); the text with its link is made when it is sent, never stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """Plain text, to one person. `reference` tells repeated sendings of the same mail: it becomes its Message-ID."""

    to: str
    subject: str
    text: str
    reference: str
