"""A channel that the product has never heard of works from the callback to the reply, with nothing but its own file."""

from dataclasses import replace
from pathlib import Path

from atende.main.library import App
from atende.main.providers.channels import CHANNELS
from atende.main.seeding import upload_files
from atende.outbound.postgres.embedded.launcher import Urls
from tests.integration.channels.pager import PAGER, FakePager, PagerSettings
from tests.world.web import Product, product

SHOP = "O frete para Recife custa R$ 18,00."


async def page(running: Product, to: str, *, secret: str = "signing", number: int = 1) -> int:
    body = {"id": f"p{number}", "from": "5", "to": to, "text": "Quanto custa o frete para Recife?"}
    answer = await running.http.post("/pager/webhook", json=body, headers={"X-Pager": secret})
    return answer.status_code


async def test_a_message_comes_in_is_answered_and_the_reply_goes_out(database: Urls, tmp_path: Path) -> None:
    file = tmp_path / "loja.txt"
    file.write_text(SHOP, encoding="utf-8")
    async with (
        FakePager() as pager,
        product(
            database,
            tmp_path,
            channels=(*CHANNELS, PAGER),
            channel_settings=[PagerSettings(base_url=pager.url)],
            burst_window=0.0,
        ) as running,
    ):
        tenant = await running.tenant("Loja")
        assert {one.kind for one in tenant.channels} == {"whatsapp", "sms", "pager"}
        await upload_files(running.container, tenant.owner, [file])
        await App(running.container, running.settings).work()
        ours = tenant.channel("pager").external_id
        assert await page(running, ours) == 200
        await App(running.container, running.settings).work()
        (sent,) = pager.sent
        assert (sent.number, sent.to) == (ours, "5")
        assert "R$ 18,00" in sent.text
        assert len(sent.text) <= PAGER.kinds["pager"].longest


async def test_what_is_not_proven_or_not_ours_goes_nowhere(database: Urls, tmp_path: Path) -> None:
    async with product(database, tmp_path, channels=(*CHANNELS, PAGER)) as running:
        tenant = await running.tenant("Loja")
        ours = tenant.channel("pager").external_id
        assert await page(running, ours, secret="a guess") == 401
        assert await page(running, "nobody") == 401, "no secret could have signed it"
        assert await running.count("message") == 0


def test_a_vendor_says_what_every_other_says() -> None:
    """Whoever adds one copies a complete example: no field has a default that could be forgotten."""
    for vendor in CHANNELS:
        assert replace(vendor) == vendor
        assert vendor.kinds
        assert vendor.settings() == vendor.settings()
        assert vendor.demo_account("12345678").kind in vendor.kinds
