"""A vendor that nobody has: what a new channel takes, in one file. Callbacks are JSON with the secret in a header."""

from dataclasses import dataclass
from hmac import compare_digest
from pathlib import Path
from typing import Any

import httpx
import msgspec

from atende.core.conversation.channel import (
    ChannelAccount,
    ChannelCheck,
    ChannelTraits,
    Connection,
    InboundMessage,
    Outgoing,
)
from atende.fakes.accounts import ProviderAccount
from atende.fakes.channel_provider import FakeChannelProvider
from atende.fakes.loopback_server import Reply, Request, json_reply
from atende.fakes.provider import Sent, Written
from atende.inbound.http.webhooks.content import Content, NotAssigned, ProvenAccounts, quarantined
from atende.inbound.http.webhooks.endpoint import Callback, Endpoint
from atende.main.providers.channels.vendor import ChannelVendor, ClosingChannel
from atende.main.settings import Settings

KIND = "pager"


@dataclass(frozen=True, slots=True, kw_only=True)
class PagerSettings:
    base_url: str = ""


class PagerChannel(ClosingChannel):
    def __init__(self, base_url: str) -> None:
        self._client = httpx.AsyncClient(base_url=base_url, trust_env=False)

    async def send(self, account: ChannelAccount, message: Outgoing) -> str:
        body = {"from": account.external_id, "to": message.to, "text": message.text}
        answer = await self._client.post("/pages", json=body, headers={"X-Pager": account.secrets.access})
        return str(answer.raise_for_status().json()["id"])

    async def find(self, account: ChannelAccount, message: Outgoing) -> str | None:
        return None

    async def check(self, account: ChannelAccount) -> ChannelCheck:
        return ChannelCheck(connection=Connection.CONNECTED)

    async def close(self) -> None:
        await self._client.aclose()


class FakePager(FakeChannelProvider):
    name = "pager"
    window = False

    async def customers_write(self, *written: Written) -> list[str]:
        raise AssertionError("the test writes by itself")

    def add_account(self, account: ProviderAccount) -> None:
        self.account = account

    def call_back(self, base_url: str, *, secret: str = "") -> None:
        self.callback_url = f"{base_url}/pager/webhook"

    def set_up(self, body: bytes) -> None: ...

    async def handle(self, request: Request) -> Reply:
        body = msgspec.json.decode(request.body)
        made = Sent(id=f"page-{len(self.sent)}", number=body["from"], to=body["to"], text=body["text"], at=self.clock())
        self.sent.append(made)
        return json_reply({"id": made.id})

    def refusal(self, status: int, code: int | str | None) -> Reply:
        return json_reply({}, status)


def _body(callback: Callback) -> dict[str, Any]:
    if "body" not in callback.decoded:
        callback.decoded["body"] = msgspec.json.decode(callback.raw)
    found: dict[str, Any] = callback.decoded["body"]
    return found


def _parse(callback: Callback, accounts: ProvenAccounts) -> list[Content]:
    page = _body(callback)
    try:
        account_id = accounts.id_of(KIND, page["to"])
    except NotAssigned as error:
        return [quarantined(KIND, page["to"], callback.raw, str(error))]
    return [InboundMessage(account_id=account_id, external_id=page["id"], address=page["from"], text=page["text"])]


def _endpoints(settings: Settings) -> list[Endpoint]:
    return [
        Endpoint(
            path="/pager/webhook",
            kinds=(KIND,),
            names=lambda callback: [_body(callback)["to"]],
            verify=lambda callback, secret: compare_digest(callback.header(b"x-pager") or "", secret),
            parse=_parse,
        )
    ]


def _fake(*, seed: int, log_file: Path | None) -> FakeChannelProvider:
    return FakePager(seed=seed, log_file=log_file)


PAGER = ChannelVendor(
    name="pager",
    kinds={KIND: ChannelTraits(longest=80)},
    settings=PagerSettings,
    sender=lambda settings: PagerChannel(settings.channel(PagerSettings).base_url),
    endpoints=_endpoints,
    fake=_fake,
    at_fake=lambda settings, url: settings.with_channel(PagerSettings(base_url=url)),
    is_fake=lambda settings: True,
    address=lambda settings: "the pager",
    demo_account=lambda digits: ProviderAccount(
        kind=KIND, external_id=digits, address=digits, provider_account="pager", signing="signing", access="access"
    ),
    summary=lambda one: f"pager {one.external_id}",
)
