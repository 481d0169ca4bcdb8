"""A mailer that stores sent mails."""

import re

from atende.core.kernel import Invalid, Unavailable
from atende.core.mail.model import Mail
from atende.core.mail.ports import Mailer

_ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")


class FakeMailer(Mailer):
    """Stores sent mails, oldest first. A mail that is sent twice is stored twice."""

    def __init__(self) -> None:
        self.sent: list[Mail] = []
        self._fail: list[Exception] = []

    async def send(self, mail: Mail) -> None:
        if self._fail:
            raise self._fail.pop(0)
        if not _ADDRESS.fullmatch(mail.to):
            raise Invalid("no mail can be sent to this address: an address looks like name@shop.example")
        self.sent.append(mail)

    def fail_next(self, error: Exception | None = None) -> None:
        """The next `send` raises this error (by default Unavailable) and sends nothing."""
        self._fail.append(error or Unavailable("the mail server cannot be reached"))
