"""The product in this process, on a test's own database, without fakes: for tests that speak HTTP to it."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
from dishka import AsyncContainer

from atende.main.processes.web import make_web
from atende.main.providers.channels import CHANNELS
from atende.main.providers.channels.vendor import Vendors
from atende.main.providers.configuration import read_settings
from atende.main.providers.container import make_container
from atende.main.seeding import Tenant, seed_tenant
from atende.main.settings import Settings
from atende.outbound.postgres.embedded.launcher import Urls

PUBLIC = "https://atende.example"


@dataclass(frozen=True, slots=True)
class Product:
    container: AsyncContainer
    http: httpx.AsyncClient
    admin: "asyncpg.Pool[asyncpg.Record]"
    """Sees every row: the oracle, never a way in."""
    settings: Settings

    async def tenant(self, name: str) -> Tenant:
        return await seed_tenant(
            self.container, name=name, slug=name.lower().replace(" ", "-"), agent="Ana", granted=1000
        )

    async def count(self, table: str) -> int:
        return int(await self.admin.fetchval(f"SELECT count(*) FROM {table}"))


@asynccontextmanager
async def product(
    database: Urls, folder: Any, *, channels: Vendors = CHANNELS, channel_settings: Sequence[object] = (), **given: Any
) -> AsyncIterator[Product]:
    settings = read_settings(
        {},
        app_env="test",
        database_url=database.app,
        listen_database_url=database.app,
        encryption_key="ab" * 32,
        public_url=PUBLIC,
        data_dir=folder,
        **given,
    )
    for group in channel_settings:
        settings = settings.with_channel(group)
    container = make_container(settings, channels=channels)
    try:
        app = await make_web(container, settings, channels=channels)
        transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
        async with (
            httpx.AsyncClient(transport=transport, base_url=PUBLIC) as http,
            asyncpg.create_pool(database.admin, min_size=1, max_size=2) as admin,
        ):
            yield Product(container, http, admin, settings)
    finally:
        await container.close()


def text_message(
    text: str, *, sender: str = "5511987654321", wamid: str | None = None, at: int = 1_790_000_000
) -> dict[str, Any]:
    return {
        "from": sender,
        "id": wamid or f"wamid.{uuid4().hex}",
        "timestamp": str(at),
        "type": "text",
        "text": {"body": text},
    }


def whatsapp_body(number: str, *messages: Any, statuses: tuple[Any, ...] = (), business: str = "200") -> dict[str, Any]:
    value: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "5511", "phone_number_id": number},
        "contacts": [{"profile": {"name": "Marina"}, "wa_id": "5511987654321"}],
    }
    if messages:
        value["messages"] = list(messages)
    if statuses:
        value["statuses"] = list(statuses)
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": business, "changes": [{"field": "messages", "value": value}]}],
    }


def signed(body: Any, secret: str) -> tuple[bytes, dict[str, str]]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    signature = "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    return raw, {"X-Hub-Signature-256": signature, "Content-Type": "application/json"}


def twilio_form(
    tenant: Tenant, text: str, *, sender: str = "+5511987654321", sid: str | None = None, **more: str
) -> dict[str, str]:
    line = tenant.channel("sms")
    form = {
        "MessageSid": sid or f"SM{uuid4().hex}",
        "AccountSid": line.provider_account,
        "From": sender,
        "To": line.address,
        "Body": text,
        "NumMedia": "0",
    }
    return form | more


def twilio_signature(url: str, form: Mapping[str, str], token: str) -> str:
    """By Twilio's own library: the oracle."""
    from twilio.request_validator import RequestValidator

    made: str = RequestValidator(token).compute_signature(url, dict(form))
    return made
