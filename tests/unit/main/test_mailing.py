"""Mail as an installation is set up for it: by SMTP, by a fake, or not at all, and said so."""

from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from atende.core.mail.ports import Mailer
from atende.fakes.ports.clock import FakeClock
from atende.fakes.ports.mailer import FakeMailer
from atende.fakes.smtp import FakeMail
from atende.inbound.jobs.handlers import make_handlers
from atende.main.commands.doctor import external as doctor_outside
from atende.main.commands.doctor.part import State
from atende.main.library import app
from atende.main.providers.configuration import read_settings
from atende.main.providers.mail import MailProvider, NoMailer, say_whether_mail_is_off
from atende.main.settings import Settings, SettingsError
from atende.outbound.mail.smtp import SmtpMailer

KEY = "ab" * 32
DATABASE: dict[str, Any] = {"database_url": "postgresql://app@127.0.0.1:1/x", "encryption_key": KEY}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"smtp_url": "mail.shop.example"}, "SMTP_URL must start with smtp://"),
        ({"smtp_url": "smtp://"}, "SMTP_URL must look like"),
        ({"smtp_url": "smtp://user:p@ss@mail.shop.example:x"}, "SMTP_URL must look like"),
        ({"smtp_url": "smtp://mail.shop.example:99999"}, "SMTP_URL must look like"),
        ({"smtp_url": "smtp://mail.shop.example"}, "MAIL_FROM"),
        ({"smtp_url": "smtp://mail.shop.example", "mail_from": "Shop"}, "MAIL_FROM"),
        ({"frontend_url": "shop.example"}, "FRONTEND_URL must start with http"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(given: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        read_settings({}, **given)
    assert "\n" not in str(caught.value)
    assert "p@ss" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "address"),
    [
        (
            {"frontend_url": "https://app.shop.example", "public_url": "https://api.shop.example"},
            "https://app.shop.example",
        ),
        ({"public_url": "https://api.shop.example"}, "https://api.shop.example"),
        ({}, "http://127.0.0.1:8000"),
    ],
)
def test_links_lead_to_the_frontend_else_to_our_own_pages(given: dict[str, Any], address: str) -> None:
    assert MailProvider().pages(Settings(**given)).address == address


async def mailer_for(settings: Settings) -> Mailer:
    mailer: Mailer = await anext(MailProvider().mailer(settings, FakeClock()))
    return mailer


async def test_with_a_server_mail_goes_there_and_without_one_nowhere() -> None:
    assert isinstance(await mailer_for(Settings(smtp_url="smtp://127.0.0.1:25", mail_from="a@b.example")), SmtpMailer)
    assert isinstance(await mailer_for(Settings()), NoMailer)


def test_that_mail_is_off_is_said_once_where_there_is_no_fake() -> None:
    with capture_logs() as logs:
        say_whether_mail_is_off(Settings(**DATABASE))
        say_whether_mail_is_off(Settings(**DATABASE, smtp_url="smtp://127.0.0.1:25", mail_from="a@b.example"))
        say_whether_mail_is_off(Settings())
    assert [log["event"] for log in logs] == ["mail.off"]


async def test_the_doctor_names_how_mail_goes(tmp_path: Path) -> None:
    async def looked(**given: Any) -> tuple[State, str]:
        settings = Settings(data_dir=tmp_path, **given)
        return next((part.state, part.detail) for part in await doctor_outside.look(settings) if part.name == "mail")

    assert (await looked())[0] is State.FAKE
    assert (await looked(**DATABASE))[0] is State.OFF
    async with FakeMail() as server:
        url, sender = server.smtp_url, "Shop <mail@shop.example>"
        assert (await looked(**DATABASE, smtp_url=url, mail_from=sender))[0] is State.REAL
    state, detail = await looked(**DATABASE, smtp_url=url, mail_from=sender)
    assert (state, detail.startswith("SMTP_URL: ")) == (State.WRONG, True)


async def test_the_product_in_memory_keeps_its_mail_and_knows_the_job() -> None:
    async with app() as product:
        assert isinstance(await product.container.get(Mailer), FakeMailer)
        assert "mail.send" in make_handlers(product.container)
