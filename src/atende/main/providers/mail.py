"""Mail to people: signed links, the pages behind them, and the server that sends."""

from collections.abc import AsyncIterator

import structlog
from dishka import Provider, Scope, provide

from atende.core.identity.mail.send_mail import Pages
from atende.core.identity.signed_tokens import Links
from atende.core.kernel import Clock
from atende.core.mail.model import Mail
from atende.core.mail.ports import Mailer
from atende.main.providers.derived_keys import derived_keys
from atende.main.settings import Settings

log = structlog.get_logger(__name__)


class NoMailer(Mailer):
    """For an installation without a mail server: nothing is sent."""

    async def send(self, mail: Mail) -> None:
        log.info("mail.not_sent", reference=mail.reference)


class MailProvider(Provider):
    scope = Scope.APP

    @provide
    def links(self, settings: Settings) -> Links:
        return Links(derived_keys(settings, "links"))

    @provide
    def pages(self, settings: Settings) -> Pages:
        """Those of the frontend when there is one, else our own."""
        return Pages(settings.frontend_url or settings.public_url or f"http://{settings.host}:{settings.port}")

    @provide
    async def mailer(self, settings: Settings, clock: Clock) -> AsyncIterator[Mailer]:
        if not settings.smtp_url:
            yield NoMailer()
            return
        from atende.outbound.mail.smtp import SmtpMailer, SmtpServer

        made = SmtpMailer(SmtpServer.read(settings.smtp_url), sender=settings.mail_from, clock=clock)
        yield made
        made.close()


def say_whether_mail_is_off(settings: Settings) -> None:
    """Once, when work begins: people can do everything without mail but confirm, reset and invite."""
    if settings.database_url and not settings.smtp_url:
        log.warning("mail.off", detail="SMTP_URL is not set: links to confirm, to reset and to join are not sent")
