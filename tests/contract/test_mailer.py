"""The contract of whoever carries mail: the fake, and the SMTP client against a server that can fail at every step."""

import asyncio
import ssl
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from atende.core.kernel import Invalid, Retryable, Unavailable
from atende.core.mail.model import Mail
from atende.core.mail.ports import Mailer
from atende.fakes import faults
from atende.fakes.ports.clock import FakeClock
from atende.fakes.ports.mailer import FakeMailer
from atende.fakes.smtp import FakeMail
from atende.outbound.mail.smtp import SmtpMailer, SmtpServer, message_id

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SENDER = "Loja Ótima <mail@shop.example>"
MAIL = Mail(
    to="ana@customer.example",
    subject="Confirme o seu e-mail",
    text="Olá, Ana! 👋\n\nhttps://shop.example/verify-email?token=abc\n.\nAté já\n",
    reference="verify/1/2",
)


class MailerSetup(ABC):
    mailer: Mailer

    @abstractmethod
    def arrived(self) -> list[tuple[str, str, str]]:
        """Address, subject and text of every sending, oldest first."""

    @abstractmethod
    def fail_next(self) -> None:
        """The next sending cannot be done now."""

    @abstractmethod
    async def close(self) -> None: ...


class MemoryMail(MailerSetup):
    def __init__(self) -> None:
        self.mailer = self._fake = FakeMailer()

    def arrived(self) -> list[tuple[str, str, str]]:
        return [(mail.to, mail.subject, mail.text) for mail in self._fake.sent]

    def fail_next(self) -> None:
        self._fake.fail_next()

    async def close(self) -> None:
        """Nothing to close."""


class SmtpMail(MailerSetup):
    def __init__(self, server: FakeMail) -> None:
        self.server = server
        self.mailer = self._smtp = mailer_of(server)

    def arrived(self) -> list[tuple[str, str, str]]:
        return [(mail.to, mail.subject, mail.text) for mail in self.server.mails]

    def fail_next(self) -> None:
        self.server.faults.set(faults.status(451, path="TEXT", times=1))

    async def close(self) -> None:
        self._smtp.close()
        await self.server.stop()


def mailer_of(server: FakeMail, *, timeout: float = 5) -> SmtpMailer:
    where = SmtpServer.read(server.smtp_url)
    if server.user:
        where = replace(where, user=server.user, password=server.password)
    return SmtpMailer(where, sender=SENDER, clock=FakeClock(NOW), timeout=timeout)


@pytest_asyncio.fixture
async def server() -> AsyncIterator[FakeMail]:
    async with FakeMail() as made:
        yield made


@pytest_asyncio.fixture
async def mailer(server: FakeMail) -> AsyncIterator[SmtpMailer]:
    made = mailer_of(server)
    yield made
    made.close()


@pytest_asyncio.fixture(params=["fake", "smtp"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[MailerSetup]:
    if request.param == "fake":
        made: MailerSetup = MemoryMail()
    else:
        server = FakeMail()
        await server.listen()
        made = SmtpMail(server)
    yield made
    await made.close()


async def test_a_mail_arrives_once_as_it_was_written(world: MailerSetup) -> None:
    await world.mailer.send(MAIL)
    assert world.arrived() == [(MAIL.to, MAIL.subject, MAIL.text)]


async def test_what_cannot_be_done_now_may_be_tried_again_and_nothing_has_arrived(world: MailerSetup) -> None:
    world.fail_next()
    with pytest.raises(Retryable):
        await world.mailer.send(MAIL)
    assert world.arrived() == []
    await world.mailer.send(MAIL)
    assert len(world.arrived()) == 1


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ana",
        "ana@",
        "a b@customer.example",
        "ana@customer.example, eva@other.example",
        "ana@customer.example>",
        "eva,ana@customer.example",
        "<ana@customer.example>",
        "Ana <ana@customer.example>",
        "ana@customer.example\nBcc: eva@other.example",
        "ana\r\nRCPT TO:<eva@other.example>@customer.example",
    ],
)
async def test_an_address_that_cannot_be_gets_nothing_and_nobody_else_does(world: MailerSetup, address: str) -> None:
    with pytest.raises(Invalid):
        await world.mailer.send(replace(MAIL, to=address))
    assert world.arrived() == []


