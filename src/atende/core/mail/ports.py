"""Who carries mail."""

from typing import Protocol

from atende.core.mail.model import Mail


class Mailer(Protocol):
    async def send(self, mail: Mail) -> None:
        """Handed to the mail server. Raises Retryable when it may be tried again, Invalid for an address that cannot be."""
