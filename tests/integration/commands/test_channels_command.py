"""`atende channels`: a number is connected from the command line, as over HTTP."""

import asyncio
import json
from pathlib import Path

from atende.fakes.whatsapp import FakeWhatsApp
from atende.fakes.whatsapp_numbers import Number
from tests.integration.embedded.launcher_helpers import reachable_folder
from tests.world.command_line import Ran, run

NUMBER = ("--number", "106540352242922", "--account", "1022", "--access-secret", "EAAG-token")


async def test_a_number_is_connected_checked_and_disconnected() -> None:
    with reachable_folder() as home:
        async with FakeWhatsApp() as meta:
            await _try_commands(meta, home / "data")


async def _try_commands(meta: FakeWhatsApp, folder: Path) -> None:
    meta.add_number(
        Number(id="106540352242922", business="1022", access_token="EAAG-token", app_secret="secret-of-meta")
    )

    async def atende(*arguments: str) -> Ran:
        return await asyncio.to_thread(run, *arguments, DATA_DIR=str(folder), WHATSAPP_BASE_URL=meta.url)

    assert (await atende("seed", "--json")).code == 0
    wrong = await atende("channels", "connect", "whatsapp", *NUMBER, "--signing-secret", "another-one")
    assert wrong.refusal == "the provider says: Invalid appsecret_proof provided in the API argument"
    made = (
        await atende("channels", "connect", "whatsapp", *NUMBER, "--signing-secret", "secret-of-meta", "--json")
    ).json
    assert (made["connection"], made["address"]) == ("connected", "+15550001111")
    assert "EAAG" not in json.dumps(made)
    meta.numbers.clear()
    checked = await atende("channels", "check", made["id"])
    assert "Session has expired" in checked.out
    assert (await atende("channels", "disconnect", made["id"])).code == 0
    listed = (await atende("channels", "list")).out
    assert "106540352242922" not in listed
    assert "sms" in listed
