"""What a turn is measured against: a script that takes the callback, runs the statements of an answered turn, and sends the reply.

python -m tests.bench.reference_turns < settings as one line of JSON

The server, the statements, the fake and its delivery reports are those of the product. What it would have computed between them
is written down here once: there is no proof of a callback, no container, no rule, no entity and no answerer.
"""

import asyncio
import json
import sys
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import uvloop

from atende.core.conversation.channel import ChannelSecrets, Outgoing
from atende.core.conversation.turn.answer_customer import TURN
from atende.core.conversation.turn.job import DEDUPE_KEY, ORDER_KEY, SILENT_KINDS
from atende.core.kernel import TenantScope
from atende.main.processes.embedded import fake_providers_for
from atende.main.processes.lifecycle import bind, freeze_heap, serving
from atende.main.seeding import kinds_of
from atende.outbound import hashed, pgvector
from atende.outbound.passage_rows import LEG, POOL
from atende.outbound.pgvector import search_statement
from atende.outbound.postgres import credits as ledger
from atende.outbound.postgres.conversation import inbox, turn_records
from atende.outbound.postgres.unit import see
from atende.outbound.whatsapp import WhatsAppChannel
from tests.bench.reference_ack import lifespan
from tests.bench.turns_serving import Told, settings_of

_NOW = "2026-11-30T12:00:00.000000Z"
_TEXT = "Qual o prazo para trocar um produto?"
_REPLY = "O prazo de troca é de 30 dias corridos, contados da data da nota fiscal.\n\nFonte: trocas-e-devolucoes.md"
_CLAIM = "SELECT * FROM claim_jobs($1, $2, $3, $4)"
_VECTOR = hashed.vector(_TEXT)


