"""Acknowledging a callback: all that is stored before the 200, beside doing less or doing one insert the usual way.

And one callback at a time: of a contact who writes for the first time, beside one who is known.
"""

import asyncio
import hmac
import json
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import count

import asyncpg
import msgspec

from tests.bench.load import drive, post
from tests.bench.measure import Figures, Row, cpu_seconds, in_turns, percentile
from tests.bench.reference_ack import PATH, TABLES
from tests.bench.serving import SIDES, Told
from tests.bench.setting import Place, databases, place

CONTACTS = 500
CONNECTIONS = 32
SECONDS = 2.0
ALONE = 300
"""Callbacks of a round in which each waits for the one before."""
_FIRST = 400
_SAID = "Bom dia! Comprei um tênis na semana passada e o número ficou pequeno. Como faço para trocar por um maior? "


@dataclass(slots=True)
class Server:
    """One side in a process of its own, and how many requests fill a round of it."""

    process: asyncio.subprocess.Process
    port: int
    fill: int = _FIRST


async def measure(rounds: int) -> list[Row]:
    """The rows of the acknowledgement. Processor time is the server process's own."""
    async with databases() as made, place(made) as where, AsyncExitStack() as stack:
        await _make_tables(where)
        writer = Writer(where)
        servers = {side: await stack.enter_async_context(_server(side, where)) for side in SIDES}
        sides = {side: (lambda server=server: _round(server, writer)) for side, server in servers.items()}
        seen = await in_turns(sides, rounds=rounds, warm=lambda: _analyze(where))
        ours = servers["ours"]
        contacts = {"new": lambda: _alone(ours, writer, new=True), "known": lambda: _alone(ours, writer, new=False)}
        alone = await in_turns(contacts, rounds=rounds)
        await _check(where, writer)
    rows = []
    for reference in ("repository", "raw", "verify"):
        for figure, unit in (("rps", "requests/s"), ("cpu", "us of server CPU per request"), ("p99", "ms")):
            rows.append(
                seen.compare(f"ack.{figure} vs {_NAMES[reference]}", "ours", reference, figure=figure, unit=unit)
            )
    rows.append(alone.compare("ack.alone p50 new vs known contact", "new", "known", figure="p50", unit="ms"))
    return rows


_NAMES = {
    "repository": "litestar+dishka+repository",
    "raw": "raw asgi+asyncpg insert",
    "verify": "verify+decode, no database",
}


class Writer:
    """Customers' messages of about 1 KB in fresh callbacks, signed as WhatsApp signs them."""

    def __init__(self, where: Place) -> None:
        self._line, self._numbers = where.line, count(1)
        self.contacts = CONTACTS

    def requests(self, many: int, *, new: bool = False) -> list[bytes]:
        """From contacts who are known after the first rounds; with `new`, each from one who never wrote before."""
        return [self._one(next(self._numbers), new=new) for _ in range(many)]

    def _one(self, number: int, *, new: bool) -> bytes:
        contact = self.contacts if new else (number * 7919) % CONTACTS
        self.contacts += new
        sender = f"55119{contact:08}"
        message = {
            "from": sender,
            "id": f"wamid.HBgNNTUxMTk4NzY1NDMyMRUCABIYFjNFQjBDNUM2{number:012}AA==",
            "timestamp": "1764238453",
            "text": {"body": f"{_SAID * 3}({number})"},
            "type": "text",
        }
        value = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "551140028922", "phone_number_id": self._line.external_id},
            "contacts": [{"profile": {"name": f"Cliente {number % CONTACTS}"}, "wa_id": sender}],
            "messages": [message],
        }
        body = {
            "object": "whatsapp_business_account",
            "entry": [{"id": self._line.provider_account, "changes": [{"value": value, "field": "messages"}]}],
        }
        raw = json.dumps(body, ensure_ascii=False).encode()
        signature = "sha256=" + hmac.digest(self._line.signing.encode(), raw, "sha256").hex()
        return post(PATH, raw, {"X-Hub-Signature-256": signature, "User-Agent": "facebookexternalua"})


async def _round(server: Server, writer: Writer) -> Figures:
    """About SECONDS of load; the next round is sized by this one."""
    requests = writer.requests(server.fill)
    before = cpu_seconds(server.process.pid)
    took, load = await drive(server.port, requests, connections=CONNECTIONS)
    cpu = cpu_seconds(server.process.pid) - before
    if took < SECONDS / 2:
        server.fill = int(server.fill * min(SECONDS / took, 10))
    return {
        "rps": len(requests) / took,
        "cpu": max(cpu, 0.01) / len(requests) * 1e6,
        "p50": percentile(load.seconds, 0.5) * 1e3,
        "p99": percentile(load.seconds, 0.99) * 1e3,
    }


async def _alone(server: Server, writer: Writer, *, new: bool) -> Figures:
    """Over one connection: nobody shares a commit, and each pays for all that it needs."""
    _, load = await drive(server.port, writer.requests(ALONE, new=new), connections=1)
    return {"p50": percentile(load.seconds, 0.5) * 1e3}


@asynccontextmanager
async def _server(side: str, where: Place) -> AsyncIterator[Server]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench.serving",
        side,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None, "asked for above"
    assert process.stdout is not None, "asked for above"
    try:
        process.stdin.write(msgspec.json.encode(Told(where.urls.app, where.line.signing)) + b"\n")
        yield Server(process, int(await process.stdout.readline()))
    finally:
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 15)
        except TimeoutError:
            process.kill()
            await process.wait()


async def _make_tables(where: Place) -> None:
    connection = await asyncpg.connect(where.urls.owner)
    try:
        await connection.execute(TABLES)
    finally:
        await connection.close()


async def _analyze(where: Place) -> None:
    """What the database does by itself within a minute of work: it learns how large the tables are."""
    connection = await asyncpg.connect(where.urls.admin)
    try:
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


async def _check(where: Place, writer: Writer) -> None:
    """What was acknowledged must be there, or the figures mean nothing."""
    connection = await asyncpg.connect(where.urls.admin)
    try:
        inbox, messages, conversations, turns = await connection.fetchrow(
            "SELECT (SELECT count(*) FROM inbox), (SELECT count(*) FROM message),"
            " (SELECT count(*) FROM conversation), (SELECT count(*) FROM job WHERE kind = 'turn')"
        ) or (0, 0, 0, 0)
    finally:
        await connection.close()
    if not (inbox == messages > 0 and conversations == turns == writer.contacts):
        raise RuntimeError(f"stored: {inbox} in the inbox, {messages} messages, {conversations} conversations, {turns}")
