"""`atende demo`: a shop, its documents and two customers, from the first signed callback to the last ledger entry."""

import asyncio
import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from atende.fakes.channel_provider import FakeChannelProvider
from atende.main import resources
from atende.main.commands.demo.topics import script_for
from atende.main.commands.demo.transcript import Transcript, transcript_of
from atende.main.commands.serve import seed_shop
from atende.main.processes.all_in_one import AllInOne, all_in_one
from atende.main.seeding import Tenant, kinds_of
from atende.main.settings import Settings, SettingsError

CREDITS = 50
ANSWER_WITHIN = 30.0
_PAID = {"held": "hold", "captured": "capture"}


async def demo(settings: Settings, *, as_json: bool, documents: Path | None) -> None:
    """Everything in a temporary folder, through real HTTP: callbacks signed by the fakes in, replies to the fakes out."""
    settings = replace(settings, burst_window=1.0, burst_cap=4.0, send_doubt=5.0)
    transcript = transcript_of(as_json=as_json)
    transcript.begin(burst=settings.burst_window)
    async with all_in_one(settings, keep=False, say=transcript.progress) as running:
        transcript.progress("making a tenant and reading its documents")
        tenant = await seed_shop(running, documents=documents, granted=CREDITS)
        assert running.fakes is not None, "the demo embeds its fakes"
        running.fakes.add_accounts(tenant.channels, kinds_of())
        async with httpx.AsyncClient(
            base_url=f"{running.url}/api/v1", headers={"X-API-Key": tenant.api_key}, trust_env=False, timeout=20
        ) as api:
            told = await documents_read(api)
            transcript.documents(told)
            script = json.loads((resources.demo() / "script.json").read_text(encoding="utf-8"))
            if documents is not None:
                script = script_for(script, documents)
            await ScriptRunner(running, tenant, api, transcript, script["agent"]).tell(script)
        transcript.end()


async def documents_read(api: httpx.AsyncClient) -> list[dict[str, Any]]:
    """Waits until every document is processed or failed; raises SettingsError when none can be searched."""
    while True:
        found: list[dict[str, Any]] = (
            (await api.get("/documents", params={"limit": 100})).raise_for_status().json()["data"]
        )
        if all(document["status"] in {"processed", "failed"} for document in found):
            break
        await asyncio.sleep(0.05)
    if not any(document["status"] == "processed" for document in found):
        raise SettingsError("no document could be read: give --docs a folder with .md, .txt or .pdf files")
    return found


@dataclass(frozen=True, slots=True)
class ScriptRunner:
    """Lets the customers of a script write, and tells what comes of it."""

    running: AllInOne
    tenant: Tenant
    api: httpx.AsyncClient
    transcript: Transcript
    agent: str

    async def tell(self, script: dict[str, Any]) -> None:
        for customer in script["customers"]:
            self.transcript.customer(customer["name"], customer["channel"], customer["number"])
            for turn in customer["turns"]:
                await self.turn(customer, turn["messages"])
            await self._closing(customer)

    async def turn(self, customer: dict[str, Any], texts: list[str]) -> None:
        """The customer writes, perhaps in a burst; one reply comes; then its proof is asked for as any API client would."""
        phone, number = self._phone(customer["channel"])
        before, began = len(phone.sent), time.monotonic()
        for text in texts:
            self.transcript.said(customer["name"], text, by_customer=True)
            await phone.customer_writes(text, sender=customer["number"], number=number, name=customer["name"])
            began = time.monotonic()
            await asyncio.sleep(0.3 if len(texts) > 1 else 0)
        while True:
            seen = before
            await phone.until(lambda: len(phone.sent) > seen, ANSWER_WITHIN)  # noqa: B023  it is awaited here
            self.transcript.said(self.agent, phone.sent[seen].text, by_customer=False)
            conversation = await self._conversation(customer["number"])
            proof, answered = await self._proof(conversation["id"])
            if answered:  # a slow machine may hear a burst as two
                break
            before += 1
        credit = await self._credits(proof["holdId"])
        self.transcript.proof(
            proof | {"credits": credit}, seconds=time.monotonic() - began, balance=await self._balance()
        )
        if conversation["attendance"] == "waiting_human" and texts is not customer["turns"][-1]["messages"]:
            await self._person(conversation["id"])

    async def _person(self, conversation_id: str) -> None:
        """A person takes the conversation from the human queue and gives it back, so that the transcript goes on."""
        await self._attend(conversation_id, "takeover")
        await self._attend(conversation_id, "give-back")
        self.transcript.note("a person took it from the human queue, and gave it back to the agent")

    async def _attend(self, conversation_id: str, move: str) -> None:
        (await self.api.post(f"/conversations/{conversation_id}/{move}")).raise_for_status()

    async def _closing(self, customer: dict[str, Any]) -> None:
        conversation = await self._conversation(customer["number"])
        self.transcript.ended(conversation)

    async def _conversation(self, number: str) -> dict[str, Any]:
        found = (await self.api.get("/conversations", params={"limit": 100})).raise_for_status().json()["data"]
        mine: dict[str, Any] = next(one for one in found if one["contactAddress"].endswith(number[-8:]))
        return mine

    async def _proof(self, conversation_id: str) -> tuple[dict[str, Any], bool]:
        """The proof of the latest reply, and whether it answers the last thing that was asked."""
        messages = (await self.api.get(f"/conversations/{conversation_id}/messages")).raise_for_status().json()["data"]
        reply = max((one for one in messages if one["direction"] == "outbound"), key=lambda one: one["seq"])
        proof: dict[str, Any] = (await self.api.get(f"/messages/{reply['id']}/proof")).raise_for_status().json()
        asked = max((one for one in messages if one["direction"] == "inbound"), key=lambda one: one["seq"])
        return proof, asked["text"] in proof["question"]

    async def _credits(self, hold_id: str | None) -> dict[str, float]:
        """What was held for a reply and what was captured, out of the ledger's own entries."""
        entries = (
            (await self.api.get("/billing/credits/transactions", params={"limit": 20}))
            .raise_for_status()
            .json()["data"]
        )
        own = [entry for entry in entries if hold_id is not None and entry["holdId"] == hold_id]
        return {name: sum(abs(float(e["amount"])) for e in own if e["type"] == kind) for name, kind in _PAID.items()}

    async def _balance(self) -> Any:
        return (await self.api.get("/billing/credits")).raise_for_status().json()["available"]

    def _phone(self, channel: str) -> tuple[FakeChannelProvider, str]:
        """The fake that carries the channel, and our number there."""
        assert self.running.fakes is not None, "the demo embeds its fakes"
        return self.running.fakes.channels[kinds_of()[channel]], self.tenant.channel(channel).external_id