class Script:
    """An ASGI application. Every message is a turn of a new contact of one tenant."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", tenant: asyncpg.Record, sender: WhatsAppChannel) -> None:
        self._pool, self._sender = pool, sender
        self._account: UUID = tenant["id"]
        self._keys = {name: str(tenant[name]) for name in ("organization_id", "tenant_id")}
        self._owner = self._keys | {"project_id": str(tenant["project_id"])}
        self._scope = TenantScope(tenant["organization_id"], tenant["tenant_id"])
        self._both = search_statement(len(_VECTOR))
        self._turns, self._room = set[asyncio.Task[None]](), asyncio.Semaphore(8)
        self.account: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
            return
        value = msgspec.json.decode((await receive())["body"])["entry"][0]["changes"][0]["value"]
        if "messages" in value:
            await self._receive(value["messages"][0])
            task = asyncio.create_task(self._turn(value["messages"][0]["from"]))
            self._turns.add(task)
            task.add_done_callback(self._turns.discard)
        else:
            await self._report(value["statuses"][0])
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    async def _turn(self, sender: str) -> None:
        async with self._room:
            await self._answer(sender)

    async def _answer(self, sender: str) -> None:
        job = await self._claim()
        conversation_id = json.loads(job["payload"])["conversation_id"]
        of_job = (job["organization_id"], job["tenant_id"], UUID(conversation_id), job["id"], job["lease_token"])
        turn = self._keys | {"id": str(uuid4()), "conversation_id": conversation_id, "from_seq": 1, "to_seq": 1}
        turn |= {"created_at": _NOW, "state": "open", "hold_id": str(uuid4()), "discards": 0}
        calls = [self._call(turn, purpose) for purpose in ("embed", "chat")]
        async with self._pool.acquire() as connection:
            await connection.execute("BEGIN;" + see(self._scope))
            await connection.fetchval(turn_records._OPEN, *of_job, 20)
            await self._post(connection, "hold", turn, {"state": "held", "captured": 0, "refunded": 0})
            await connection.execute(turn_records._PREPARE, json.dumps({"turn": turn, "calls": calls}))
            await connection.execute("COMMIT")
        passages = await self._search()
        async with self._pool.acquire() as connection:
            await connection.execute("BEGIN;" + see(self._scope))
            found = json.loads(await connection.fetchval(turn_records._RESUME, *of_job, 1))
            given = self._reply(turn, calls, found["conversation"], passages[0])
            await connection.execute(turn_records._RECORD, json.dumps(given))
            closed = {"state": "captured", "captured": 10, "refunded": 0, "closed_at": _NOW}
            await self._post(connection, "capture", turn, closed)
            await connection.execute("COMMIT")
        await self._send(job, sender, given["messages"][0]["id"])

    async def _claim(self) -> asyncpg.Record:
        """One of the jobs that wait; another claim may have locked the only one for a moment."""
        while True:
            if found := await self._pool.fetch(_CLAIM, "script", 1, timedelta(seconds=30), None):
                return found[0]

    async def _receive(self, message: dict[str, Any]) -> None:
        item: dict[str, Any] = {
            "account_id": str(self._account),
            "external_id": message["id"],
            "address": message["from"],
        }
        item |= {"text": _TEXT, "kind": "text", "contact_name": "Cliente", "provider_at": _NOW, "opt": None}
        at_once = timedelta(0)
        keys = (list(SILENT_KINDS), ORDER_KEY, DEDUPE_KEY)
        await self._pool.fetch(
            inbox._RECEIVE, json.dumps([item]), [uuid4()], at_once, at_once, *keys, *inbox._described(TURN)
        )

    async def _report(self, status: dict[str, Any]) -> None:
        report = {"account_id": str(self._account), "provider_message_id": status["id"], "delivery": status["status"]}
        report["message_id"] = status["biz_opaque_callback_data"]
        described = inbox._described(TURN)
        await self._pool.fetch(inbox._REPORT, json.dumps([report]), inbox._RANKS, "failed", *described)

    async def _post(self, connection: Any, kind: str, turn: dict[str, Any], change: dict[str, Any]) -> None:
        """One movement of the ledger: locked, read, written."""
        hold, organization = turn["hold_id"], self._scope.organization_id
        found = await connection.fetchval(ledger._LOCK, organization, [UUID(hold)], [kind], [hold])
        account = json.loads(found)["account"]
        way = ("available", "held") if kind == "hold" else ("held", "spent")
        account = account | {way[0]: account[way[0]] - 10, way[1]: account[way[1]] + 10}
        entry = self._keys | {
            "id": str(uuid4()),
            "kind": kind,
            "reference": hold,
            "hold_id": hold,
            "note": "",
            "at": _NOW,
        }
        entry |= {"debit": way[0], "credit": way[1], "amount": 10}
        entry |= {"available_after": account["available"], "held_after": account["held"]}
        held = (
            self._keys | {"id": hold, "amount": 10, "reference": hold, "created_at": _NOW, "expires_at": _NOW} | change
        )
        balance = (account[name] for name in ("available", "held", "spent", "issued"))
        await connection.execute(ledger._SAVE, json.dumps([entry]), json.dumps([held]), organization, *balance)

    async def _search(self) -> list[asyncpg.Record]:
        asked = (self._scope.organization_id, self._scope.tenant_id, None, "hashed-384", pgvector._literal(_VECTOR))
        async with self._pool.acquire() as connection:
            await connection.execute(f"BEGIN;{see(self._scope)};SET LOCAL hnsw.iterative_scan = strict_order")
            legs = await connection.fetchrow(self._both, *asked, LEG, _TEXT, "", POOL)
            assert legs is not None, "both searches are columns of one row"
            rows: list[asyncpg.Record] = await connection.fetch(
                pgvector._FOUND, *asked, len(_VECTOR), legs["near"][:10]
            )
            await connection.execute("COMMIT")
        return rows

    def _call(self, turn: dict[str, Any], purpose: str) -> dict[str, Any]:
        call = self._owner | {
            "id": str(uuid4()),
            "purpose": purpose,
            "provider": "atende",
            "model": "m",
            "state": "done",
        }
        return call | {
            "turn_id": turn["id"],
            "tokens_in": 0,
            "tokens_out": 0,
            "cost": 0,
            "started_at": _NOW,
            "estimated": False,
        }

    def _reply(
        self, turn: dict[str, Any], calls: list[Any], conversation: dict[str, Any], passage: asyncpg.Record
    ) -> dict[str, Any]:
        answer_id, quote = str(uuid4()), passage["content"][:80]
        place = {"chunk_id": str(passage["chunk_id"]), "document_id": str(passage["document_id"]), "version": 1}
        answer = self._owner | {"id": answer_id, "turn_id": turn["id"], "question": _TEXT, "text": _REPLY}
        answer |= {"outcome": "answered", "model": "m", "tokens": 0, "cost": 10, "processing_ms": 1, "created_at": _NOW}
        answer |= {"sentences": [{"text": _REPLY, "citations": [place]}], "passages": [place], "degraded": False}
        message = self._keys | {
            "id": str(uuid4()),
            "conversation_id": turn["conversation_id"],
            "seq": 2,
            "kind": "text",
        }
        message |= {"channel_account_id": str(self._account), "direction": "outbound", "sender": "ai", "text": _REPLY}
        message |= {
            "delivery": "sending",
            "turn_id": turn["id"],
            "answer_id": answer_id,
            "attempts": 1,
            "created_at": _NOW,
        }
        return {
            "turn": turn | {"state": "replied", "finished_at": _NOW},
            "calls": calls,
            "answer": answer,
            "citations": [
                self._keys
                | place
                | {"answer_id": answer_id, "position": 0, "start_at": 0, "end_at": 80, "quote": quote}
            ],
            "messages": [message],
            "conversation": conversation | {"last_seq": 2, "answered_seq": 1},
        }

    async def _send(self, job: asyncpg.Record, to: str, message_id: str) -> None:
        outgoing = Outgoing(reference=UUID(message_id), to=to, text=_REPLY, sending_at=job["created_at"])
        provider_id = await self._sender.send(self.account, outgoing)
        of_job = (job["organization_id"], job["tenant_id"], job["id"], job["lease_token"])
        noted = (UUID(message_id), provider_id, job["created_at"], turn_records._BEFORE_SENT)
        await self._pool.fetchval(turn_records._SENT, *of_job, *noted)


async def main() -> None:
    told = msgspec.json.decode(sys.stdin.buffer.readline(), type=Told)
    line = next(one for one in told.accounts if one.kind == "whatsapp")
    door = bind("127.0.0.1", 0)
    async with (
        fake_providers_for(settings_of(told, door)) as (_, fakes),
        asyncpg.create_pool(told.app, min_size=1, max_size=10, reset=_as_it_is) as pool,
    ):
        fakes.add_accounts(told.accounts, kinds_of())
        tenant = await pool.fetchrow("SELECT * FROM find_channel_accounts($1, $2)", [line.kind], [line.external_id])
        assert tenant is not None, "the account was connected"
        sender = WhatsAppChannel(base_url=f"{fakes.url}/whatsapp")
        script = Script(pool, tenant, sender)
        script.account = SimpleNamespace(
            external_id=line.external_id, secrets=ChannelSecrets(line.signing, line.access)
        )
        async with serving(script, door):
            freeze_heap()
            print(door.getsockname()[1], flush=True)
            await asyncio.to_thread(sys.stdin.buffer.read)
        await sender.close()


async def _as_it_is(_: object) -> None:
    return


if __name__ == "__main__":
    uvloop.run(main())
