"""`atende chat`: the user chats as a customer and sees the proof of each answer."""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from atende.main.commands.demo.run import CREDITS, ScriptRunner, documents_read
from atende.main.commands.demo.transcript import TextTranscript
from atende.main.commands.serve import seed_shop
from atende.main.processes.all_in_one import all_in_one
from atende.main.seeding import kinds_of
from atende.main.settings import Settings

_VISITOR: dict[str, Any] = {
    "name": "You",
    "channel": "whatsapp",
    "number": "+5511999990000",
    "turns": [{"messages": []}],
}


async def chat(settings: Settings, *, documents: Path | None) -> None:
    """Until the end of input or an empty conversation with /quit. Each line is a WhatsApp message."""
    transcript = TextTranscript()
    async with all_in_one(
        replace(settings, burst_window=0.3, burst_cap=1.0), keep=False, say=transcript.progress
    ) as running:
        tenant = await seed_shop(running, documents=documents, granted=CREDITS * 20)
        assert running.fakes is not None, "the chat embeds its fakes"
        running.fakes.add_accounts(tenant.channels, kinds_of())
        headers = {"X-API-Key": tenant.api_key}
        async with httpx.AsyncClient(
            base_url=f"{running.url}/api/v1", headers=headers, trust_env=False, timeout=20
        ) as api:
            transcript.documents(await documents_read(api))
            print(
                f"\n  You are a customer of {tenant.name}. Write, and press Enter; /quit or Ctrl-D ends.\n", flush=True
            )
            teller = ScriptRunner(running, tenant, api, Quiet(transcript), "Agent")
            while (line := await _line()) is not None:
                if line:
                    await _say(teller, line)


async def _say(teller: ScriptRunner, line: str) -> None:
    try:
        await teller.turn(_VISITOR, [line])
    except TimeoutError:
        print(
            "            (no reply: a person attends this conversation; /quit and start again for a new one)",
            flush=True,
        )


async def _line() -> str | None:
    """The next line; None at the end. Read in a thread, so that everything else goes on."""
    print("  > ", end="", flush=True)
    line = await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    return None if not line or line.strip() == "/quit" else line.strip()


class Quiet(TextTranscript):
    """The visitor has just typed it: not repeated."""

    def __init__(self, transcript: TextTranscript) -> None:
        super().__init__()
        self.began = transcript.began

    def said(self, name: str, text: str, *, by_customer: bool) -> None:
        if not by_customer:
            super().said(name, text, by_customer=False)
