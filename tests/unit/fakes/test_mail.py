"""The fake of a mail server: what people and programs see of the mail that came in."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest_asyncio

from atende.core.mail.model import Mail
from atende.fakes.ports.clock import FakeClock
from atende.fakes.providers import FakeProviders
from atende.outbound.mail.smtp import SmtpMailer, SmtpServer

HOSTILE = 'https://shop.example/reset-password?token=a&b="<script>alert(1)</script>'


@pytest_asyncio.fixture
async def fakes() -> AsyncIterator[FakeProviders]:
    async with FakeProviders.serve() as made:
        yield made


async def send(fakes: FakeProviders, *mails: Mail) -> None:
    mailer = SmtpMailer(SmtpServer.read(fakes.mail.smtp_url), sender="shop@shop.example", clock=FakeClock())
    for mail in mails:
        await mailer.send(mail)
    mailer.close()


def mail(number: int, text: str = "Olá") -> Mail:
    return Mail(to=f"ana{number}@customer.example", subject=f"Oi {number}", text=text, reference=f"{number}")


async def test_programs_read_the_mail_with_its_links(fakes: FakeProviders) -> None:
    await send(fakes, mail(1), mail(2, "Abra https://shop.example/x?token=1.2-3 agora"))
    async with httpx.AsyncClient(trust_env=False) as client:
        first, second = (await client.get(f"{fakes.url}/mail/_log")).json()
        logged = (await client.get(f"{fakes.url}/_log/mail", params={"kind": "sent"})).json()
        nothing = await client.get(f"{fakes.url}/mail/other")
    assert (first["to"], first["subject"], first["text"], first["links"]) == (
        "ana1@customer.example",
        "Oi 1",
        "Olá\n",
        [],
    )
    assert second["links"] == ["https://shop.example/x?token=1.2-3"]
    assert [entry["data"]["messageId"] for entry in logged] == [first["messageId"], second["messageId"]]
    assert nothing.status_code == 404


async def test_people_see_the_newest_first_with_links_to_press_and_nothing_hostile_runs(fakes: FakeProviders) -> None:
    await send(fakes, mail(1), mail(2, f"Abra {HOSTILE} <img src=x onerror=alert(1)> javascript:alert(1)"))
    async with httpx.AsyncClient(trust_env=False) as client:
        page = await client.get(f"{fakes.url}/mail")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.text.index("Oi 2") < page.text.index("Oi 1")
    assert '<a href="https://shop.example/reset-password?token=a&amp;b=">' in page.text
    assert "<script" not in page.text
    assert "<img" not in page.text
    assert 'href="javascript' not in page.text


async def test_an_empty_page_says_that_nothing_has_come(fakes: FakeProviders) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        assert "No mail yet" in (await client.get(f"{fakes.url}/mail")).text


async def test_who_speaks_out_of_turn_or_not_smtp_at_all_harms_nobody(fakes: FakeProviders) -> None:
    port = SmtpServer.read(fakes.mail.smtp_url).port
    for said in (b"DATA\r\nRCPT TO:<x@y.zz>\r\nMAIL FROM\r\nQUIT\r\n", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01" * 99):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        writer.write_eof()
        assert (await reader.read()).startswith(b"220 ")
        writer.close()
    await send(fakes, mail(1))
    assert [one.to for one in fakes.mail.mails] == ["ana1@customer.example"]