async def test_many_at_once_arrive_each_once(world: MailerSetup) -> None:
    mails = [replace(MAIL, reference=f"verify/{n}", subject=f"{n}") for n in range(12)]
    await asyncio.gather(*(world.mailer.send(mail) for mail in mails))
    assert sorted(int(subject) for _, subject, _ in world.arrived()) == list(range(12))


async def test_the_headers_say_who_when_and_which_and_a_line_break_begins_no_other(
    server: FakeMail, mailer: SmtpMailer
) -> None:
    await mailer.send(replace(MAIL, subject="Oi\r\nBcc: eva@other.example\r\n\r\nCorpo"))
    (mail,) = server.mails
    assert mail.subject == "Oi Bcc: eva@other.example Corpo"
    assert set(mail.headers) == {
        *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
        *("Content-Type", "Content-Transfer-Encoding", "MIME-Version"),
    }
    assert mail.headers["From"] == SENDER
    assert mail.sender == "mail@shop.example"
    assert parsedate_to_datetime(mail.headers["Date"]) == NOW
    assert mail.message_id == message_id(MAIL.reference, "shop.example")


async def test_a_second_sending_has_the_same_message_id_and_another_mail_another(
    server: FakeMail, mailer: SmtpMailer
) -> None:
    for reference in ("verify/1", "verify/1", "verify/2"):
        await mailer.send(replace(MAIL, reference=reference))
    first, again, other = (mail.message_id for mail in server.mails)
    assert first == again != other


async def test_a_connection_lost_after_the_text_is_tried_again_under_the_same_message_id(
    server: FakeMail, mailer: SmtpMailer
) -> None:
    """At least once: the server has the mail and we cannot know it."""
    server.faults.set(faults.reset(works=True, path="TEXT", times=1))
    with pytest.raises(Unavailable):
        await mailer.send(MAIL)
    await mailer.send(MAIL)
    assert len(server.mails) == 2
    assert len({mail.message_id for mail in server.mails}) == 1


@pytest.mark.parametrize("step", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "TEXT"])
@pytest.mark.parametrize("how", [faults.status(421), faults.status(451), faults.reset()])
async def test_a_passing_trouble_at_any_step_may_be_tried_again(
    server: FakeMail, mailer: SmtpMailer, step: str, how: faults.Fault
) -> None:
    server.faults.set(faults.Fault(mode=how.mode, side="answer", status=how.status, path=step))
    with pytest.raises(Unavailable):
        await mailer.send(MAIL)
    assert server.mails == []


@pytest.mark.parametrize("step", ["RCPT", "TEXT"])
async def test_what_the_server_will_never_take_is_final(server: FakeMail, mailer: SmtpMailer, step: str) -> None:
    server.faults.set(faults.status(550, path=step))
    with pytest.raises(Invalid, match="550"):
        await mailer.send(MAIL)


@pytest.mark.parametrize("step", ["CONNECT", "MAIL"])
async def test_what_is_wrong_with_us_can_be_mended_so_the_mail_waits(
    server: FakeMail, mailer: SmtpMailer, step: str
) -> None:
    server.faults.set(faults.status(554, path=step))
    with pytest.raises(Unavailable):
        await mailer.send(MAIL)


async def test_a_server_that_does_not_answer_is_not_waited_for_without_end(server: FakeMail) -> None:
    mailer = mailer_of(server, timeout=0.2)
    server.faults.set(faults.accept_then_hang(path="RCPT"))
    with pytest.raises(Unavailable):
        await mailer.send(MAIL)
    mailer.close()


async def test_a_bad_good_bye_does_not_make_a_mail_that_was_taken_go_out_again(
    server: FakeMail, mailer: SmtpMailer
) -> None:
    server.faults.set(faults.status(500, path="QUIT"))
    await mailer.send(MAIL)
    server.faults.set(faults.reset(path="QUIT"))
    await mailer.send(MAIL)
    assert len(server.mails) == 2


