"""`atende quarantine`: lists callbacks that were acknowledged but could not be processed."""

import json

import asyncpg

from atende.main.commands.installation import installation
from atende.main.providers.container import Pool
from atende.main.settings import Settings

_ITEMS = "SELECT source, account, external_id, reason, body, received_at FROM quarantined_items($1)"


async def show_quarantine(settings: Settings, *, as_json: bool, limit: int) -> None:
    """Newest first, from the configured database or the kept embedded one."""
    async with installation(settings) as container:
        pool = await container.get(Pool)
        items = await pool.fetch(_ITEMS, limit)
    for item in items:
        print(_as_json(item) if as_json else _as_text(item))
    if not items and not as_json:
        print("nothing is in quarantine")


def _as_json(item: asyncpg.Record) -> str:
    shown = {name: item[name] for name in ("source", "account", "external_id", "reason")}
    body = item["body"].decode("utf-8", "replace")
    return json.dumps(shown | {"received_at": item["received_at"].isoformat(), "body": body}, ensure_ascii=False)


def _as_text(item: asyncpg.Record) -> str:
    body = " ".join(item["body"].decode("utf-8", "replace").split())
    return f"{item['received_at']:%Y-%m-%d %H:%M:%S}  {item['source']} {item['account']}  {item['reason']}\n    {body[:300]}"
