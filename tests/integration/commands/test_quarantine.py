"""`atende quarantine` shows what callbacks brought that nobody could use."""

import json
from pathlib import Path

import pytest

from atende.main.commands.quarantine import show_quarantine
from atende.outbound.postgres.embedded.launcher import Urls
from tests.world.web import product, signed, text_message, whatsapp_body


async def test_a_kept_item_is_shown_with_its_reason_and_body(
    database: Urls, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with product(database, tmp_path) as running:
        line = (await running.tenant("Loja")).channel("whatsapp")
        body = whatsapp_body(line.external_id, text_message("fine"), {"type": "hologram", "id": "h1", "from": "1"})
        raw, headers = signed(body, line.signing)
        assert (await running.http.post("/whatsapp/webhook", content=raw, headers=headers)).status_code == 200
        await show_quarantine(running.settings, as_json=True, limit=10)
        await show_quarantine(running.settings, as_json=False, limit=10)
    told = capsys.readouterr().out.splitlines()
    item = json.loads(told[0])
    assert (item["source"], item["account"]) == ("whatsapp", line.external_id)
    assert "hologram" in item["body"]
    assert item["reason"] in told[1]