async def test_nobody_there_may_be_tried_again() -> None:
    async with FakeMail() as server:
        mailer = mailer_of(server)
    with pytest.raises(Unavailable):
        await mailer.send(MAIL)
    mailer.close()


async def test_who_must_sign_in_does_and_a_wrong_password_is_named_without_being_shown() -> None:
    async with FakeMail(user="shop", password="right one") as server:
        mailer = mailer_of(server)
        await mailer.send(MAIL)
        mailer.close()
        server.password = "another one"
        where = replace(SmtpServer.read(server.smtp_url), user="shop", password="wrong one")
        mailer = SmtpMailer(where, sender=SENDER, clock=FakeClock(NOW))
        with pytest.raises(Unavailable, match="SMTP_URL") as caught:
            await mailer.send(MAIL)
        mailer.close()
    assert len(server.mails) == 1
    assert "wrong one" not in f"{caught.value!r} {where!r}"


async def test_letters_beyond_ascii_go_where_the_server_takes_them(server: FakeMail, mailer: SmtpMailer) -> None:
    await mailer.send(replace(MAIL, to="josé@ação.example"))
    assert [mail.to for mail in server.mails] == ["josé@xn--ao-siap.example"]
    server.extensions = ("8BITMIME",)
    with pytest.raises(Invalid, match="letters"):
        await mailer.send(replace(MAIL, to="josé@customer.example"))
    await mailer.send(replace(MAIL, to="jose@ação.example"))
    assert len(server.mails) == 2


async def test_over_starttls_nothing_is_said_in_the_clear_and_a_stranger_s_certificate_is_refused(
    tmp_path: Path,
) -> None:
    certificate = _certificate(tmp_path, "localhost")
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(certificate)
    async with FakeMail(tls=served, user="shop", password="secret") as server:
        port = SmtpServer.read(server.smtp_url).port
        where = SmtpServer(host="localhost", port=port, user="shop", password="secret")
        trusting = SmtpMailer(
            where, sender=SENDER, clock=FakeClock(NOW), context=ssl.create_default_context(cafile=str(certificate))
        )
        await trusting.send(MAIL)
        trusting.close()
        verbs = [entry.data["verb"] for entry in server.requests]
        assert verbs == ["EHLO", "STARTTLS", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "QUIT"]
        careful = SmtpMailer(where, sender=SENDER, clock=FakeClock(NOW))
        with pytest.raises(Unavailable):
            await careful.send(MAIL)
        careful.close()
    assert len(server.mails) == 1


async def test_a_server_without_starttls_hears_neither_password_nor_mail(server: FakeMail) -> None:
    where = SmtpServer(host="127.0.0.1", port=SmtpServer.read(server.smtp_url).port, user="shop", password="secret")
    mailer = SmtpMailer(where, sender=SENDER, clock=FakeClock(NOW))
    with pytest.raises(Unavailable):
        await mailer.send(MAIL)
    mailer.close()
    assert [entry.data["verb"] for entry in server.requests] == ["EHLO"]


@pytest.mark.parametrize(
    ("url", "port", "tls", "starttls"),
    [
        ("smtp://mail.shop.example", 587, False, True),
        ("smtp://mail.shop.example:25", 25, False, True),
        ("smtps://mail.shop.example", 465, True, False),
        ("smtp://relay:25?tls=off", 25, False, False),
        ("smtp://127.0.0.1:1025", 1025, False, False),
    ],
)
def test_an_address_of_a_server_says_how_it_is_spoken_to(url: str, port: int, tls: bool, starttls: bool) -> None:
    where = SmtpServer.read(url)
    assert (where.port, where.tls, where.starttls) == (port, tls, starttls)


def test_a_user_and_a_password_may_have_any_sign() -> None:
    where = SmtpServer.read("smtps://me%40shop.example:p%40ss%3Aword@mail.shop.example")
    assert (where.user, where.password) == ("me@shop.example", "p@ss:word")


def _certificate(folder: Path, host: str) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file
