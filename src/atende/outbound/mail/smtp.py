"""Sending mail through an SMTP server, with the client of the standard library in threads."""

import asyncio
import contextlib
import re
import smtplib
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from hashlib import sha256
from urllib.parse import parse_qs, unquote, urlsplit

from atende.core.kernel import Clock, Invalid, Unavailable
from atende.core.mail.model import Mail
from atende.core.mail.ports import Mailer

_NAME = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*")
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_AT_ONCE = 4
_PERMANENT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """The mail server. `starttls`: encryption with STARTTLS is required; off by default for servers on this machine."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False
    starttls: bool = True

    @classmethod
    def read(cls, url: str) -> "SmtpServer":
        """From `smtp://user:password@host:port` (default port 587, STARTTLS) or `smtps://...` (default port 465, TLS).

        `?tls=off` turns encryption off, for a relay in one's own network. Raises ValueError.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ValueError("an SMTP address looks like smtp://user:password@host:587, or smtps:// with TLS")
        tls = parts.scheme == "smtps"
        off = parse_qs(parts.query).get("tls") == ["off"]
        return cls(
            host=parts.hostname,
            port=parts.port or (465 if tls else 587),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            tls=tls,
            starttls=not (tls or off or parts.hostname in {"127.0.0.1", "::1", "localhost"}),
        )


class SmtpMailer(Mailer):
    """Sends at least once: if the connection breaks after the text was sent, the server may or may not have it, and the mail
    is sent again with the same Message-ID. `timeout`: seconds for each step with the server.
    """

    def __init__(
        self,
        server: SmtpServer,
        *,
        sender: str,
        clock: Clock,
        timeout: float = 15,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """`sender` such as `Shop <mail@shop.example>`. Raises ValueError if it is not an address."""
        name, address = parseaddr(sender)
        own = _Addressee.read(address)
        self._sender = Address(_one_line(name), own.name, own.host)
        self._server, self._clock, self._timeout = server, clock, timeout
        self._context = context or ssl.create_default_context()
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="smtp")

    def close(self) -> None:
        """Finishes mails that are being sent, then stops the threads."""
        self._threads.shutdown()

    async def send(self, mail: Mail) -> None:
        try:
            to = _Addressee.read(mail.to)
        except ValueError as error:
            raise Invalid(f"no mail can be sent to this address: {error}") from error
        await asyncio.get_running_loop().run_in_executor(self._threads, self._hand_over, self._written(mail, to), to)

    def _written(self, mail: Mail, to: "_Addressee") -> EmailMessage:
        written = EmailMessage(SMTP)
        written["From"] = self._sender
        written["To"] = Address(username=to.name, domain=to.host)
        written["Subject"] = _one_line(mail.subject)
        written["Date"] = format_datetime(self._clock.now())
        written["Message-ID"] = message_id(mail.reference, self._sender.domain)
        written["Auto-Submitted"] = "auto-generated"
        written.set_content(mail.text, charset="utf-8", cte="quoted-printable")
        return written

    def _hand_over(self, written: EmailMessage, to: "_Addressee") -> None:
        with _sending(), self._connected() as smtp:
            if not to.name.isascii() and not smtp.has_extn("smtputf8"):
                raise Invalid("the mail server accepts only addresses with the letters a-z")
            smtp.send_message(written, from_addr=self._sender.addr_spec, to_addrs=[f"{to.name}@{to.host}"])

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """A connection that is encrypted if required, and signed in. Errors at QUIT are ignored: the mail was accepted."""
        where = self._server
        us = self._sender.domain
        smtp: smtplib.SMTP = (
            smtplib.SMTP_SSL(where.host, where.port, us, timeout=self._timeout, context=self._context)
            if where.tls
            else smtplib.SMTP(where.host, where.port, us, timeout=self._timeout)
        )
        try:
            if where.starttls:
                smtp.starttls(context=self._context)
            if where.user:
                smtp.login(where.user, where.password)
            smtp.ehlo_or_helo_if_needed()
            yield smtp
            with contextlib.suppress(smtplib.SMTPException, OSError):
                smtp.quit()
        finally:
            smtp.close()


def message_id(reference: str, domain: str) -> str:
    """The Message-ID, the same for every sending of one mail."""
    return f"<{sha256(reference.encode()).hexdigest()[:32]}@{domain}>"


@contextmanager
def _sending() -> Iterator[None]:
    """Translates errors of the client: Invalid for mails that the server will never accept, Unavailable for all others."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        raise _refusal(code, text) from error
    except smtplib.SMTPDataError as error:
        raise _refusal(error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPAuthenticationError as error:
        raise Unavailable("the mail server refuses our credentials: check SMTP_URL") from error
    except smtplib.SMTPSenderRefused as error:
        raise Unavailable(f"the mail server refuses our sender: check MAIL_FROM ({_said(error)})") from error
    except smtplib.SMTPNotSupportedError as error:
        raise Unavailable(f"the mail server does not support a required feature: {error}") from error
    except smtplib.SMTPResponseException as error:
        raise Unavailable(f"the mail server responded with {_said(error)}") from error
    except (smtplib.SMTPException, OSError) as error:
        raise Unavailable(f"the mail server cannot be reached: {error}") from error


def _refusal(code: int, text: bytes | str) -> Invalid | Unavailable:
    kind = Invalid if code >= _PERMANENT else Unavailable
    return kind(f"the mail server refuses this mail: {code} {_readable(text)}")


def _said(error: smtplib.SMTPResponseException) -> str:
    return f"{error.smtp_code} {_readable(error.smtp_error)}"


def _readable(text: bytes | str) -> str:
    return _one_line(text.decode("utf-8", "replace") if isinstance(text, bytes) else text)[:200]


def _one_line(text: str) -> str:
    """The text without control characters and line breaks, so that it cannot begin another header."""
    return " ".join(_CONTROL.sub(" ", text).split())


@dataclass(frozen=True, slots=True)
class _Addressee:
    """A single address, with the host in its DNS form."""

    name: str
    host: str

    @classmethod
    def read(cls, text: str) -> "_Addressee":
        """Raises ValueError."""
        name, at, domain = text.rpartition("@")
        try:
            host = domain.encode("idna").decode("ascii")
        except UnicodeError as error:
            raise ValueError("its host name is not valid") from error
        if not at or not _NAME.fullmatch(name) or not _HOST.fullmatch(host):
            raise ValueError("an address looks like name@shop.example")
        return cls(name, host)
