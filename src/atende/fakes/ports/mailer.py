"""A mailer that keeps what was sent."""

import re

from atende.core.kernel import Invalid, Unavailable
from atende.core.mail.model import Mail
from atende.core.mail.ports import Mailer

_ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")


class FakeMailer(Mailer):
    """Keeps what was sent, oldest first; a reference that comes again replaces nothing and is there twice."""

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
        """The next sending raises this, Unavailable by default, and nothing is sent."""
        self._fail.append(error or Unavailable("the mail server cannot be reached"))
