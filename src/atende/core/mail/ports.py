"""Port for sending mail."""

from typing import Protocol

from atende.core.mail.model import Mail


class Mailer(Protocol):
    async def send(self, mail: Mail) -> None:
        """Hands the mail to the mail server. Raises Retryable if it may be tried again, Invalid if the address is not possible."""
